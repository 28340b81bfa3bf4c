# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of the servers share.

# shellcheck source-path=SCRIPTDIR source=dev.bash
source "$(dirname "${BASH_SOURCE[0]}")/dev.bash"

# matched PROFILE COMMAND: this is the one that the command's name chooses
matched() {
    run -0 sbx profile which "$2"
    like "$output" "^$1 "
}

# inside PROFILE SCRIPT: the script's server and client are in one sandbox, under the server's
# profile; `until_ok COMMAND...` waits for the server
inside() {
    run -0 sbx run -p "$1" --report "$REPORT" -- bash -c '
        until_ok() {
            for i in {1..200}; do
                "$@" >/dev/null 2>&1 && return
                sleep 0.1
            done
            echo "waited in vain: $*" >&2
            return 1
        }
        set -e
        '"$2"
    chosen "$1"
}

# port_opens PORT: the host reaches it
port_opens() {
    "$PROBE" try connect-tcp "$1" >/dev/null 2>&1
}

# unreachable PORT OPTION... -- COMMAND...: a server that listens on this port of its loopback is out
# of the host's reach; with -n host it is not
unreachable() {
    local port=$1 pid

    shift
    background sbx run --report "$REPORT" "$@" >"$T/server.log" 2>&1
    pid=$!
    wait_until grep -q . <(sleep 1; echo)
    kill -0 "$pid"
    run ! port_opens "$port"
    kill "$pid"
    wait "$pid" || true
    if has_abstract_scope; then
        background sbx run -n host "$@" >"$T/server.log" 2>&1
        pid=$!
        wait_until port_opens "$port"
        kill "$pid"
        wait "$pid" || true
    fi
}
