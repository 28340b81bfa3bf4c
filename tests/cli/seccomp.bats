#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The system-call policies and what may be changed of them.
# bats file_tags=seccomp
# shellcheck disable=SC2016,SC2154,SC2030,SC2031 # what stands in single quotes is meant for the shell inside

load common

@test "off: no filter, and the report says so" {
    facts --seccomp off
    equal 0 "$(fact .seccomp)"
    equal 1 "$(fact .no_new_privs)"
    equal '["0000000000000000"]' "$(fact '[.caps[]] | unique')"
    sbx run --seccomp off --report report.json -- true
    like "$(jq -r '.degraded[]' report.json)" 'seccomp|system-call'
    sbx run --report report.json -- true
    unlike "$(jq -r '.degraded[]' report.json)" 'seccomp|system-call'
    permits --seccomp off -- keyctl
}

@test "default and strict have a filter" {
    facts
    equal 2 "$(fact .seccomp)"
    facts --seccomp default
    equal 2 "$(fact .seccomp)"
    facts --seccomp strict
    equal 2 "$(fact .seccomp)"
}

@test "strict runs what computes, reads and writes files" {
    run -0 sbx run --seccomp strict -- sh -c 'echo $((6 * 7)); sort /etc/passwd | head -n 1 >/dev/null; ls / >/dev/null'
    equal 42 "$output"
    head -c 5M /dev/urandom >data
    equal "$(sha256sum data)" "$(sbx run --seccomp strict -- sha256sum data)"
    run -0 sbx run --seccomp strict --rw . -- sh -c 'mkdir d && echo x >d/f && mv d/f d/g && rm -r d'
}

@test "strict is smaller than default" {
    permits -- ptrace-child
    refuses --seccomp strict -- ptrace-child
    permits -- socket 2 1
    refuses --seccomp strict -- socket 2 1
}

@test "--allow-syscall allows one more" {
    refuses -- syscall keyctl
    permits --allow-syscall keyctl -- keyctl
    refuses --allow-syscall keyctl -- syscall bpf
}

@test "--deny-syscall refuses one" {
    run -0 sbx run -- uname -s
    run sbx run --deny-syscall uname -- uname -s
    ((status != 0 && status != 125))
    permits -- syscall getpid
    refuses --deny-syscall getpid -- syscall getpid
    like "$output" EPERM
}

@test "of allow and deny for one call the later decides" {
    permits --deny-syscall keyctl --allow-syscall keyctl -- keyctl
    refuses --allow-syscall keyctl --deny-syscall keyctl -- keyctl
}

@test "an unknown name: 125, named" {
    sbx_fails 'no_such_call' '--allow-syscall' -- run --allow-syscall no_such_call -- true
    sbx_fails 'no_such_call' '--deny-syscall' -- run --deny-syscall no_such_call -- true
}

@test "denying what the start itself needs doesn't end in a run with less isolation" {
    run sbx run --deny-syscall execve -- true
    ((status != 0))
    run sbx run --deny-syscall exit_group -- sh -c 'exit 0'
    true
}

# --- what people run ----------------------------------------------------------------------------

works() { # PROGRAM EXPECTED COMMAND...
    local program=$1 expected=$2

    shift 2
    command -v "$program" >/dev/null || skip "$program isn't installed"
    run -0 --separate-stderr sbx run --rw . -- "$@"
    equal "$expected" "$output"
}

@test "gcc and make" {
    printf 'int main(void) { return 7; }\n' >main.c
    printf 'all: main\n\t./main || echo made $$?\n' >Makefile
    works make "made 7" make -s all
}

@test "python: threads, subprocess, sockets, multiprocessing" {
    PATH=/usr/bin:$PATH
    works python3 "4 hi 9" python3 -c '
import subprocess, threading, multiprocessing, socket
a, b = socket.socketpair()
results = []
t = threading.Thread(target=lambda: results.append(2 + 2)); t.start(); t.join()
out = subprocess.run(["echo", "hi"], capture_output=True, text=True).stdout.strip()
with multiprocessing.Pool(2) as pool:
    square = pool.map(abs, [-9])[0]
print(results[0], out, square)'
}

@test "node" {
    works node "6 ok" node -e '
const { Worker } = require("worker_threads");
const fs = require("fs");
fs.writeFileSync("file", "ok");
const w = new Worker("require(\"worker_threads\").parentPort.postMessage(1 + 2 + 3)", { eval: true });
w.on("message", m => console.log(m, fs.readFileSync("file", "utf8")));'
}

@test "java" {
    printf 'public class Main { public static void main(String[] a) { System.out.println("java " + (1 + 2)); } }\n' >Main.java
    works javac "java 3" sh -c 'javac Main.java && java Main'
}

@test "go" {
    printf 'package main\nfunc main() { println("go") }\n' >main.go
    works go "" sh -c 'GOCACHE=/tmp/c GOFLAGS=-mod=mod go run main.go 2>/dev/null'
}

@test "git: init, commit, gc" {
    works git "1" sh -c 'git init -q r && cd r && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x && git gc -q && git rev-list --count HEAD'
}

@test "strace and gdb: tracing one's own" {
    works strace "traced" sh -c 'strace -o /tmp/log true && grep -q execve /tmp/log && echo traced'
}

@test "sanitizers: a leak is found, and the program ends as it should" {
    printf '#include <stdlib.h>\nint main(void) { void *volatile p = malloc(10); p = 0; return p != 0; }\n' >leak.c
    command -v gcc >/dev/null || skip "no gcc"
    gcc -fsanitize=address leak.c -o leak 2>/dev/null || skip "no sanitizer library"
    run ./leak
    [[ $output == *"detected memory leaks"* ]] || skip "the leak checker doesn't work here"
    run sbx run -- ./leak
    like "$output" 'detected memory leaks'
}

@test "sqlite, tar, gzip, xz, perl, openssl" {
    command -v perl tar gzip xz >/dev/null || skip "not installed"
    run -0 sbx run --rw . -- sh -c 'perl -e "print 1+1" && tar c /etc/passwd 2>/dev/null | gzip | gunzip | tar t && echo x | xz | unxz'
    equal "2etc/passwd x" "$(xargs <<<"$output")"
}
