#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The terminal that the caller shares.
# bats file_tags=escape
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

# typed_for_the_shell TRY...: what the shell around reads after the command has ended
typed_for_the_shell() {
    on_terminal '"$@"; read -r -t 0.4 line; echo "the shell got <$line>"' "$T/w/probe" try "$@"
    came_out 'the shell got <touch INJECTED>'
}

@test "CVE-2017-5226: a command is typed for the caller's shell (TIOCSTI)" {
    skip_unless tiocsti "this kernel has TIOCSTI off"
    attack() { typed_for_the_shell tiocsti; }
    holds
}

@test "CVE-2019-10063, CVE-2019-7303: TIOCSTI with bits that a 64-bit comparison trips over" {
    skip_unless tiocsti "this kernel has TIOCSTI off"
    attack() { typed_for_the_shell tiocsti highbits; }
    holds
}

# terminal_takes TRY...: the kernel's terminal layer gets the request
terminal_takes() {
    on_terminal '"$@"' "$T/w/probe" try "$@"
    says_done
}

@test "CVE-2023-28100, CVE-2023-1523: text is pasted from the console (TIOCLINUX)" {
    attack() { terminal_takes tioclinux; }
    holds
}

@test "TIOCLINUX with bits that a 64-bit comparison trips over" {
    attack() { terminal_takes tioclinux highbits; }
    holds
}

@test "CVE-2017-2636's way in: another line discipline for the terminal (TIOCSETD)" {
    attack() { terminal_takes tiocsetd; }
    holds
}

@test "a console is left without its keyboard (KDSKBMODE and its like)" {
    attack() { terminal_takes kdskbmode; }
    holds
}

@test "the console's messages are taken (TIOCCONS)" {
    control_needs root "only root may ask for the console's messages"
    attack() { terminal_takes tioccons; }
    holds
}

@test "the caller can't open the own terminal any more (TIOCEXCL)" {
    attack() {
        on_terminal '"$@"; "$PROBE" terminal-state' "$T/w/probe" try tiocexcl
        came_out 'exclusive 1'
    }
    holds
}

@test "the terminal stays with a group of the command's" {
    attack() {
        on_terminal 'trap "" TTOU; "$@"; "$PROBE" terminal-state' "$T/w/probe" try take-foreground
        came_out 'foreground 0'
    }
    holds
}

@test "the terminal is left deaf: no echo, no lines, no Ctrl-C" {
    attack() {
        on_terminal '"$@"; stty -a' "$T/w/probe" try raw-terminal
        came_out ' -echo '
    }
    holds
}

@test "the caller's terminal is left non-blocking" {
    attack() {
        on_terminal '"$@"; grep flags /proc/self/fdinfo/0' perl -MFcntl -e 'fcntl(STDIN, F_SETFL, O_RDWR | O_NONBLOCK)'
        came_out '4002'
    }
    holds
}
