# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# A default run: it starts, it says how it ended, it leaves nothing.
# shellcheck source=/dev/null
. "$VM_LIB"

before=$(cut -d ' ' -f 2- /proc/self/mountinfo)

check "true" "$SBX" run -- true
expect 42 "the command's exit code" "$SBX" run -- sh -c 'exit 42'
expect 137 "a command that a signal ended" "$SBX" run -- sh -c 'kill -9 $$'
expect 127 "a command that isn't there" "$SBX" run -- /no/such
expect 126 "a file that isn't a program" "$SBX" run -- /etc/passwd
expect 125 "an option that isn't there" "$SBX" run --no-such-option -- true
expect 124 "a time limit" "$SBX" run -q --time 1s -- sleep 60
same "a run prints nothing of its own" "hello" "$("$SBX" run -- echo hello 2>&1)"
same "standard input comes through whole" \
    "$(head -c 300000 /dev/zero | cksum)" "$(head -c 300000 /dev/zero | "$SBX" run -- cat | cksum)"
check "the plan can be printed" "$SBX" plan -- true

environment=$("$SBX" run -- env)
lacks "a secret of the environment stays outside" "$environment" SBX_VM_SECRET
contains "HOME is there" "$environment" "HOME=$HOME"

fds=$("$PROBE" leak-fds 10 "$SBX" run -- sh -c 'ls /proc/self/fd | tr "\n" " "' </dev/null)
# 3 is the directory that ls reads.
same "no descriptor of the caller's comes along" "0 1 2 3 " "$fds"

"$SBX" run -- "$PROBE" daemon vm-daemon-token >/dev/null 2>&1 </dev/null
check "a daemon is gone when sbx is" none_with vm-daemon-token
same "orphans are reaped" "zombies 0" "$("$SBX" run -- "$PROBE" orphans 20)"

"$SBX" run -- "$PROBE" stubborn vm-stubborn-token >"$HOME/stubborn.out" 2>&1 </dev/null &
sbx_pid=$!
check "a command that ignores all signals started" wait_for grep -q ready "$HOME/stubborn.out"
kill -9 "$sbx_pid"
wait "$sbx_pid" 2>/dev/null
check "it's gone when sbx was killed" wait_for none_with vm-stubborn-token

report=$HOME/report.json
"$SBX" run --report "$report" -- sh -c 'exit 42'
text=$(cat "$report")
contains "the report has the outcome" "$text" '"exited"'
contains "the report has the exit code" "$text" 42
echo "# degraded: $(tr -d '\n' <"$report" | sed -n 's/.*"degraded": *\(\[[^]]*\]\).*/\1/p')"

same "no mount is left" "$before" "$(cut -d ' ' -f 2- /proc/self/mountinfo)"
finish
