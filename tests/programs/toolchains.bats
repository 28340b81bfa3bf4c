#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Compilers, build systems, debuggers and interpreters: each does its work under the profile of its
# name.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # quotes for scripts inside; what run sets

load dev

hello() {
    printf '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' >hello.c
}

# --- compilers and build systems ------------------------------------------------------------

@test "gcc and g++ compile; a source can't include a secret" {
    need gcc g++
    hello
    works gcc gcc -O1 -o hello hello.c
    equal hello "$(./hello)"
    printf '#include <iostream>\nint main() { std::cout << "hi" << std::endl; }\n' >hi.cpp
    works gcc g++ -o hi hi.cpp
    equal hi "$(./hi)"
    printf 'char key[] =\n#include "%s"\n;\n' "$HOME/.ssh/id_test" >leak.c
    run ! sbx run -- gcc -E leak.c
    unlike "$output" the-secret-key
    run -0 gcc -E leak.c
    like "$output" the-secret-key
    leaves_nothing "$T/o/hello" gcc -o "$T/o/hello" hello.c
    bounds gcc rw no-net
}

@test "make runs a Makefile, which reaches nothing else" {
    need make gcc
    hello
    cat >Makefile <<EOF
hello: hello.c ; gcc -o \$@ \$<
leak: ; cat $HOME/.ssh/id_test
out: ; touch $T/o/made
EOF
    works make make -j2 hello
    equal hello "$(./hello)"
    run ! sbx run -- make leak
    unlike "$output" '^the-secret-key'
    leaves_nothing "$T/o/made" make out
    run -0 make leak
    like "$output" '^the-secret-key'
    bounds make rw no-net
}

@test "cmake and ninja build a project" {
    need cmake ninja gcc
    hello
    printf 'cmake_minimum_required(VERSION 3.13)\nproject(hello C)\nadd_executable(hello hello.c)\n' >CMakeLists.txt
    works cmake cmake -G Ninja -S . -B build
    works ninja ninja -C build
    equal hello "$(build/hello)"
    printf 'file(READ %s key)\nmessage("${key}")\n' "$HOME/.ssh/id_test" >leak.cmake
    run ! sbx run -- cmake -P leak.cmake
    unlike "$output" the-secret-key
    run -0 cmake -P leak.cmake
    like "$output" the-secret-key
    bounds cmake rw no-net
    bounds ninja rw no-net
}

@test "meson sets a project up" {
    need meson ninja gcc
    hello
    printf "project('hello', 'c')\nexecutable('hello', 'hello.c')\n" >meson.build
    works meson meson setup build
    works ninja ninja -C build
    equal hello "$(build/hello)"
    bounds meson rw no-net
}

# --- debuggers ------------------------------------------------------------------------------

@test "gdb stops a program and looks into it, and does not attach to one outside" {
    need gdb gcc
    hello
    gcc -g -o hello hello.c
    works gdb gdb -q -batch -ex 'break main' -ex run -ex 'info frame' -ex continue ./hello
    like "$output" 'Breakpoint 1, main' 'hello'
    background sleep 60
    run sbx run -- gdb -q -batch -p "$!"
    like "$output" 'ptrace: No such process'
    bounds gdb ro no-net
}

@test "strace says what a program asks of the kernel" {
    need strace
    works strace strace -f -e trace=openat head -c 1 "$T/w/probe"
    like "$output" 'openat\('
    leaves_nothing "$T/o/trace" strace -o "$T/o/trace" true
    bounds strace ro no-net
}

@test "valgrind finds a fault" {
    need valgrind gcc
    printf '#include <stdlib.h>\nint main(void) { volatile int *p = malloc(4); return p[1] == 1 ? 2 : 3; }\n' >bad.c
    gcc -g -o bad bad.c
    run -9 sbx run --report "$REPORT" -- valgrind -q --error-exitcode=9 ./bad
    chosen valgrind
    like "$output" 'Invalid read of size 4'
    bounds valgrind rw no-net
}

# --- interpreters ---------------------------------------------------------------------------

# script PROFILE COMMAND FILE: it prints 42 and what it can read of the file that it gets
script() {
    works "$1" "$2" "$3" input
    equal 42 "$output"
    run ! sbx run -- "$2" "$3" "$HOME/.ssh/id_test"
    unlike "$output" the-secret-key
    run "$2" "$3" "$HOME/.ssh/id_test"
    like "$output" the-secret-key
    bounds "$1" ro no-net
}

@test "python3 runs a script, with modules, threads and processes" {
    need python3
    echo 42 >input
    cat >s.py <<'EOF'
import json, multiprocessing, sqlite3, sys, tempfile, threading
def twice(n): return 2 * n
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool: assert pool.map(twice, [1, 2]) == [2, 4]
    threading.Thread(target=twice, args=(1,)).start()
    tempfile.TemporaryFile().write(b"x")
    print(open(sys.argv[1]).read().strip())
EOF
    script python3 python3 s.py
}

@test "perl runs a script" {
    need perl
    echo 42 >input
    echo 'use POSIX; open(my $f, "<", $ARGV[0]) or die $!; print <$f>;' >s.pl
    script perl perl s.pl
}

@test "ruby runs a script" {
    need ruby
    echo 42 >input
    echo 'require "json"; puts JSON.parse([File.read(ARGV[0]).strip].to_json)[0]' >s.rb
    script ruby ruby s.rb
}

@test "php runs a script" {
    need php
    echo 42 >input
    echo '<?php $t = file_get_contents($argv[1]); if ($t === false) exit(1); echo $t;' >s.php
    script php php s.php
}

@test "lua runs a script" {
    need lua5.4
    echo 42 >input
    echo 'io.write(assert(io.open(arg[1])):read("a"))' >s.lua
    script lua lua5.4 s.lua
}

# --- packages -------------------------------------------------------------------------------

@test "pip installs a wheel into the project" {
    need pip python3
    need_scopes
    python3 - <<'EOF'
import zipfile
with zipfile.ZipFile("demo-1.0-py3-none-any.whl", "w") as z:
    z.writestr("demo.py", "answer = 42\n")
    z.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
    z.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    z.writestr("demo-1.0.dist-info/RECORD", "demo.py,,\ndemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/WHEEL,,\ndemo-1.0.dist-info/RECORD,,\n")
EOF
    works pip pip install --no-index --target lib ./demo-1.0-py3-none-any.whl
    equal 42 "$(PYTHONPATH=lib python3 -c 'import demo; print(demo.answer)')"
    leaves_nothing "$T/o/lib" pip install --no-index --target "$T/o/lib" ./demo-1.0-py3-none-any.whl
    bounds pip rw net
}
