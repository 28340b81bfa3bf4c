#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --tty: a terminal of the command's own, or none, in the place of the caller's.
# bats file_tags=terminal
# shellcheck disable=SC2016,SC2154,SC2030,SC2031 # what stands in single quotes is for the shell in tmux

load common
load screen

# Which process has the caller's terminal open, or for its own, inside: nobody may.
# Said by the command: its descriptors, /dev, and whether it has a controlling terminal.
LOOK='for f in 0 1 2; do readlink /proc/self/fd/$f; done; ls /dev/pts; ls -d /dev/console'

# What is typed while the command has the keyboard is the command's: wait for the shell's prompt.
ended() {
    wait_screen 'READY\$ $'
    prompt_is_back
}

# type_pid COMMAND: type it; its process id comes into $T/pid
type_pid() {
    rm -f "$T/pid"
    type_line "sh -c 'echo \$\$ >\"\$T/pid\"; exec $1'"
    wait_until has_text "$T/pid"
}

# --- new: what the command has --------------------------------------------------------------------

@test "new: a terminal of the sandbox's own, exit code, prompt" {
    type_line '"$SBX" run --tty new -- sh -c "tty; exit 3"; echo "code=$?"'
    wait_screen '^/dev/pts/0$'
    wait_screen 'code=3'
    prompt_is_back
}

@test "new: the caller's terminal is open nowhere and has no name inside" {
    type_line '"$SBX" run --tty inherit -- sh -c '"'$LOOK'"' >shared 2>&1; "$SBX" run --tty new -- sh -c '"'$LOOK'"' | cat >own 2>&1; echo "don""e"'
    wait_screen '^done'
    # control: shared, its name is there
    like "$(cat shared)" '^/dev/console$'
    unlike "$(cat own)" '/dev/console' '/dev/tty'
    like "$(cat own)" '^/dev/pts/0$' '^0$' '^ptmx$'
    # of all processes inside, by all their descriptors
    type_line '"$SBX" run --tty new -- sh -c "find /proc/[0-9]*/fd -type l -printf \"%l\\n\" 2>/dev/null | sort -u >/tmp/x; grep -v ^/proc /tmp/x" >links; echo "al""l"'
    wait_screen '^all'
    unlike "$(cat links)" '/dev/(pts/[1-9]|tty|console)'
}

@test "new: another session, its leader is the command" {
    type_line '"$SBX" run --tty new -- ./probe facts >facts.json; echo "code=$?"'
    wait_screen 'code=0'
    # stdout is a file, 0 and 2 are the terminal
    like "$(jq -r .tty facts.json)" '^/dev/pts/0$'
    type_line '"$SBX" run --tty new -- bash -c "read -ra s </proc/self/stat; echo sid=\${s[5]} pid=\$\$"'
    wait_screen '^sid=2 pid=2'
}

@test "new: typing into the caller's terminal (TIOCSTI) isn't possible, even without the filter" {
    skip_unless tiocsti "this kernel lets nobody type into a terminal"
    # control: shared and without the filter it is
    type_line '"$SBX" run --tty inherit --seccomp off -- ./probe try tiocsti; echo "code=$?"'
    wait_screen 'code=0'
    wait_until is_file INJECTED
    rm INJECTED
    # apart, the command types for itself
    type_line 'clear; "$SBX" run --tty new --seccomp off -- ./probe try tiocsti; echo "second=$?"'
    wait_screen 'second=0'
    prompt_is_back
    [[ ! -e INJECTED ]]
}

@test "new: size and its changes reach the command" {
    type_line '"$SBX" run --tty new -- bash -c '\''stty size; trap "stty size; exit" WINCH; while :; do sleep 0.1; done'\'
    wait_screen '^24 80|^23 80'
    screen resize-window -x 100 -y 30
    wait_screen '^(30|29) 100'
    ended
}

@test "new: settings begin as the caller's" {
    type_line 'stty intr ^X; "$SBX" run --tty new -- stty -a >inside; echo "code=$?"; stty intr ^C'
    wait_screen 'code=0'
    like "$(cat inside)" 'intr = \^X'
}

# --- new: keys ------------------------------------------------------------------------------------

@test "new: a typed line, and the end of input" {
    type_line '"$SBX" run --tty new -- sh -c "read x; echo got:\$x; cat; echo eof"'
    sleep 0.5
    type_line 'hello'
    wait_screen '^got:hello'
    keys C-d
    wait_screen '^eof'
    ended
}

@test "new: Ctrl-C ends the command: 130, and a loop around it" {
    type_line '"$SBX" run --tty new -- sleep 100'
    sleep 0.5
    keys C-c
    wait_screen 'READY\$ $'
    type_line 'echo "last=$?"'
    wait_screen 'last=130'
    type_line 'for i in 1 2 3 4 5; do "$SBX" run --tty new -- sleep 100; done'
    sleep 0.5
    keys C-c
    sleep 0.5
    prompt_is_back
}

@test "new: Ctrl-C reaches a command that handles it, once" {
    type_line '"$SBX" run --tty new -- bash -c '\''n=0; trap "n=\$((n+1)); echo caught-\$n" INT; echo started; while [ $n -lt 2 ]; do sleep 0.1; done; sleep 0.5; echo "end-$n"'\'
    wait_screen '^started'
    keys C-c
    wait_screen 'caught-1$'
    sleep 0.5
    ! screen_has 'caught-2' || fail "twice: $(shown)"
    keys C-c
    wait_screen '^end-2'
    ended
}

@test "new: Ctrl-\\ quits: 131" {
    type_line '"$SBX" run --tty new -- sleep 100'
    sleep 0.5
    keys C-\\
    wait_screen 'READY\$ $'
    type_line 'echo "last=$?"'
    wait_screen 'last=131'
}

@test "new: Ctrl-S stops the output, Ctrl-Q lets it go on" {
    type_line '"$SBX" run --tty new -- sh -c "i=0; while [ \$i -lt 40 ]; do i=\$((i+1)); echo line-\$i; sleep 0.05; done"'
    wait_screen '^line-5$'
    keys C-s
    sleep 0.3
    local before
    before=$(shown)
    sleep 0.5
    equal "$before" "$(shown)"
    keys C-q
    wait_screen '^line-40$'
    ended
}

@test "new: an interactive bash inside: jobs, Ctrl-C, Ctrl-Z, fg, exit" {
    type_line '"$SBX" run --tty new -e PS1="INSIDE# " -- bash --norc --noprofile -i; echo "code=$?"'
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
    type_line 'fg'
    sleep 0.3
    keys C-c
    type_line 'echo "second=$?"'
    wait_screen 'second=130'
    type_line 'seq 500 | less'
    wait_screen '^:|^23$'
    keys q
    type_line 'exit 5'
    wait_screen 'code=5'
    prompt_is_back
}

@test "new: vim edits a file" {
    skip_unless vim "vim isn't installed"
    type_line '"$SBX" run --tty new --rw . -- vim -u NONE -N file; echo "code=$?"'
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

@test "new: less and top" {
    seq 1000 >numbers
    type_line '"$SBX" run --tty new -- less numbers; echo "code=$?"'
    wait_screen '^numbers|^22$'
    keys G
    wait_screen '^1000$'
    keys q
    wait_screen 'code=0'
    type_line 'clear; "$SBX" run --tty new -- top -d 1; echo "code=$?"'
    wait_screen 'load average'
    keys q
    wait_screen 'code=0'
    prompt_is_back
}

# --- new: pipelines -------------------------------------------------------------------------------

@test "new: cat FILE | sbx run -- less has the keyboard" {
    seq 1000 >numbers
    type_line 'cat numbers | "$SBX" run --tty new -- less; echo "codes=${PIPESTATUS[*]}"'
    wait_screen '^22$'
    keys G
    wait_screen '^1000$'
    keys q
    wait_screen 'codes=0 0'
    prompt_is_back
}

@test "new: sbx run -- cat FILE | less leaves it to less; Ctrl-Z and fg" {
    seq 1000 >numbers
    type_line '"$SBX" run --tty new -- cat numbers | less; echo "codes=${PIPESTATUS[*]}"'
    wait_screen '^22$'
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg'
    wait_screen '^22$'
    keys G
    wait_screen '^1000$'
    keys q
    prompt_is_back
}

@test "new: what feeds a pipeline writes its errors to the terminal, line by line" {
    type_line '"$SBX" run --tty new -- sh -c "echo one >&2; echo two >&2; echo out" | cat >out; echo "codes=${PIPESTATUS[*]}"'
    wait_screen 'codes=0 0'
    screen_has '^one$' || fail "$(shown)"
    screen_has '^two$' || fail "$(shown)"
    equal out "$(cat out)"
}

@test "new: Ctrl-C ends a pipeline" {
    type_line '"$SBX" run --tty new -- yes | "$SBX" run --tty none -- cat >/dev/null'
    sleep 0.5
    keys C-c
    wait_screen 'READY\$ $'
    prompt_is_back
}

@test "new: a question on the terminal while output goes to a file" {
    type_line '"$SBX" run --tty new -- sh -c "echo asking >&2; read x; echo got:\$x" >out; echo "code=$?"'
    wait_screen '^asking'
    type_line 'the answer'
    wait_screen 'code=0'
    equal "got:the answer" "$(cat out)"
}

# --- stop and go ----------------------------------------------------------------------------------

@test "new: sbx is suspended from outside, and comes back by fg in raw mode" {
    local pid

    type_pid '"$SBX" run --tty new -e PS1="INSIDE# " -- bash --norc --noprofile -i'
    wait_screen '^INSIDE# '
    pid=$(cat "$T/pid")
    kill -TSTP "$pid"
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg'
    sleep 0.5
    type_line 'echo "in""side again"'
    wait_screen '^inside again'
    sleep 0.2
    type_line 'sleep 100'
    sleep 0.3
    keys C-c # a key, not a signal to sbx
    type_line 'echo "inner=$?"'
    wait_screen 'inner=130'
    kill -STOP "$pid"
    wait_screen 'Stopped'
    prompt_is_back
    type_line 'clear; fg'
    sleep 0.5
    type_line 'exit'
    ended
}

@test "new: in the background its output shows, its input waits; fg brings it the keyboard" {
    type_line '"$SBX" run --tty new -- sh -c "echo from-background; read x; echo got:\$x" &'
    wait_screen 'from-background'
    prompt_is_back
    type_line 'jobs'
    wait_screen 'Running'
    type_line 'fg'
    sleep 0.6
    type_line 'now'
    wait_screen '^got:now'
    ended
}

@test "stty tostop stops new and none as it stops any job" {
    local mode

    for mode in new none; do
        type_line "clear; stty tostop; \"\$SBX\" run --tty $mode -- sh -c 'sleep 0.3; echo from-background' &"
        sleep 1
        type_line 'stty -tostop; jobs'
        wait_screen 'Stopped'
        type_line 'fg'
        wait_screen '^from-background'
        prompt_is_back
    done
}

# --- the terminal's settings ----------------------------------------------------------------------

# settings_after SCRIPT: run it in a shell that leaves settings alone, and compare them
settings_after() {
    local number=$RANDOM

    printf '%s\n' 'stty -a >before' "$1" 'sleep 0.1; stty -a >after' >script
    type_line "clear; sh script; echo \"don\"\"e-$number\""
    wait_screen "done-$number\$" # not at a line's beginning where the shell wrote before the guard
    cmp before after || fail "$(diff before after)"
    prompt_is_back
}

@test "new: settings are restored after an end, a failure, a time limit" {
    settings_after '"$SBX" run --tty new -- stty raw -echo'
    settings_after '"$SBX" run --tty new -- /nonexistent'
    settings_after '"$SBX" run --tty new --hide /dev/pts -- true'
    settings_after '"$SBX" run --tty new --time 300ms -- sleep 100'
}

@test "new: settings are restored when sbx gets a signal" {
    local signal

    for signal in TERM HUP INT QUIT KILL; do
        settings_after "{ sleep 0.5; stty -a </dev/tty >meanwhile; kill -$signal \"\$(cat pid)\"; } &
            sh -c 'echo \$\$ >pid; exec \"\$SBX\" run --tty new -- sleep 100'"
        like "$(cat meanwhile)" '-icanon' # control: it was raw
    done
}

# A shell with job control takes the terminal back at once, but leaves its settings alone.
@test "new: after kill -9 of sbx's whole job the settings are restored, and nothing is left" {
    local i word

    word=$(token)
    cat >script <<'END'
stty -a >before
{ until stty -a </dev/tty | grep -q -e -icanon; do sleep 0.01; done; kill -9 "-$(cat pid)"; } &
sh -c 'echo $$ >pid; exec "$SBX" run --tty new -- ./probe hold "$0"' "$1"
echo "$?" >code
sleep 0.2
stty -a >after
END
    for i in 1 2 3 4 5; do
        rm -f pid code
        "$PROBE" pty sh -m script "$word" >/dev/null
        equal 137 "$(cat code)"
        cmp before after || fail "$(diff before after)"
        wait_until none_marked "$word"
        ! pgrep -f "^$SBX run --tty new -- ./probe hold $word" || fail "something is left"
    done
}

@test "new: hanging up the terminal ends everything" {
    local word

    word=$(token)
    type_line "\"\$SBX\" run --tty new -- ./probe hold $word"
    wait_until is_marked "$word"
    screen kill-server
    wait_until none_marked "$word"
}

@test "new: kill -9 of sbx ends everything" {
    local word

    word=$(token)
    type_pid "\"\$SBX\" run --tty new -- ./probe hold $word"
    wait_until is_marked "$word"
    kill -9 "$(cat "$T/pid")"
    wait_until none_marked "$word"
    prompt_is_back
}

# --- output ---------------------------------------------------------------------------------------

@test "new and none: nothing is lost at the end" {
    local mode i

    for mode in new none; do
        for i in 1 2 3 4 5 6 7 8; do
            # everything at once, then the end; whoever reads is late
            "$PROBE" pty sh -c "\"\$SBX\" run --tty $mode -- sh -c 'seq 1 $((i * 1500)); echo end-of-it'" |
                { sleep 0.2; tr -d '\r'; } >out
            equal "end-of-it" "$(tail -n 1 out)"
            equal $((i * 1500 + 1)) "$(wc -l <out)"
        done
    done
}

@test "new: 64 MiB of output come whole" {
    run -0 sh -c '"$PROBE" pty "$SBX" run --tty new -- head -c 67108864 /dev/zero | wc -c'
    equal 67108864 "$output"
}

@test "new: a terminal that takes no output holds up neither signals nor the time limit" {
    local began=$SECONDS

    # nobody reads the other end
    { "$PROBE" pty "$SBX" run --tty new --time 1s -- yes || true; } | { sleep 4; }
    [[ $((SECONDS - began)) -lt 20 ]] || fail "it took $((SECONDS - began)) s"
}

# --- none -----------------------------------------------------------------------------------------

@test "none: no terminal, empty input, output and errors in their order" {
    type_line '"$SBX" run --tty none -- sh -c "tty; echo one; echo two >&2; echo three; cat; exec 3</dev/tty"; echo "code=$?"'
    wait_screen '^not a tty'
    wait_screen 'code=2'
    like "$(shown | tr '\n' ' ')" 'one two three' 'No such device or address'
    prompt_is_back
}

@test "none: Ctrl-C ends it, Ctrl-Z stops it, fg lets it go on" {
    type_line '"$SBX" run --tty none -- sleep 100'
    sleep 0.5
    keys C-c
    wait_screen 'READY\$ $'
    type_line 'clear; echo "last=$?"'
    type_line '"$SBX" run --tty none -- sh -c "echo started; sleep 1; echo finished"'
    wait_screen '^started'
    keys C-z
    wait_screen 'Stopped'
    prompt_is_back
    sleep 1.5
    ! screen_has '^finished' || fail "it wasn't stopped: $(shown)"
    type_line 'fg'
    wait_screen '^finished'
    prompt_is_back
}

@test "none and new: descriptors that are no terminal are passed as they are" {
    local mode

    for mode in none new; do
        equal "in" "$(echo in | sbx run --tty "$mode" -- cat)"
        equal "err" "$(sbx run --tty "$mode" -- sh -c 'echo err >&2' 2>&1 >/dev/null)"
        run -7 sbx run --tty "$mode" -- sh -c 'exit 7' </dev/null
    done
}

# --- auto -----------------------------------------------------------------------------------------

@test "auto: shared with the filter, apart without it" {
    type_line '"$SBX" plan -- true | grep -E "process-group|session|^ *[0-9]+ *terminal"'
    wait_screen 'process-group'
    type_line 'clear; "$SBX" plan --seccomp off -- true | grep -E "process-group|session|^ *[0-9]+ *terminal"'
    wait_screen 'terminal +a pseudo-terminal .*\[--seccomp\]'
    unlike "$(shown)" 'process-group +the'
}

@test "a profile may say it" {
    printf 'sbx: 1\ndescription: On a terminal of its own\nextends: default\nrun: { tty: new }\n' >own.yaml
    run -0 sbx profile check own.yaml
    type_line '"$SBX" run -p ./own.yaml -- tty; echo "code=$?"'
    wait_screen '^/dev/pts/0$'
    wait_screen 'code=0'
}

@test "what can't be is refused" {
    type_line '"$SBX" run --tty new --hide /dev/pts -- true; echo "code=$?"'
    wait_screen 'needs /dev/pts'
    wait_screen 'code=125'
    type_line 'clear; "$SBX" run --tty none --keep-fd 5 -- true 5</dev/tty; echo "code=$?"'
    wait_screen 'descriptor 5 is a terminal'
    wait_screen 'code=125'
    sbx_fails 'auto' -- run --tty pty -- true
}

# --- counted ----------------------------------------------------------------------------------------

reported() {
    equal "$2" "$(jq -cr "$1" report.json)"
}

@test "--max-output: a terminal of the command's own, whose output counts" {
    type_line '"$SBX" run --report report.json --max-output 1K -- sh -c "tty; stty size; exit 4"; echo "code=$?"'
    wait_screen '^/dev/pts/0$'
    wait_screen 'code=4'
    reported '.output_bytes >= 18' true
    type_line 'clear; "$SBX" run --report report.json --max-output 30 -- sh -c "echo first; sleep 0.3; seq 1000; sleep 60"; echo "code=$?"'
    wait_screen 'ended by the max-output limit'
    wait_screen 'code=137'
    reported '[.cause, .output_bytes]' '["max-output",30]'
    # one of the two a terminal, the other a file; and none at all
    type_line 'clear; "$SBX" run --report report.json --max-output 20 -- sh -c "echo 12345678 >&2; sleep 0.2; seq 1000" >file; echo "code=$?"'
    wait_screen 'code=137'
    reported .output_bytes 20
    equal 10 "$(stat -c %s file)"
    type_line 'clear; "$SBX" run --tty none --report report.json --max-output 20 -- sh -c "seq 1000"; echo "code=$?"'
    wait_screen 'code=137'
    reported .output_bytes 20
}
