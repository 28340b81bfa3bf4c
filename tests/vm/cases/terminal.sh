# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# A terminal of the command's own: it is the kernel that keeps what was written, and sends hang-ups.
# shellcheck source=/dev/null
. "$VM_LIB"

# on_terminal COMMAND...: what it prints on a terminal
on_terminal() {
    "$PROBE" pty "$@" 2>&1 </dev/null | tr -d '\r'
}

same "shared, it is the caller's" "/dev/console" "$(on_terminal "$SBX" run --tty inherit -- sh -c 'ls /dev/console')"
same "new: it has a name inside" "/dev/pts/0" "$(on_terminal "$SBX" run --tty new -- tty)"
same "new: and it is the only one" "0 ptmx " \
    "$(on_terminal "$SBX" run --tty new -- sh -c 'ls /dev/pts /dev/console 2>/dev/null | grep -v :$ | tr "\n" " "')"
same "new: it controls the session" "here" \
    "$(on_terminal "$SBX" run --tty new -- sh -c 'exec 3<>/dev/tty && echo here >&3')"
expect 7 "new: the exit code" "$PROBE" pty "$SBX" run --tty new -- sh -c 'exit 7'
expect 124 "new: a time limit, and nobody reads" "$PROBE" pty "$SBX" run -q --tty new --time 1s -- sleep 60
for mode in new none; do
    lines=0
    for count in 500 2500 5000 10000; do
        seen=$(on_terminal "$SBX" run --tty $mode -- sh -c "seq 1 $count" | { sleep 0.3; wc -l; })
        lines=$((lines + seen))
    done
    same "$mode: nothing is lost at the end" 18000 "$lines"
done
same "none: there is none" "not a tty" "$(on_terminal "$SBX" run --tty none -- tty)"
same "none: nor one to be had" "" \
    "$(on_terminal "$SBX" run --tty none -- sh -c '{ exec 3</dev/tty; } 2>/dev/null && echo opened')"

"$PROBE" pty sh -c 'echo $$ >"$HOME/pid"; exec "$SBX" run --tty new -- "$PROBE" stubborn vm-terminal-token' \
    >"$HOME/terminal.out" 2>&1 </dev/null &
check "a command that ignores all signals started" wait_for grep -q ready "$HOME/terminal.out"
kill -9 "$(cat "$HOME/pid")"
check "new: it's gone when sbx was killed" wait_for none_with vm-terminal-token

finish
