# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the black-box tests share.
#
# Every test has its own tree, $T, at a place that the default view shows:
#   $T/home  the caller's home       $T/w  the working directory, with a copy of the probe
#   $T/o     something outside both
#
# SBX, PROBE           the programs under test (default: build/release/)
# SBX_TEST_DIR         where the trees are made
# SBX_TEST_MUST_WORK   comma list of features: what lacks one of them fails instead of being skipped
# SBX_TEST_SLOW        how many times as long everything takes here (an emulated processor: 10): the
#                      tests' own time limits are so much longer

bats_require_minimum_version 1.5.0

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SBX=${SBX:-$REPO/build/release/sbx}
PROBE=${PROBE:-$REPO/build/release/probe}
SBX_TEST_SLOW=${SBX_TEST_SLOW:-1}
export SBX PROBE SBX_TEST_SLOW

# --- the tree of a test ---------------------------------------------------------------------

test_base() {
    local dir
    local -a choices=("${SBX_TEST_DIR:-}")

    is_root && choices+=(/srv)
    for dir in "${choices[@]}" "${HOME:-}" /var/tmp; do
        if [[ -n $dir && -d $dir && -w $dir && $dir != / ]]; then
            (cd "$dir" && pwd -P)
            return
        fi
    done
    echo /tmp
}

common_setup() {
    [[ -x $SBX ]] || fail "no program to test: $SBX (set SBX)"
    [[ -x $PROBE ]] || fail "no probe: $PROBE (set PROBE)"
    T=$(mktemp -d "$(test_base)/sbx-test.XXXXXXXX")
    chmod 755 "$T"
    mkdir "$T/home" "$T/w" "$T/o"
    cp "$PROBE" "$T/w/probe"
    export T HOME=$T/home
    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    BACKGROUND=()
    cd "$T/w" || return
}

# copy_sbx DIRECTORY: the program and the one that it goes on as, where there are two
copy_sbx() {
    cp "$SBX" "$1/sbx"
    [[ ! -e $SBX-full ]] || cp "$SBX-full" "$1/sbx-full"
}

# end_tree PID: end a process that we started, with all that it started
end_tree() {
    local child

    for child in $(ps -o pid= --ppid "$1"); do
        end_tree "$child"
    done
    kill -9 "$1" 2>/dev/null || true
}

common_teardown() {
    local pid

    for pid in "${BACKGROUND[@]}"; do
        end_tree "$pid"
        wait "$pid" 2>/dev/null || true
    done
    # What a failed test left behind, by its tokens.
    for pid in $(marked "sbx-test-$$-${BATS_TEST_NUMBER:-0}-*"); do
        kill -9 "$pid" 2>/dev/null || true
    done
    cd /
    [[ -z ${T:-} ]] || rm -rf "$T"
}

setup() {
    common_setup
}

teardown() {
    common_teardown
}

# --- saying no ------------------------------------------------------------------------------

fail() {
    printf '%s\n' "$@" >&2
    return 1
}

# equal EXPECTED GOT
equal() {
    [[ $1 == "$2" ]] || fail "expected: $1" "got:      $2"
}

# like TEXT PATTERN...: each extended regular expression is found in the text
like() {
    local text=$1 pattern

    shift
    for pattern in "$@"; do
        grep -qE -- "$pattern" <<<"$text" ||
            fail "not found: $pattern" "in: $text" || return
    done
}

# unlike TEXT PATTERN...: none of them is
unlike() {
    local text=$1 pattern

    shift
    for pattern in "$@"; do
        ! grep -qE -- "$pattern" <<<"$text" ||
            fail "found: $pattern" "in: $text" || return
    done
}

# --- what this machine can do ---------------------------------------------------------------

is_root() {
    [[ $(id -u) == 0 ]]
}

has_root() { is_root && unshare -m true; }
has_userns() { unshare -Ur true; }
has_mountns() { in_mount_ns true; }
has_tmux() { command -v tmux && [[ -c /dev/ptmx ]]; }
has_vim() { command -v vim; }
has_git() { command -v git; }
has_landlock() {
    [[ $("$PROBE" landlock-abi) -ge 1 ]]
}
has_abstract_scope() { # Landlock ABI 6: the version is what the call returns
    [[ $("$PROBE" landlock-abi) -ge 6 ]]
}
has_tiocsti() { "$PROBE" pty "$PROBE" try tiocsti; }
has_ipv6() { "$PROBE" try loopback6; }
has_int80() { "$PROBE" try int80; }
has_x32() { "$PROBE" try x32; }
has_keyring() { "$PROBE" with-key sbx-test-feature true; }
has_sysvipc() { [[ -e /proc/sysvipc/shm ]]; }
has_binfmt() { has_root && unshare -m sh -c 'mount -t binfmt_misc x /proc/sys/fs/binfmt_misc'; }

# skip_unless FEATURE REASON
skip_unless() {
    "has_$1" >/dev/null 2>&1 && return
    case ",${SBX_TEST_MUST_WORK:-}," in
    *",$1,"*) fail "must work here, but doesn't: $1 ($2)" ;;
    *) skip "$2" ;;
    esac
}

need_root() {
    skip_unless root "${1:-only root can set this up}"
}

need_user() {
    ! is_root || skip "${1:-this is about an ordinary user}"
}

# An ordinary user has nothing outside the home but /tmp and its like, and all these are private
# inside.  Where a test needs a place that the default view shows, SBX_TEST_DIR has to name one.
has_outside() {
    local home place

    home=$(getent passwd "$(id -u)" | cut -d: -f6)
    for place in "$home" /tmp /var/tmp /run /dev/shm; do
        [[ $place == / || $T/ != "$(readlink -m -- "$place")"/* ]] || return
    done
}

need_outside() {
    skip_unless outside "$T is in a place that is private inside; set SBX_TEST_DIR to another"
}

# in_mount_ns COMMAND...: in a mount namespace of our own, with the right to mount
in_mount_ns() {
    if is_root; then
        unshare -m --propagation private -- "$@"
    else
        unshare -Urm --propagation private -- "$@"
    fi
}

# as_nobody COMMAND...: root gives itself up
as_nobody() {
    setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
}

# --- running sbx ----------------------------------------------------------------------------

sbx() {
    timeout -k 5 $((60 * SBX_TEST_SLOW)) "$SBX" "$@"
}
export -f sbx

# refuses [OPTION...] -- TRY...: a try of the probe that has to be refused inside
refuses() {
    local -a options=()

    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    run -1 sbx run "${options[@]}" -- "$T/w/probe" try "$@"
    # shellcheck disable=SC2154 # set by run
    like "$output" '^refused:'
}

# permits [OPTION...] -- TRY...: one that has to work inside
permits() {
    local -a options=()

    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    run -0 sbx run "${options[@]}" -- "$T/w/probe" try "$@"
    like "$output" '^done:'
}

# control TRY...: the same try without sbx works, so its refusal means something
control() {
    run -0 "$PROBE" try "$@"
    like "$output" '^done:'
}

# facts [OPTION...]: keeps what the probe sees inside; `fact FILTER` asks for it
facts() {
    sbx run "$@" -- "$T/w/probe" facts >"$T/facts.json"
    jq -e . "$T/facts.json" >/dev/null
}

fact() {
    jq -cr "$@" "$T/facts.json"
}

# sbx_fails PATTERN... -- ARGUMENT...: exit 125, nothing on stdout, a message with a hint
sbx_fails() {
    local -a patterns=()

    while [[ $1 != -- ]]; do
        patterns+=("$1")
        shift
    done
    shift
    run -125 --separate-stderr sbx "$@"
    equal "" "$output"
    # shellcheck disable=SC2154 # set by run --separate-stderr
    like "$stderr" '^sbx: .' '^ *hint: .' "${patterns[@]}"
}

# --- waiting and looking --------------------------------------------------------------------

# wait_until COMMAND...: until it succeeds, ten seconds at most
wait_until() {
    local i

    for ((i = 0; i < 200 * SBX_TEST_SLOW; i++)); do
        if "$@" >/dev/null 2>&1; then
            return 0
        fi
        sleep 0.05
    done
    fail "waited in vain for: $*"
}

# background COMMAND...: $! is its pid; its end is seen to
background() {
    "$@" 3>&- 4>&- &
    BACKGROUND+=("$!")
}

# marked TOKEN: the pids of all probes on this host that carry the token (a pattern).  Every line of a
# loop costs here, for bats looks at each: so it is one only over the few that grep finds.
marked() {
    local file
    local -a files words

    mapfile -t files < <(grep -lsaF -- "${1%%[*?]*}" /proc/[0-9]*/cmdline)
    for file in "${files[@]}"; do
        words=()
        { mapfile -d '' -t words <"$file"; } 2>/dev/null || continue
        # shellcheck disable=SC2053 # a pattern is meant
        if [[ ${words[0]:-} == *probe && ${words[2]:-} == $1 ]]; then
            file=${file#/proc/}
            echo "${file%/cmdline}"
        fi
    done
}

is_marked() { [[ -n $(marked "$1") ]]; }
none_marked() { [[ -z $(marked "$1") ]]; }

# A word that no other test uses.
token() {
    echo "sbx-test-$$-${BATS_TEST_NUMBER:-0}-$RANDOM"
}

is_file() { [[ -e $1 ]]; }
has_text() { [[ -s $1 ]]; }

# A child that ended is a zombie until it is waited for.
is_over() { [[ ! -e /proc/$1 || $(ps -o stat= -p "$1") == Z* ]]; }
