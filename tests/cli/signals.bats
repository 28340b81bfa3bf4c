#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Signals, ends and what is left after them.
# bats file_tags=signals
# shellcheck disable=SC2016,SC2154,SC2030,SC2031 # what stands in single quotes is meant for the shell inside

load common

# start OPTION... -- COMMAND...: sbx in the background, its pid in $SANDBOX, its output in $T/said.
# (A shell lets its background processes ignore SIGINT and SIGQUIT: that is undone.)
start() {
    "$PROBE" with-defaults "$SBX" run "$@" >"$T/said" 2>"$T/errors" 3>&- 4>&- &
    SANDBOX=$!
    BACKGROUND+=("$SANDBOX")
}

# ended: waits for the sandbox, its exit code in $code
ended() {
    code=0
    wait_until is_over "$SANDBOX"
    wait "$SANDBOX" || code=$?
}

said() { grep -q "$1" "$T/said"; }

@test "SIGTERM reaches the command, once" {
    start -- ./probe signals
    wait_until said ready
    kill -TERM "$SANDBOX"
    ended
    equal 0 "$code"
    equal "ready SIGTERM terms 1" "$(xargs <"$T/said")"
}

@test "other signals reach the command, once each" {
    local name

    start -- ./probe signals
    wait_until said ready
    for name in HUP INT QUIT USR1 USR2 WINCH; do
        kill "-$name" "$SANDBOX"
        wait_until said "SIG$name"
    done
    kill -TERM "$SANDBOX"
    ended
    equal "ready SIGHUP SIGINT SIGQUIT SIGUSR1 SIGUSR2 SIGWINCH SIGTERM terms 1" "$(xargs <"$T/said" | sed 's/ SIGCONT//g')"
}

@test "a signal to the whole process group (Ctrl-C's way) reaches the command once" {
    cat >script <<'END'
"$SBX" run -- ./probe signals >"$T/said" &
echo $! >"$T/pid"
wait $!
END
    setsid bash script 3>&- 4>&- &
    BACKGROUND+=("$!")
    wait_until said ready
    # The group of the script and of sbx.
    kill -TERM -- "-$(ps -o pgid= -p "$(cat "$T/pid")" | xargs)"
    wait_until said terms
    equal "ready SIGTERM terms 1" "$(xargs <"$T/said" | sed 's/ SIGCONT//g')"
}

@test "death by a forwarded signal is 128+n" {
    local name

    for name in TERM:143 INT:130 HUP:129 USR1:138; do
        start -- ./probe hold "$(token)"
        wait_until said ready
        kill "-${name%:*}" "$SANDBOX"
        ended
        equal "${name#*:}" "$code"
    done
}

@test "a command that handles SIGTERM ends as it wants" {
    start -- sh -c 'trap "echo cleaned; exit 7" TERM; echo ready; while :; do sleep 0.1; done'
    wait_until said ready
    kill -TERM "$SANDBOX"
    ended
    equal 7 "$code"
    said cleaned
}

@test "kill -9 of sbx leaves nothing" {
    local word

    word=$(token)
    start -- sh -c "./probe daemon $word; ./probe stubborn $word & ./probe stubborn $word"
    wait_until said ready
    wait_until is_marked "$word"
    kill -KILL "$SANDBOX"
    ended
    equal 137 "$code"
    wait_until none_marked "$word"
    equal "" "$(grep -F "$T" /proc/self/mountinfo)"
}

@test "kill -9 of sbx right at the start, at any moment, leaves nothing" {
    local word i

    word=$(token)
    for i in {1..40}; do
        "$SBX" run -- ./probe stubborn "$word" >/dev/null 2>&1 3>&- &
        sleep "0.0$((i % 10))$((i / 10))"
        kill -KILL $!
        wait $! || true
    done
    wait_until none_marked "$word"
}

@test "a command that ignores everything gets SIGKILL after the time limit's grace: 124" {
    local word before=$SECONDS

    word=$(token)
    start --time 500ms -- ./probe stubborn "$word"
    ended
    equal 124 "$code"
    none_marked "$word"
    ((SECONDS - before < 20 * SBX_TEST_SLOW))
}

@test "a SIGTERM while sbx is at work ends the launch, or the command: nothing in between" {
    local i code

    for ((i = 0; i < 150; i++)); do
        rm -f ran
        code=0
        python3 - "$SBX" "$i" <<'END' >out 2>&1 || code=$?
import os, signal, subprocess, sys, time
with subprocess.Popen([sys.argv[1], "run", "--rw", ".", "--", "sh", "-c", "echo >ran; exec sleep 5"]) as sbx:
    time.sleep(0.0005 + int(sys.argv[2]) % 30 * 0.0002)
    sbx.send_signal(signal.SIGTERM)
    code = sbx.wait()
sys.exit(128 - code if code < 0 else code)
END
        case $code in
        125) [[ ! -e ran ]] && grep -q 'interrupted by SIGTERM before the command started' out ;;
        143) ;;
        *) false ;;
        esac || fail "code $code, $(ls ran 2>&1): $(cat out)"
    done
}

@test "the time limit sends SIGTERM first" {
    start --time 1s -- sh -c 'trap "echo asked; exit 0" TERM; while :; do sleep 0.1; done'
    ended
    equal 124 "$code"
    said asked
}

@test "the time limit ends what the command left behind too" {
    local word

    word=$(token)
    start --time 400ms -- sh -c "./probe daemon $word; sleep 100"
    ended
    equal 124 "$code"
    none_marked "$word"
}

@test "a stopped command is no way round the time limit" {
    start --time 1s -- sh -c 'kill -STOP $$; echo went on'
    ended
    equal 124 "$code"
}

@test "--die-with-parent: the sandbox ends with sbx's parent" {
    local word parent

    word=$(token)
    bash -c '"$SBX" run --die-with-parent -- ./probe stubborn "$1" & echo $! >"$T/pid"; wait' x "$word" >/dev/null 3>&- 4>&- &
    parent=$!
    BACKGROUND+=("$parent")
    wait_until is_marked "$word"
    kill -KILL "$parent"
    wait_until none_marked "$word"
    wait_until is_over "$(cat "$T/pid")"
}

@test "without --die-with-parent it goes on" {
    local word parent

    word=$(token)
    bash -c '"$SBX" run -- ./probe hold "$1" & echo $! >"$T/pid"; wait' x "$word" >/dev/null 3>&- 4>&- &
    parent=$!
    wait_until is_marked "$word"
    kill -KILL "$parent"
    wait "$parent" || true
    sleep 0.5
    is_marked "$word"
    kill -KILL "$(cat "$T/pid")"
    wait_until none_marked "$word"
}

@test "--die-with-parent: no moment of the set-up misses the parent's end" {
    local word

    word=$(token)
    cat >script <<'END'
"$SBX" run --die-with-parent -- ./probe stubborn "$1" >/dev/null 2>&1 &
# As soon as it has a child of its own, it is past its look at its parent.
until [ -n "$(cat "/proc/$!/task/$!/children")" ]; do :; done
kill -9 $$
END
    for _ in {1..20}; do
        bash script "$word" 3>&- 4>&- 2>/dev/null || true
    done
    wait_until none_marked "$word"
}

@test "--die-with-parent and a parent that lives: an ordinary run" {
    run -5 sbx run --die-with-parent -- sh -c 'exit 5'
}

@test "--die-with-parent: a thread or child of the parent that ends doesn't matter" {
    run -0 bash -c '(sleep 0.1) & sbx run --die-with-parent -- sh -c "sleep 0.5; echo lived"'
    like "$output" lived
}

@test "a caller's ignored SIGHUP stays ignored (nohup)" {
    start -- true
    ended
    bash -c 'trap "" HUP; exec "$SBX" run -- sh -c "echo ready; sleep 0.4; echo survived"' >"$T/said" 3>&- 4>&- &
    SANDBOX=$!
    wait_until said ready
    kill -HUP "$SANDBOX"
    ended
    equal 0 "$code"
    said survived
}

@test "a caller with odd signal settings: sbx ends as it should" {
    run -3 "$PROBE" with-ignored 17 timeout $((30 * SBX_TEST_SLOW)) "$SBX" run -- sh -c 'exit 3'
    run -3 "$PROBE" with-blocked 17 timeout $((30 * SBX_TEST_SLOW)) "$SBX" run -- sh -c 'exit 3'
    run -3 bash -c 'trap "" CHLD; exec "$SBX" run -- sh -c "exit 3"'
    run -143 "$PROBE" with-blocked 15 timeout $((30 * SBX_TEST_SLOW)) "$SBX" run -- bash -c 'kill -TERM $$; exit 1' || true
    run -124 "$PROBE" with-ignored 15 timeout $((30 * SBX_TEST_SLOW)) "$SBX" run --time 300ms --grace 200ms -- \
        ./probe stubborn x
    run -124 "$PROBE" with-blocked 14 timeout $((30 * SBX_TEST_SLOW)) "$SBX" run --time 300ms -- sleep 20
}

@test "the init is killed by nothing from inside; its death from outside ends the run at once" {
    local inside

    start -- ./probe hold "$(token)"
    wait_until said ready
    inside=$(pgrep -P "$SANDBOX" | head -n 1)
    kill -KILL "$inside"
    ended
    ((code != 0))
}

@test "a stopped sbx goes on where it was" {
    start -- sh -c 'echo ready; sleep 0.5; echo end'
    wait_until said ready
    kill -STOP "$SANDBOX"
    sleep 0.2
    kill -CONT "$SANDBOX"
    ended
    equal 0 "$code"
    said end
}

@test "a fork bomb of children is gone with sbx" {
    local word

    word=$(token)
    start -- sh -c "for i in \$(seq 50); do ./probe stubborn $word >/dev/null & done; echo ready; wait"
    wait_until said ready
    kill -KILL "$SANDBOX"
    ended
    wait_until none_marked "$word"
}

@test "kill -9 of sbx at twenty random moments of a run under load leaves nothing" {
    local word

    mkdir "$T/run"
    export XDG_RUNTIME_DIR=$T/run
    for i in {1..20}; do
        word=$(token)
        background "$SBX" run --rw . --name "load-$i" -- sh -c \
            "while :; do ./probe daemon $word-\$\$ & (./probe hold $word-x & kill \$!) ; done"
        sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
        kill -9 $!
        wait_until none_marked "$word-*"
        unlike "$(cat /proc/self/mountinfo)" "$T/w"
    done
    # what only a living process could remove, the next call sweeps
    equal "" "$(sbx ps)"
    equal 0 "$(find "$T/run/sbx" -mindepth 1 | wc -l)"
}
