#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The main job on real input: source packages of Debian, built and tested inside as an ordinary user,
# in the default view with one writable directory.  The same build outside, at the same path and in
# the same environment, must give the same bytes; and nothing else may have changed.
#
# SBX_TEST_CACHE       keeps the sources (default: ~/.cache/sbx-test of the account that builds)
# SBX_TEST_MUST_WORK   with the word "sources": no sources or no tools is a failure, not a skip
#
# Started by root, all of it runs as the account sbx-test, or as nobody.
# bats file_tags=slow
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

caller_home=$HOME

load ../cli/common

# --- the ordinary user ----------------------------------------------------------------------

as_account() {
    if is_root; then
        setpriv --reuid "$account" --regid "$group" --clear-groups -- "$@"
    else
        "$@"
    fi
}

# clean COMMAND...: as that user, in an environment where nothing but these words is set
clean() {
    as_account env -i PATH="$PATH" HOME="$HOME" LC_ALL=C TZ=UTC "$@"
}

choose_account() {
    account=$(id -un) group=$(id -g) account_home=$caller_home
    if is_root; then
        account=nobody
        ! id sbx-test >/dev/null 2>&1 || account=sbx-test
        group=$(id -g "$account")
        account_home=$(getent passwd "$account" | cut -d: -f6)
    fi
}

choose_cache() {
    local base=$account_home/.cache

    is_root || base=${XDG_CACHE_HOME:-$base}
    cache=${SBX_TEST_CACHE:-$base/sbx-test}
    as_account mkdir -p "$cache" 2>/dev/null || cache=$T/cache
}

setup() {
    common_setup
    umask 022
    choose_account
    # The account may be one that can't reach the checkout.
    copy_sbx "$T"
    cp "$BATS_TEST_DIRNAME/fetch-source" "$T/fetch-source"
    ! is_root || chown -R "$account:$group" "$T"
    choose_cache
    # A home with something in it; the source tree is part of a worktree, which the view shows
    # read-only: a place to try to write to.
    clean sh -c 'mkdir -p ~/src/.git && echo private >~/notes && echo shown >~/src/canary'
}

# --- sources and tools ----------------------------------------------------------------------

# have PACKAGE TOOL...: or say why not
have() {
    local package=$1 tool

    shift
    for tool in "$@"; do
        if ! command -v "$tool" >/dev/null; then
            lacking="$tool is missing"
            return
        fi
    done
    lacking=$(clean ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        "$T/fetch-source" "$cache" "$package" 2>&1) || lacking=${lacking:-no sources of $package}
}

has_sources() { [[ -z $lacking ]]; }

# --- what is outside ------------------------------------------------------------------------

# Does nothing else run as that user, but in the session that started this test? Otherwise a change
# outside may not be ours.
is_alone() {
    local session=none

    is_root || session=$(ps -o sid= -p $$ | tr -d ' ')
    ! ps -o sid= -u "$account" | tr -d ' ' | grep -qvx "$session"
}

# listing EXCEPT: all that belongs to this test but that directory, and, where it can be told whose
# doing a change is, all else that the user has in its home and in the common places
listing() {
    local format='%p %y %m %U:%G %s %T@ %C@ %l\n'

    {
        find "$T" -path "$1" -prune -o -printf "$format"
        [[ $alone != yes ]] ||
            find "$account_home" /tmp /var/tmp /dev/shm "/run/user/$(id -u "$account")" -xdev \
                \( -path "$T" -o -path "$BATS_RUN_TMPDIR" \) -prune -o \
                -user "$account" -printf "$format" 2>/dev/null
    } | sort
}

# What is tried from the source tree, before and after the build. Each is possible outside.
tries='
try() {
    if sh -c "$1"; then echo "possible: $1"; else echo "refused: $1"; fi
}
tries() {
    echo "interfaces:" $(cut -s -d : -f 1 /proc/net/dev)
    try "grep -q shown ../canary"
    try "echo more >>../canary"
    try "mkdir ../new && rmdir ../new"
    try "mv ../canary ../gone && mv ../gone ../canary"
    try "grep -q private ~/notes"
}
'

outside_control() {
    run -0 clean sh -c "$tries tries"
    unlike "$output" '^refused:'
    equal 5 "$(grep -c '^possible:' <<<"$output")"
}

# check_tries LOG: inside, twice
check_tries() {
    local log

    log=$(grep -E '^(interfaces|possible|refused):' "$1" | sort | uniq -c | sed 's/^ *//')
    equal "2 interfaces: lo
2 possible: grep -q shown ../canary
2 refused: echo more >>../canary
2 refused: grep -q private ~/notes
2 refused: mkdir ../new && rmdir ../new
2 refused: mv ../canary ../gone && mv ../gone ../canary" "$log"
    # Refused because of the mount, not because of anything else.
    equal 6 "$(grep -c 'Read-only file system' "$1")"
}

# --- results --------------------------------------------------------------------------------

# manifest DIR: names, types, modes and link targets; sums of the files but the volatile ones
manifest() {
    (
        cd "$1" || exit
        [[ -z $normalise ]] || clean sh -c "$normalise" || exit
        find . -printf '%p %y %m %l\n'
        find . -type f -print0 | xargs -0 sha256sum
    ) | grep -vE "^[0-9a-f]{64}  \./($volatile)\$" | sort
}

# passed LOG STATUS: or the end of the log
passed() {
    [[ $2 == 0 ]] || fail "exit code $2" "$(tail -n 40 "$1")"
}

# main_job PACKAGE BUILD TEST: sets $log to what was printed inside. And of the package:
#   products   files that the build has to make
#   normalise  a command that takes out of a result what differs in any two builds
#   volatile   results in which all that would be too much (an extended regular expression)
#   leftover   what the tests add (likewise)
main_job() {
    local package=$1 build=$2 test=$3 tree=$HOME/src/$1 product status began outside_time alone=no
    local dir=$BATS_TEST_TMPDIR

    log=$dir/inside.log
    clean dpkg-source -q --skip-patches -x "$cache/$package"/*.dsc "$T/pristine" >"$dir/unpack.log" 2>&1 ||
        passed "$dir/unpack.log" $?

    # Outside: the tries, and the build.
    clean cp -a "$T/pristine" "$tree"
    cd "$tree" || return
    outside_control
    clean sh -c 'echo shown >../canary'
    began=$SECONDS status=0
    clean sh -c "$build" >"$dir/outside.log" 2>&1 </dev/null || status=$?
    passed "$dir/outside.log" "$status"
    outside_time=$((SECONDS - began))
    cd "$T" || return
    mv "$tree" "$T/outside"
    for product in $products; do
        [[ -s $T/outside/$product && ! -e $T/pristine/$product ]] ||
            fail "the build outside made no $product"
    done

    # Inside: the same at the same path, then the package's own tests.
    clean cp -a "$T/pristine" "$tree"
    cd "$tree" || return
    ! is_alone || alone=yes
    listing "$tree" >"$dir/before"
    began=$SECONDS status=0
    clean timeout -k 10 3600 "$T/sbx" run --rw . -- \
        sh -c "$tries tries; { $build; } && { $test; } && tries" >"$log" 2>&1 </dev/null || status=$?
    listing "$tree" >"$dir/after"
    echo "# $package: $outside_time s for the build outside," \
        "$((SECONDS - began)) s for build and tests inside" >&3
    [[ $alone == yes ]] ||
        echo "# $package: $account runs other programs: its files elsewhere aren't compared" >&3
    passed "$log" "$status"
    check_tries "$log"

    diff "$dir/before" "$dir/after" >"$dir/changed" ||
        fail "changed outside:" "$(head -n 40 "$dir/changed")"
    manifest "$T/outside" >"$dir/expected"
    manifest "$tree" >"$dir/got"
    # Not one line of the build outside is missing; what is more is the tests'.
    run -0 comm -23 "$dir/expected" "$dir/got"
    equal "" "$output"
    run -0 comm -13 "$dir/expected" "$dir/got"
    output=$(grep -vE "(^|^[0-9a-f]{64}  )\./($leftover)( |\$)" <<<"$output" || true)
    equal "" "$output"
}

# --- the packages ---------------------------------------------------------------------------

# All as upstream made them (no patches of Debian's, whose lua wants libtool and readline).

lua_check='
local t, name, sum = {}, os.tmpname(), 0
for i = 1, 1000 do t[i] = (i * 7919) % 1009 end
table.sort(t)
for i = 2, #t do assert(t[i - 1] <= t[i]) end
for i in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) do sum = sum + i end
assert(sum == 6)
local f = assert(io.open(name, "w")); f:write("line\n"); f:close()
for line in io.lines(name) do assert(line == "line") end
assert(os.remove(name))
assert(io.popen("echo popen"):read("l") == "popen")
assert(load(string.dump(function() return 42 end))() == 42)
assert(not pcall(error, "x"))
print("all fine")
'

@test "lua5.4: a plain Makefile" {
    have lua5.4 gcc make dpkg-source
    skip_unless sources "$lacking"
    products='src/lua src/luac src/liblua.a' normalise='' volatile='' leftover=''
    # Its `make test` starts the interpreter, no more: so let compiler and interpreter work too.
    main_job lua5.4 'make -j2 linux' "make test && printf %s '$lua_check' | src/luac -s -o - - | src/lua -"
    like "$(<"$log")" '^Lua 5\.4' '^all fine$'
}

@test "zlib: configure, static and shared library" {
    have zlib gcc make dpkg-source
    skip_unless sources "$lacking"
    products='libz.a libz.so minigzip64' volatile='' leftover=''
    # The date, and the names of temporary files.
    normalise='sed -i -E "3s/.*/date/; s/ztest[0-9]+/ztest/g" configure.log'
    main_job zlib './configure && make -j2' 'make test'
    like "$(<"$log")" '\*\*\* zlib test OK' '\*\*\* zlib shared test OK' '\*\*\* zlib 64-bit test OK'
}

# Of its test targets: `sourcetest` (the amalgamation's rules), `fuzztest` (46,000 recorded inputs) and
# `quicktest` (800 Tcl scripts with what a database asks of a system: locks, shared memory, crashes,
# many processes), two minutes together; `test` and `fulltest` are quicktest again, for much longer.
# Outside, quicktest leaves ~/.sqlite_history behind; inside, it goes with the private home.
# -O1 and no shared library, because the amalgamation is compiled four times as it is.
@test "sqlite3: configure, libtool, tools that make its sources, fuzz and Tcl tests" {
    have sqlite3 gcc make dpkg-source tclsh
    [[ -n $lacking ]] || compgen -G '/usr/lib/*tclConfig.sh' >/dev/null ||
        compgen -G '/usr/lib/*/tcl*/tclConfig.sh' >/dev/null || lacking='tcl-dev is missing'
    skip_unless sources "$lacking"
    products='sqlite3 sqlite3.c sqlite3.o testfixture fuzzcheck sessionfuzz srcck1'
    # A comment with the host's name (which is "sbx" inside); a log with that, dates and process ids.
    normalise='sed -i "s/^# Libtool was configured on host .*/# Libtool/" libtool'
    volatile='config\.log' leftover='test-out\.txt|testdir(/.*)?'
    main_job sqlite3 './configure --disable-shared CFLAGS=-O1 && make -j2 &&
        make -j2 testfixture fuzzcheck sessionfuzz srcck1' 'make sourcetest fuzztest quicktest'
    like "$(<"$log")" '^fuzzcheck: 0 errors out of [0-9]{4,} tests' ' cases, 0 crashes' \
        '^0 errors out of [0-9]{5,} tests'
}
