#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The main job on real input: foreign source packages, built inside as outside.
#
# Each package is unpacked and built twice at the same path with the same flags, outside and inside.
# Every file that comes of it must be the same, byte for byte; its own tests must pass inside; nothing
# outside the directory may change.
#
# SBX_TEST_CACHE       where the downloaded packages are kept (default: the user's cache)
# bats file_tags=slow
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load ../cli/common

PACKAGES=(lua5.4 zlib sqlite3)

# The machine's own sources, as sources of source packages, in both formats that apt knows.
derive_sources() {
    local file

    mkdir -p "$1/sources.list.d"
    : >"$1/sources.list"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ ! -r $file ]] || sed -nE 's/^[[:space:]]*deb([[:space:]])/deb-src\1/p' "$file" >>"$1/sources.list"
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [[ ! -r $file ]] || sed -E 's/^Types:.*/Types: deb-src/I' "$file" >"$1/sources.list.d/${file##*/}"
    done
}

# fetch DIRECTORY: the packages are in DIRECTORY/packages
fetch() {
    local dir=$1
    local -a options=(
        -o "Dir::Etc::SourceList=$dir/sources.list" -o "Dir::Etc::SourceParts=$dir/sources.list.d"
        -o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir/cache" -o "APT::Sandbox::User="
        -o "Debug::NoLocking=1" -o "Acquire::Retries=2" -o "Acquire::http::Timeout=30"
    )

    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/packages"
    derive_sources "$dir"
    # A source that has no source packages fails; the others are there all the same.
    timeout 300 apt-get "${options[@]}" -qq update || true
    (cd "$dir/packages" && timeout 600 apt-get "${options[@]}" -qq --download-only source "${PACKAGES[@]}")
}

has_packages() {
    local name

    for name in "${PACKAGES[@]}"; do
        compgen -G "$SOURCES/packages/${name}_*.dsc" >/dev/null || return
    done
}

setup_file() {
    export SOURCES=${SBX_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/sbx-tests}/debian-sources

    mkdir -p "$SOURCES" 2>/dev/null || export SOURCES=$BATS_FILE_TMPDIR/debian-sources
    has_packages || fetch "$SOURCES" >"$BATS_FILE_TMPDIR/fetch.log" 2>&1 || true
}

has_sources() { command -v dpkg-source && has_packages; }
has_compiler() { command -v gcc && command -v make; }
has_tcl() { command -v tclsh && compgen -G '/usr/lib/*/tclConfig.sh'; }

# unpack PACKAGE [OPTION...]: into ./build
unpack() {
    local package=$1

    shift
    (shopt -s failglob && dpkg-source -q --no-check "$@" -x "$SOURCES"/packages/"${package}"_*.dsc build)
}

# content DIRECTORY: every name with its type, mode, size, link target and sum
content() {
    (cd "$1" && find . -mindepth 1 -printf '%P\t%y\t%m\t%l\n' | LC_ALL=C sort)
    (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

# The same variables on both sides.
outside() {
    (cd build && env -i HOME="$HOME" PATH="$PATH" LANG=C TERM=dumb USER="$(id -un)" LOGNAME="$(id -un)" SHELL=/bin/sh \
        sh -c "$1") >"$T/outside.log" 2>&1 || fail "outside: $(tail -n 30 "$T/outside.log")"
}

# In a private /tmp, where root can have one: what is left there would be sbx's doing.
watched() {
    if is_root; then
        unshare -m --propagation private sh -euc '
            for d in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o mode=1777 none "$d"; done
            "$@"
            left=$(find /tmp /var/tmp /dev/shm -mindepth 1)
            [ -z "$left" ] || { echo "left behind: $left"; exit 99; }' sh "$@"
    else
        "$@"
    fi
}

# The host's name is in what configure writes.
inside() {
    (cd build && watched env -i HOME="$HOME" PATH="$PATH" LANG=C TERM=dumb USER="$(id -un)" LOGNAME="$(id -un)" SHELL=/bin/sh \
        timeout -k 10 1800 "$T/o/sbx" run --rw . --hostname "$(uname -n)" "${@:2}" -- sh -c "$1") >"$T/inside.log" 2>&1 ||
        fail "inside: $? $(tail -n 30 "$T/inside.log")"
}

# build_both PACKAGE COMMANDS [UNPACK-OPTION...]: afterwards ./build is what was built inside
build_both() {
    local package=$1 commands=$2

    shift 2
    cp "$SBX" "$T/o/sbx"
    echo untouched | tee "$HOME/file" >"$T/o/file"

    unpack "$package" "$@"
    outside "$commands"
    content build >"$T/outside.list"
    rm -rf build

    unpack "$package" "$@"
    touch "$T/marker"
    sleep 0.05
    inside "$commands"
    content build >"$T/inside.list"

    if ! cmp -s "$T/outside.list" "$T/inside.list"; then
        # Is the build itself never twice the same?  Only what differs outside too may differ.
        mv build "$T/inside"
        unpack "$package" "$@"
        outside "$commands"
        content build >"$T/again.list"
        rm -rf build
        mv "$T/inside" build
        only_as_unstable_as_outside
    fi
    nothing_changed_outside
}

# Lines that differ between outside and inside must differ between outside and outside.
only_as_unstable_as_outside() {
    local name

    names_that_differ "$T/outside.list" "$T/again.list" >"$T/unstable"
    names_that_differ "$T/outside.list" "$T/inside.list" >"$T/different"
    while IFS= read -r name; do
        grep -qxF -- "$name" "$T/unstable" || fail "differs inside: $name" "$(diff "$T/outside.list" "$T/inside.list")"
    done <"$T/different"
}

names_that_differ() {
    diff "$1" "$2" | sed -nE 's/^[<>] ([0-9a-f]{64}  \.\/)?//p' | cut -f1 | LC_ALL=C sort -u
}

nothing_changed_outside() {
    local changed

    changed=$(find "$HOME" "$T/o" -newer "$T/marker")
    equal "" "$changed"
    equal untouched "$(cat "$HOME/file")"
    is_root && return
    changed=$(find /tmp /var/tmp /dev/shm -user "$(id -u)" -newer "$T/marker" ! -path "$T*" ! -path '*/bats-run-*' \
        ! -path /tmp ! -path /var/tmp ! -path /dev/shm 2>/dev/null || true)
    equal "" "$changed"
}

setup() {
    common_setup
    skip_unless compiler "gcc or make isn't installed"
    skip_unless sources "the source packages can't be had: $(tail -n 1 "$BATS_FILE_TMPDIR/fetch.log" 2>/dev/null)"
}

@test "lua5.4: the same bytes, and the built lua works" {
    # (Debian's own changes want libtool; the upstream source is built.)
    build_both lua5.4 'make -j2 linux' --skip-patches
    inside 'make test'
    like "$(cat "$T/inside.log")" '^Lua 5\.4'
    cat >build/check.lua <<'END'
local t = {}
for i = 1, 1000 do t[i] = (i * 7919) % 1009 end
table.sort(t)
for i = 2, #t do assert(t[i - 1] <= t[i]) end
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
assert(co() + co() + co() == 6)
assert(("x"):rep(10):gsub("x", "y") == "yyyyyyyyyy")
local name = os.tmpname()
local f = assert(io.open(name, "w")); f:write("line\n"); f:close()
for line in io.lines(name) do assert(line == "line") end
os.remove(name)
assert(io.popen("echo popen"):read("l") == "popen")
assert(load(string.dump(function() return 42 end))() == 42)
assert(not pcall(error, "x"))
print("all fine")
END
    inside 'src/luac -p check.lua && src/lua check.lua'
    like "$(cat "$T/inside.log")" '^all fine$'
    nothing_changed_outside
}

@test "zlib: the same bytes, its tests pass inside" {
    build_both zlib './configure && make -j2'
    inside 'make test'
    like "$(cat "$T/inside.log")" 'zlib test OK' 'zlib shared test OK'
    unlike "$(cat "$T/inside.log")" 'FAILED'
    nothing_changed_outside
}

@test "sqlite3: the same bytes, its quick tests pass inside" {
    local -a options=()

    skip_unless tcl "tcl and its headers aren't installed"
    build_both sqlite3 './configure CFLAGS=-O1 && make -j2 && make testfixture'
    # These tests refuse to run as root; to them it is another user.
    ! is_root || options=(--uid 1000 --gid 1000)
    inside 'make quicktest' "${options[@]}"
    like "$(cat "$T/inside.log")" '^0 errors out of [0-9]+ tests'
    nothing_changed_outside
}
