#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# On a terminal: full-screen programs, job control, what is left of the terminal afterwards.
# bats file_tags=terminal
# shellcheck disable=SC2016,SC2154,SC2030,SC2031 # what stands in single quotes is for the shell in tmux

load common
load screen

@test "a command on a terminal: output, exit code, prompt" {
    type_line '"$SBX" run -- sh -c "tty; exit 3"; echo "code=$?"'
    wait_screen 'code=3'
    wait_screen '^/dev/(console|pts/[0-9]+)$'
    prompt_is_back
}

@test "ttyname works inside: the terminal has a name there" {
    type_line '"$SBX" run -- ./probe facts >facts.json; echo "code=$?"'
    wait_screen 'code=0'
    like "$(jq -r .tty facts.json)" '^/dev/'
    type_line '"$SBX" run -- sh -c "test -t 0 && test -t 1 && test -t 2 && echo all-three"'
    wait_screen '^all-three'
}

@test "the command is the foreground group" {
    type_line '"$SBX" run -- sh -c "./probe facts" >facts.json; echo "code=$?"'
    wait_screen 'code=0'
    # With stdout elsewhere the terminal is still read from stdin.
    type_line '"$SBX" run -- sh -c "read x && echo got:\$x"'
    sleep 0.3
    type_line 'hello'
    wait_screen '^got:hello'
    prompt_is_back
}

@test "vim: edits a file, leaves the terminal as it was" {
    skip_unless vim "vim isn't installed"
    type_line '"$SBX" run --rw . -- vim -u NONE -N file; echo "code=$?"'
    wait_screen '^~'
    keys i
    screen send-keys -l 'written in vim'
    keys Escape
    wait_screen 'written in vim'
    type_line ':wq'
    wait_screen 'code=0'
    equal "written in vim" "$(cat file)"
    prompt_is_back
}

@test "vim: Ctrl-Z and fg" {
    skip_unless vim "vim isn't installed"
    type_line '"$SBX" run --rw . -- vim -u NONE -N file'
    wait_screen '^~'
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg; echo "code=$?"'
    wait_screen '^~'
    keys i
    screen send-keys -l 'after fg'
    keys Escape
    type_line ':wq'
    wait_screen 'code=0'
    equal "after fg" "$(cat file)"
    prompt_is_back
}

@test "less: scrolls, Ctrl-Z and fg, quits" {
    seq 1000 >numbers
    type_line '"$SBX" run -- less numbers'
    wait_screen '^numbers|^22$'
    keys G
    wait_screen '^1000$'
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg; echo "code=$?"'
    wait_screen '^1000$'
    keys q
    wait_screen 'code=0'
    prompt_is_back
}

@test "top: runs, Ctrl-Z and fg, quits" {
    type_line '"$SBX" run -- top -d 1'
    wait_screen 'load average'
    wait_screen 'COMMAND'
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg; echo "code=$?"'
    wait_screen 'load average'
    keys q
    wait_screen 'code=0'
    prompt_is_back
}

@test "Ctrl-C ends the command: 130" {
    type_line '"$SBX" run -- sleep 100'
    sleep 0.5
    keys C-c
    wait_screen 'READY\$ $'
    type_line 'echo "last=$?"'
    wait_screen 'last=130'
    prompt_is_back
}

@test "Ctrl-C ends a shell's loop around sbx, as around any command" {
    type_line 'for i in 1 2 3 4 5; do "$SBX" run -- sleep 100; done'
    sleep 0.5
    keys C-c
    sleep 0.5
    prompt_is_back
}

@test "Ctrl-C reaches a command that handles it, once" {
    type_line '"$SBX" run -- bash -c '\''n=0; trap "n=\$((n+1)); echo caught-\$n" INT; echo started; while [ $n -lt 2 ]; do sleep 0.1; done; sleep 0.5; echo "end-$n"'\'
    wait_screen '^started'
    keys C-c
    wait_screen 'caught-1$'
    sleep 0.5
    ! screen_has 'caught-2' || fail "twice: $(shown)"
    keys C-c
    wait_screen 'caught-2$'
    wait_screen '^end-2'
    prompt_is_back
}

@test "Ctrl-\\ quits: 131" {
    type_line '"$SBX" run -- sleep 100'
    sleep 0.5
    keys C-\\
    wait_screen 'READY\$ $'
    type_line 'echo "last=$?"'
    wait_screen 'last=131'
}

@test "Ctrl-Z stops, fg goes on, bg runs in the background" {
    type_line '"$SBX" run -- sh -c "echo started; sleep 1; echo finished"'
    wait_screen '^started'
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    sleep 1.2
    ! screen_has '^finished' || fail "it wasn't stopped: $(shown)"
    type_line 'fg'
    wait_screen '^finished'
    prompt_is_back
    type_line 'clear; "$SBX" run -- sh -c "sleep 1; echo in-background"'
    sleep 0.4
    keys C-z
    wait_screen 'Stopped'
    type_line 'bg'
    wait_screen '^in-background|in-background$'
    prompt_is_back
}

@test "Ctrl-Z, then kill %1: everything is gone" {
    local word

    word=$(token)
    type_line "\"\$SBX\" run -- ./probe hold $word"
    wait_until is_marked "$word"
    keys C-z
    wait_screen 'Stopped'
    type_line 'kill %1; fg'
    wait_until none_marked "$word"
    prompt_is_back
}

@test "an interactive bash inside: prompt, jobs, Ctrl-C, Ctrl-Z, fg, exit" {
    type_line '"$SBX" run -e PS1="INSIDE# " -- bash --norc --noprofile -i; echo "code=$?"'
    wait_screen '^INSIDE# '
    unlike "$(shown)" 'no job control' 'cannot set terminal'
    type_line 'sleep 100'
    sleep 0.3
    keys C-c
    type_line 'echo "inner=$?"'
    wait_screen 'inner=130'
    type_line 'sleep 100'
    sleep 0.3
    keys C-z
    wait_screen 'Stopped.*sleep 100'
    type_line 'jobs'
    type_line 'fg'
    sleep 0.3
    keys C-c
    type_line 'echo "second=$?"'
    wait_screen 'second=130'
    # A pipeline with a pager inside.
    type_line 'seq 500 | less'
    wait_screen '^:|^23$'
    keys q
    type_line 'exit 5'
    wait_screen 'code=5'
    prompt_is_back
}

@test "an interactive bash inside that suspends itself comes back by fg" {
    type_line '"$SBX" run -e PS1="INSIDE# " -- bash --norc --noprofile -i'
    wait_screen '^INSIDE# '
    type_line 'suspend -f'
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg'
    sleep 0.3
    type_line 'echo "in""side again"'
    wait_screen '^inside again'
    type_line 'exit'
    prompt_is_back
}

@test "suspend of the inner shell comes back by fg" {
    type_line '"$SBX" run -- sh -c "kill -TSTP \$\$; echo resumed"; echo "code=$?"'
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'fg'
    wait_screen '^resumed'
    prompt_is_back
}

@test "the terminal's settings are restored after a raw-mode command was killed" {
    local word

    word=$(token)
    type_line "\"\$SBX\" run -- sh -c 'stty raw -echo; exec ./probe stubborn $word'; echo \"code=\$?\""
    wait_until is_marked "$word"
    sleep 0.2
    # shellcheck disable=SC2046 # pids
    kill -9 $(marked "$word")
    wait_screen 'code=137'
    prompt_is_back
}

@test "the terminal's settings are restored after a command left them odd" {
    type_line '"$SBX" run -- stty raw -echo -isig; echo "code=$?"'
    wait_screen 'code=0'
    prompt_is_back
}

# The command is the owner of the terminal's file: what others may do would stay.
@test "the mode of the terminal is restored" {
    type_line 'chmod 611 $(tty); "$SBX" run -- sh -c "chmod 666 /proc/self/fd/0; stat -Lc in=%a /proc/self/fd/0"; stat -Lc out=%a $(tty)'
    wait_screen 'in=666'
    wait_screen 'out=611'
    prompt_is_back
}

@test "the terminal is the shell's again after a time limit" {
    type_line '"$SBX" run --time 500ms -- sh -c "stty -echo; sleep 100"; echo "code=$?"'
    wait_screen 'code=124'
    prompt_is_back
}

@test "the terminal's size and its changes reach the command" {
    type_line '"$SBX" run -- bash -c '\''stty size; trap "stty size; exit" WINCH; while :; do sleep 0.1; done'\'
    wait_screen '^24 80|^23 80'
    screen resize-window -x 100 -y 30
    wait_screen '^(30|29) 100'
    prompt_is_back
}

# --- pipelines ----------------------------------------------------------------------------------

@test "sbx run -- cat FILE | less" {
    seq 1000 >numbers
    type_line '"$SBX" run -- cat numbers | less; echo "codes=${PIPESTATUS[*]}"'
    wait_screen '^22$'
    keys G
    wait_screen '^1000$'
    keys q
    wait_screen 'codes=0 0'
    prompt_is_back
}

@test "sbx run ... | less: sbx ends while less has the terminal in raw mode" {
    seq 1000 >numbers
    type_line '"$SBX" run -- sh -c "cat numbers; sleep 1; exit 3" | { sleep 0.3; less; }; echo "codes=${PIPESTATUS[*]}"'
    wait_screen '^22$'
    sleep 1.5
    keys G
    wait_screen '^1000$'
    keys q
    wait_screen 'codes=3 0'
    prompt_is_back
}

@test "cat FILE | sbx run -- less" {
    seq 1000 >numbers
    type_line 'cat numbers | "$SBX" run -- less; echo "codes=${PIPESTATUS[*]}"'
    wait_screen '^22$'
    keys G
    wait_screen '^1000$'
    keys q
    wait_screen 'codes=0 0'
    prompt_is_back
}

@test "sbx run -- cat FILE | less: Ctrl-Z and fg" {
    seq 1000 >numbers
    type_line '"$SBX" run -- cat numbers | less; echo "codes=${PIPESTATUS[*]}"'
    wait_screen '^22$'
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg'
    wait_screen '^22$'
    keys q
    prompt_is_back
}

@test "in a pipeline the command can still read from /dev/tty" {
    type_line 'echo piped | "$SBX" run -- sh -c "echo asking; read x </dev/tty; echo got:\$x" | cat'
    wait_screen '^asking'
    type_line 'the answer'
    wait_screen '^got:the answer'
    prompt_is_back
}

@test "in a pipeline, waiting for /dev/tty: Ctrl-Z and fg" {
    type_line 'echo piped | "$SBX" run -- sh -c "echo asking; read x </dev/tty; echo got:\$x" | cat'
    wait_screen '^asking'
    sleep 0.3
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg'
    sleep 0.3
    type_line 'the answer'
    wait_screen '^got:the answer'
    prompt_is_back
}

@test "both ends of a pipeline in sandboxes of their own" {
    seq 1000 >numbers
    type_line '"$SBX" run -- cat numbers | "$SBX" run -- less; echo "codes=${PIPESTATUS[*]}"'
    wait_screen '^22$'
    keys G
    wait_screen '^1000$'
    keys q
    wait_screen 'codes=0 0'
    prompt_is_back
}

@test "Ctrl-C ends a whole pipeline" {
    type_line '"$SBX" run -- yes | "$SBX" run -- cat >/dev/null'
    sleep 0.5
    keys C-c
    wait_screen 'READY\$ $'
    prompt_is_back
}

# --- the background -----------------------------------------------------------------------------

@test "sbx run ... &: the shell keeps the terminal; reading stops it, fg lets it go on" {
    type_line '"$SBX" run -- sh -c "read x; echo got:\$x" &'
    sleep 0.5
    prompt_is_back
    type_line 'jobs'
    wait_screen 'Stopped'
    type_line 'fg'
    sleep 0.3
    type_line 'now'
    wait_screen '^got:now'
    prompt_is_back
}

@test "sbx run ... &: output is written, the prompt stays usable" {
    type_line '"$SBX" run -- sh -c "sleep 0.3; echo from-background" &'
    wait_screen 'from-background$'
    prompt_is_back
}

@test "stty tostop: a background command that writes is stopped, and goes on in the foreground" {
    type_line 'stty tostop; "$SBX" run -- sh -c "sleep 0.3; echo from-background" &'
    sleep 1
    type_line 'stty -tostop; jobs'
    wait_screen 'Stopped'
    type_line 'fg'
    wait_screen '^from-background'
    prompt_is_back
}

@test "a command that takes the terminal by itself (setsid, TIOCSCTTY) can't" {
    type_line '"$SBX" run -- setsid -w sh -c "exec 3</dev/tty && echo has-it || echo has-none"'
    wait_screen '^has-(it|none)|cannot open'
    ! screen_has '^has-it' || fail "$(shown)"
    prompt_is_back
}

@test "hanging up the terminal ends everything" {
    local word

    word=$(token)
    type_line "\"\$SBX\" run -- ./probe hold $word"
    wait_until is_marked "$word"
    screen kill-server
    wait_until none_marked "$word"
}

@test "Ctrl-Z stops the script that sbx runs in, as with any command" {
    type_line 'sh -c '\''"$SBX" run -- sleep 100; echo "script=$?"'\'
    sleep 0.5
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'fg'
    sleep 0.5
    keys C-c
    wait_screen '^(\^C)?script=130'
}

@test "a command that stops itself doesn't stop a time limit" {
    type_line '"$SBX" run --time 1s -- sh -c "kill -STOP \$\$"'
    wait_screen 'ended by --time'
    prompt_is_back
}
