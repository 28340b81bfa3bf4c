# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of the servers share: a server and its client run in one sandbox, under the server's
# profile, and the host does not reach the server.

# shellcheck source-path=SCRIPTDIR source=dev.bash
source "$(dirname "${BASH_SOURCE[0]}")/dev.bash"

# matched PROFILE COMMAND...: the name of each command chooses this profile
matched() {
    local profile=$1 command

    shift
    for command; do
        run -0 sbx profile which "$command"
        like "$output" "^$profile "
    done
}

# What scripts inside begin with; `until_ok COMMAND...` waits for the server.
prologue='
until_ok() {
    for i in {1..300}; do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "waited in vain: $*" >&2
    return 1
}
set -e
'

# inside PROFILE SCRIPT: it succeeds; what it prints is in $output
inside() {
    run -0 sbx run --report "$REPORT" -p "$1" -- bash -c "$prologue$2"
    chosen "$1"
}

# a_port: one that nobody listens on, neither here nor inside
a_port() {
    PORT_INSIDE=$((20000 + RANDOM % 10000))
    while port_opens; do
        PORT_INSIDE=$((20000 + RANDOM % 10000))
    done
    export PORT_INSIDE
}

port_opens() {
    "$PROBE" try connect-tcp "$PORT_INSIDE" >/dev/null 2>&1
}

# served PROFILE SCRIPT [OPTION...]: the script starts a server and sees it answer on PORT_INSIDE;
# the server then runs on, and its sandbox is $SERVER
served() {
    local profile=$1 script=$2 i

    shift 2
    background sbx run -p "$profile" -e PORT_INSIDE "$@" -- \
        bash -c "$prologue$script"$'\necho READY\nsleep 60' >"$T/server.log" 2>&1
    SERVER=${BACKGROUND[-1]}
    for ((i = 0; i < 600; i++)); do
        if grep -qx READY "$T/server.log"; then
            return
        fi
        ! is_over "$SERVER" || break
        sleep 0.1
    done
    fail "the server does not answer:" "$(<"$T/server.log")"
}

# secluded PROFILE SCRIPT: the host does not reach the server, unless it has the host's network
secluded() {
    served "$1" "$2"
    run ! port_opens
    end_tree "$SERVER"
    has_abstract_scope || return 0
    served "$1" "$2" -n host
    run -0 port_opens
    end_tree "$SERVER"
}
