#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Descriptors and the working directory: what the caller left open.
# bats file_tags=escape
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

@test "CVE-2024-21626: a directory that the caller left open leads out of the view" {
    attack() {
        secret_in "$HOME/secret"
        exec 7<"$HOME"
        tries fd-read secret
        exec 7<&-
        came_out
    }
    holds naive
}

@test "CVE-2024-21626: the working directory leads out of the view" {
    attack() {
        secret_in "$HOME/secret"
        cd "$HOME" || return
        NAIVE_FLAGS=(-l)
        tries fd-read secret
        came_out
    }
    holds naive
}

@test "a file that the caller left open for writing" {
    attack() {
        victim_file
        exec 7>>"$T/o/victim"
        tries fd-write intruder
        exec 7>&-
        outside_changed
    }
    holds
}

@test "a process that the caller left a descriptor of (pidfd) is killed" {
    attack() {
        victim_process
        build "$T/w/probe" try fd-kill
        timeout -k 5 $((30 * SBX_TEST_SLOW)) "$PROBE" with-pidfd 7 "$victim" "${command_line[@]}" >>"$T/out" 2>&1 || true
        victim_died
    }
    holds
}

@test "a socket that the caller left connected is written to" {
    attack() {
        mkfifo "$T/o/pipe"
        background cat "$T/o/pipe" >"$T/heard"
        exec 8>"$T/o/pipe"
        tries fd-write intruder
        exec 8>&-
        wait "${BACKGROUND[-1]}"
        has_text "$T/heard"
    }
    holds
}

@test "the file that is standard input is overwritten by /proc/self/fd/0" {
    skip_unless landlock "no Landlock here; the report says so"
    attack() {
        victim_file
        FD_0=$T/o/victim
        tries reopen-stdin-write
        outside_changed
    }
    holds
}

@test "a directory as standard input leads out of the view" {
    attack() {
        secret_in "$HOME/secret"
        FD_0=$HOME
        may_refuse=yes
        tries fd-read secret
        came_out
    }
    holds naive
}

@test "an O_PATH descriptor of a directory as standard input leads out of the view" {
    attack() {
        secret_in "$HOME/secret"
        may_refuse=yes
        build "$T/w/probe" try fd-read secret
        timeout -k 5 $((30 * SBX_TEST_SLOW)) "$PROBE" with-opath 0 "$HOME" "${command_line[@]}" >>"$T/out" 2>&1 || true
        came_out
    }
    holds naive
}

@test "a variable of the caller's that holds a token" {
    attack() {
        export ESCAPE_TOKEN=$SECRET
        inside env
        came_out
    }
    holds
}

@test "the launcher's environment shows in /proc/1/environ" {
    attack() {
        export ESCAPE_TOKEN=$SECRET
        inside sh -c 'for file in /proc/[0-9]*/environ; do tr "\0" "\n" <$file; done'
        came_out
    }
    holds naive
}

@test "CVE-2016-8659: the launcher's memory is read through its child" {
    attack() {
        export ESCAPE_TOKEN=$SECRET
        inside sh -c './probe try memory 1; ./probe try memory $PPID'
        came_out
    }
    holds naive
}
