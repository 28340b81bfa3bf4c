#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Processes: the host's, the caller's job, the sandbox's own init.
# bats file_tags=escape
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

@test "the processes of the host are seen, with their arguments" {
    attack() {
        victim_process
        inside sh -c 'cat /proc/[0-9]*/cmdline | tr "\0" "\n"'
        came_out "$MARK"
    }
    holds
}

@test "the launcher's own arguments are seen" {
    attack() {
        mkdir "$HOME/hidden-$SECRET"
        READABLE=("$HOME/hidden-$SECRET")
        inside sh -c 'cat /proc/[0-9]*/cmdline | tr "\0" "\n"'
        came_out
    }
    holds naive
}

@test "a process of the host is killed by its number" {
    attack() {
        victim_process
        tries kill "$victim" 9
        victim_died
    }
    holds
}

@test "a process of the host is traced or read" {
    attack() {
        victim_process
        inside sh -c './probe try ptrace "$1"; ./probe try read-memory "$1"; ./probe try pidfd_getfd "$1"' sh "$victim"
        says_done
    }
    holds
}

# In a PID namespace of the test's, or kill(-1) would end the test.
@test "everything is killed at once (kill -1)" {
    skip_unless userns "no user namespaces here"
    [[ $ESCAPE_RUNNER != firejail ]] || skip "no such thing: in a PID namespace firejail runs the command without a sandbox"
    attack() {
        local -a space=(unshare -Urpf --mount-proc)

        ! is_root || space=(unshare -pfm --mount-proc)
        build sh -c 'trap "" TERM; kill -TERM -1; kill -KILL -1'
        "${space[@]}" bash -c '"$PROBE" hold victim & sleep 0.1; "$@"; sleep 0.1; kill -0 $! && echo "victim alive"' \
            bash setsid -w timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 || true
        ! came_out 'victim alive'
    }
    holds
}

# in_a_job COMMAND...: as a member of a job in which another process waits; is that one hit?
in_a_job() {
    build "$@"
    setsid -w bash -c 'trap "echo caller hit" TERM; sleep 30 & victim=$!
        look() { echo "$(ps -o ni= -p $victim) $(ionice -p $victim)"; }
        before=$(look)
        "$@"; [[ $(look) == "$before" ]] || echo "priority changed"
        kill -0 $victim && echo "victim alive"; kill -9 $victim' bash "${command_line[@]}" >>"$T/out" 2>&1 || true
}

@test "the caller's job is killed (kill 0)" {
    attack() {
        in_a_job "$T/w/probe" try kill0
        came_out 'caller hit' || ! came_out 'victim alive'
    }
    holds
}

@test "the caller's job gets the lowest priority (setpriority of the group)" {
    attack() {
        in_a_job "$T/w/probe" try group-priority
        came_out 'priority changed'
    }
    holds
}

@test "the caller's job gets the idle class of the disk (ioprio_set of the group)" {
    attack() {
        in_a_job "$T/w/probe" try group-ioprio
        came_out 'priority changed'
    }
    holds
}

@test "a daemon outlives the sandbox" {
    attack() {
        MARK=$(token)
        inside "$T/w/probe" daemon "$MARK"
        stays "$MARK"
    }
    holds
}

@test "what runs goes on when the launcher is killed" {
    attack() {
        MARK=$(token)
        build "$T/w/probe" stubborn "$MARK"
        background "${command_line[@]}" >>"$T/out" 2>&1
        runner_pid=$!
        wait_until_begun && wait_until holding "$MARK" || return
        kill -9 "$runner_pid"
        stays "$MARK"
    }
    holds naive
}

@test "pid 1 is given a second of processor time (prlimit)" {
    attack() {
        tries prlimit1
        says_done
    }
    holds naive
}

@test "pid 1 is traced, its memory read, its descriptors taken" {
    attack() {
        inside sh -c './probe try ptrace1; ./probe try read-memory 1; ./probe try pidfd_getfd 1'
        says_done
    }
    holds naive
}

@test "CVE-2022-29162, CVE-2022-27649: capabilities are left in one of the five sets" {
    attack() {
        inside cat /proc/self/status
        grep -aE '^Cap(Inh|Prm|Eff|Bnd|Amb):' "$T/out" | grep -vq '0000000000000000$'
    }
    holds naive
}

@test "CVE-2021-4034's way: a set-user-ID program gets its rights" {
    attack() {
        MARK=$(token)
        inside_background "$T/w/probe" stubborn "$MARK" && wait_until holding "$MARK" || return
        # The host's own view of it.
        grep -E '^(NoNewPrivs|Cap)' "/proc/$(holding "$MARK")/status" >"$T/status"
        kill -9 "$(holding "$MARK")"
        proceed
        grep -q '^NoNewPrivs:[^0-9]*0$' "$T/status"
    }
    holds
}

@test "the limit that keeps core_pattern programs away is lowered to 0" {
    attack() {
        tries core-zero
        says_done
    }
    holds
}
