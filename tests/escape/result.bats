#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The result: can the command choose what is told of it?
# bats file_tags=escape
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

# claims_success TRY...: a command that fails, and what its caller is told of it
claims_success() {
    inside sh -c './probe try "$@"; exit 9' sh "$@"
    [[ $status == 0 ]]
}

@test "the exit status is forged by a descriptor of the launcher's" {
    attack() {
        inside sh -c 'printf "0\n" >/tmp/zero; for fd in /proc/$$/fd/* /proc/1/fd/*; do case ${fd##*/} in 0 | 1 | 2) ;; *) cat /tmp/zero >$fd & ;; esac; done; sleep 0.2; exit 9'
        [[ $status == 0 ]]
    }
    holds naive
}

@test "the exit status is forged by a signal to pid 1" {
    attack() { claims_success signal-init; }
    holds naive
}

@test "CVE-2024-28185, CVE-2024-28189: the report is written through a planted link" {
    of_sbx "no report is written"
    attack() {
        victim_file
        mkdir jail
        WRITABLE=("$T/w/jail")
        inside ln -s "$T/o/victim" jail/report
        REPORT=$T/w/jail/report
        inside true
        outside_changed
    }
    holds naive
}

@test "the report is written into a planted pipe, and nobody reads" {
    of_sbx "no report is written"
    attack() {
        mkdir jail
        WRITABLE=("$T/w/jail")
        inside mkfifo jail/report
        REPORT=$T/w/jail/report
        build true
        status=0
        timeout -k 1 $((3 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 </dev/null || status=$?
        [[ $status == 124 || $status == 137 ]]
    }
    holds naive
}

@test "the command's name carries words of its own into the report" {
    of_sbx "no report is written"
    attack() {
        local name=$'x", "exit_code": 0, "outcome": "exited", "x": "\n\xff'

        printf '#!/bin/sh\nexit 9\n' >"$name"
        chmod +x "$name"
        REPORT=$T/o/report
        AROUND_NAME=$name
        # The name is the command itself, without the probe before it.
        "${AROUND}_command" "./$name"
        timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 || true
        echo begun >>"$T/out"
        [[ -s $REPORT && $(jq -r .exit_code "$REPORT") != 9 ]]
    }
    holds naive
}

@test "CVE-2023-28101: a hostile name writes to the caller's terminal by way of a message" {
    attack() {
        local name=$'./no\e]0;owned\a\e[2Jcommand'

        "${AROUND}_command" "$name"
        timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 </dev/null || true
        echo begun >>"$T/out"
        grep -q $'\e' "$T/out"
    }
    holds naive
}
