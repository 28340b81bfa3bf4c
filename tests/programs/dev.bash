# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of the developers' programs share: each program does its work under the profile
# that its name chooses, and a probe under the same profile tries what must be refused.
#
#   $HOME/.ssh/id_test   a key that only ssh may see        $T/o/file   a file outside

# shellcheck source-path=SCRIPTDIR source=../cli/common.bash
source "$(dirname "${BASH_SOURCE[0]}")/../cli/common.bash"

setup() {
    common_setup
    mkdir -m 700 "$HOME/.ssh"
    echo the-secret-key >"$HOME/.ssh/id_test"
    echo outside >"$T/o/file"
    REPORT=$T/report.json
    unset CARGO_HOME RUSTUP_HOME GOPATH NVM_DIR PYENV_ROOT SSH_AUTH_SOCK \
        XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME
}

# need PROGRAM...: skip where one is not installed
need() {
    local program

    for program; do
        type -P "$program" >/dev/null && continue
        case ",${SBX_TEST_MUST_WORK:-}," in
        *,programs,*) fail "must be installed: $program" ;;
        *) skip "$program is not installed" ;;
        esac
    done
}

need_scopes() {
    skip_unless abstract_scope "-n host needs a kernel with Landlock's scopes"
}

# chosen PROFILE: the last run of `works` was under it
chosen() {
    equal "$1" "$(jq -r .profile "$REPORT")"
}

# works PROFILE COMMAND...: it succeeds, under the profile that its name chooses
works() {
    local profile=$1

    shift
    run -0 sbx run --report "$REPORT" -- "$@"
    chosen "$profile"
}

# leaves_nothing PATH COMMAND...: it makes PATH outside, and under its profile nothing at PATH.
# Whether it fails depends: where PATH is in a home, it writes to the private one that is gone then.
leaves_nothing() {
    local path=$1

    shift
    [[ ! -e $path ]]
    run sbx run -- "$@"
    [[ ! -e $path ]] || fail "made inside: $path"
    run -0 "$@"
    [[ -e $path ]] || fail "not even made outside: $path"
}

# listener: something that listens on the host's loopback; its port in $PORT
listener() {
    [[ -z ${PORT:-} ]] || return 0
    background "$PROBE" listen-tcp >"$T/port"
    wait_until has_text "$T/port"
    PORT=$(<"$T/port")
    control connect-tcp "$PORT"
}

# bounds PROFILE ro|rw net|no-net: what the profile refuses, with what works outside
bounds() {
    local profile=$1 directory=$2 network=$3

    control read "$HOME/.ssh/id_test"
    refuses -p "$profile" -- read "$HOME/.ssh/id_test"
    control write "$T/o"
    refuses -p "$profile" -- write "$T/o"
    refuses -p "$profile" -- write "$T/o/file"
    if [[ $directory == rw ]]; then
        permits -p "$profile" -- write "$T/w"
    else
        control write "$T/w"
        refuses -p "$profile" -- write "$T/w"
    fi
    listener
    if [[ $network == net ]]; then
        permits -p "$profile" -- connect-tcp "$PORT"
    else
        refuses -p "$profile" -- connect-tcp "$PORT"
    fi
}
