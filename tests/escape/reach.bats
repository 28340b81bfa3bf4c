#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Sockets, IPC, keys: what can be reached without a file.
# bats file_tags=escape
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

@test "the host's services on the loopback" {
    attack() {
        listener tcp ''
        tries connect-tcp "$(head -n 1 "$T/called")"
        was_called
    }
    holds
}

@test "CVE-2020-15257: an abstract socket" {
    attack() {
        MARK=escape-$RANDOM$RANDOM
        listener abstract "$MARK"
        tries connect-abstract "$MARK"
        was_called
    }
    holds
}

@test "CVE-2020-15257: an abstract socket, with the host's network" {
    # Without Landlock's scope for abstract sockets -n host is refused.
    has_abstract_scope || may_refuse=yes
    attack() {
        MARK=escape-$RANDOM$RANDOM
        NETWORK=host
        listener abstract "$MARK"
        tries connect-abstract "$MARK"
        was_called
    }
    holds
}

@test "docker.sock's way: a socket that shows in a read-only directory" {
    attack() {
        listener unix "$T/w/socket"
        tries connect-unix "$T/w/socket"
        was_called
    }
    holds
}

@test "a socket in /run" {
    has_run() { [[ -w /run ]]; }
    skip_unless run "the caller may make nothing in /run"
    attack() {
        local socket=/run/escape-$RANDOM$RANDOM

        listener unix "$socket"
        tries connect-unix "$socket"
        rm "$socket"
        was_called
    }
    holds
}

@test "the X server's socket in /tmp, with the host's network" {
    attack() {
        local socket

        socket=$(mktemp -u /tmp/.X11-escape-XXXXXXXX)
        NETWORK=host
        # On an older kernel this is the only word for it; the socket is one of /tmp all the same.
        has_abstract_scope || SBX_NETWORK=host-abstract
        listener unix "$socket"
        tries connect-unix "$socket"
        rm "$socket"
        was_called
    }
    holds
}

@test "the ssh agent, by SSH_AUTH_SOCK" {
    attack() {
        local dir

        dir=$(mktemp -d /tmp/escape-ssh-XXXXXXXX)
        export SSH_AUTH_SOCK=$dir/agent
        listener unix "$SSH_AUTH_SOCK"
        inside sh -c './probe try connect-unix "${SSH_AUTH_SOCK:-$1}"' sh "$SSH_AUTH_SOCK"
        rm -r "$dir"
        was_called
    }
    holds
}

@test "the session's D-Bus, by its place in the home directory" {
    attack() {
        listener unix "$HOME/bus"
        export DBUS_SESSION_BUS_ADDRESS=unix:path=$HOME/bus
        inside sh -c './probe try connect-unix "$1"' sh "$HOME/bus"
        was_called
    }
    holds
}

@test "System V shared memory" {
    skip_unless sysvipc "no System V IPC here"
    attack() {
        local key=0x5c$((1000 + RANDOM % 9000))

        "$PROBE" make-shm "$key" "$SECRET"
        tries shm "$key"
        "$PROBE" remove-shm "$key"
        came_out
    }
    holds
}

@test "CVE-2016-0728's interface: the caller's keys (keyctl)" {
    skip_unless keyring "no keyrings here"
    attack() {
        MARK=escape-$RANDOM$RANDOM
        build "$T/w/probe" try key "$MARK"
        timeout -k 5 $((30 * SBX_TEST_SLOW)) "$PROBE" with-key "$MARK" "${command_line[@]}" >>"$T/out" 2>&1 || true
        says_done
    }
    holds
}

@test "the caller's keys, without keyctl (request_key)" {
    skip_unless keyring "no keyrings here"
    attack() {
        MARK=escape-$RANDOM$RANDOM
        build "$T/w/probe" try request_key "$MARK"
        timeout -k 5 $((30 * SBX_TEST_SLOW)) "$PROBE" with-key "$MARK" "${command_line[@]}" >>"$T/out" 2>&1 || true
        says_done
    }
    holds
}
