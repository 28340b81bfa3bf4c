# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# Limits by cgroup v2: for the ordinary user in a subtree that is its own, for root in the root cgroup.
# shellcheck source=/dev/null
. "$VM_LIB"

if [ "$VM_USER" = root ]; then
    parent=/sys/fs/cgroup
else
    parent=/sys/fs/cgroup/tester
fi
report=$HOME/report.json

# run OPTION... -- COMMAND...: with a report, of which `field NAME` tells one line
run() {
    "$SBX" run -q --report "$report" "$@" </dev/null
}

field() {
    sed -n "s/^ *\"$1\": \(.*[^,]\),*$/\1/p" "$report"
}

# The names that the report lists as reached.
reached() {
    sed -n '/"limits_reached"/,/\]/p' "$report" | sed -n 's/^ *"\([a-z-]*\)",*$/\1/p' | tr '\n' ' '
}

# Cgroups of sbx anywhere.
left() {
    find /sys/fs/cgroup -name 'sbx-*' 2>/dev/null
}

# has_sandbox PARENT: with a process in it
has_sandbox() {
    [ -n "$(cat "$1"/sbx-sandbox-*/inside/cgroup.procs 2>/dev/null)" ]
}

same "there is none at the start" "" "$(left)"
before=$(cat "$parent/cgroup.subtree_control")

# --- what is planned, and what is in force
plan=$("$SBX" plan --memory 64M --pids 9 --cpus 0.5 -- true)
contains "the plan names the place" "$plan" "fresh in $parent, "
contains "the plan has the limit" "$plan" "memory.max 67108864  [--memory]"
contains "swap is bounded with it" "$plan" "memory.swap.max 0  [--memory]"
check "a run with all of them" run --memory 64M --swap 8M --pids 20 --cpus 0.9 --cpuset 0 \
    --io-weight 50 -- true
for limit in memory swap pids cpus cpuset io-weight; do
    same "the report says what holds $limit" '"cgroup"' "$(field "$limit")"
done
same "the command sees no place but its own" "0::/" "$(run --memory 64M -- cat /proc/self/cgroup)"
expect 125 "a processor that isn't there" run --cpuset 1 -- true

# --- memory
expect 137 "a memory bomb" run --memory 32M -- sh -c 'x=x; while :; do x=$x$x; done'
same "its outcome" '"oom"' "$(field outcome)"
same "its cause" '"memory"' "$(field cause)"
same "the limit was reached" "memory " "$(reached)"
expect 137 "everything ends, not the one process that took too much" \
    run --memory 32M -- sh -c 'sh -c "x=x; while :; do x=\$x\$x; done"; sleep 60; exit 3'
expect 137 "what a private directory holds counts" \
    run --memory 32M -- sh -c 'head -c 64M /dev/zero >/tmp/file; exit 3'
same "its outcome as well" '"oom"' "$(field outcome)"
check "control: without a limit it fits" run -- sh -c 'head -c 64M /dev/zero >/tmp/file'
check "within the limit it fits, too" run --memory 96M -- sh -c 'head -c 64M /dev/zero >/tmp/file'
peak=$(field peak_memory_kb)
# What is written, and what programs and the kernel take beside it.
[ "$peak" -ge 65536 ] && [ "$peak" -le 69000 ]
verdict $? "the peak is what was used" "peak_memory_kb $peak"
expect 137 "one that kills itself" run --memory 64M -- sh -c 'kill -9 $$'
same "is not out of memory" '"signaled"' "$(field outcome)"
expect 125 "a limit too low for the set-up" run --memory 64K -- true
same "is no verdict on the command" '"setup-failed"' "$(field outcome)"
contains "and is explained" "$("$SBX" run --memory 64K -- true 2>&1)" "hint: the memory limit is too low"

# --- processes
same "as many processes as --pids says" "forked 9" "$(run --pids 10 -- "$PROBE" forks 50)"
same "the limit was reached" "pids " "$(reached)"
same "how many there were" 10 "$(field peak_pids)"
check "one more than is used" run --pids 11 -- "$PROBE" forks 9
same "is not reached" "" "$(reached)"
expect 124 "a fork bomb is held" run --pids 30 --time 3s -- \
    sh -c 'bomb() { bomb | bomb & }; bomb & exec sleep 60'
contains "at its limit" "$(reached)" pids

# --- CPU time
run --time 3s -- sh -c 'while :; do :; done'
free=$(($(field user_ms) + $(field system_ms)))
run --cpus 0.2 --time 3s -- sh -c 'while :; do :; done'
held=$(($(field user_ms) + $(field system_ms)))
wall=$(field wall_ms)
[ "$held" -le $((wall * 26 / 100)) ] && [ "$free" -ge $((held * 2)) ]
verdict $? "--cpus 0.2 leaves a busy loop a fifth" "$held of $wall ms, and $free without"
same "the limit was reached, and the one that ended it" "cpus time " "$(reached)"

# An independent measure: what the shell has used, by its own account.
used=$(run --memory 64M -- sh -c 'i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done; times' |
    sed -n '1s/^\([0-9]*\)m\([0-9]*\)\.\([0-9]\{3\}\)[0-9]*s \([0-9]*\)m\([0-9]*\)\.\([0-9]\{3\}\)[0-9]*s$/1\3 1\6 \2 \5/p')
# shellcheck disable=SC2086 # four words: milliseconds with a 1 in front, seconds
set -- $used
used=$(($1 - 1000 + $2 - 1000 + ($3 + $4) * 1000))
counted=$(($(field user_ms) + $(field system_ms)))
# The set-up is in it as well: some ten milliseconds, or a hundred here.
[ "$used" -gt 500 ] && [ "$counted" -ge $((used * 95 / 100)) ] &&
    [ "$counted" -le $((used * 105 / 100 + 200)) ]
verdict $? "CPU time is what was used" "$counted ms counted, $used ms used"

same "nothing is left" "" "$(left)"

# --- what the command can do about it
attack='mount -t cgroup2 none /tmp/c && cd /tmp/c || exit 9
    for file in memory.max pids.max cgroup.max.descendants; do
        echo max >$file && echo "raised $file"
    done
    mkdir deeper && echo "made one"
    echo "processes: $(wc -l <cgroup.procs)"
    cat /proc/self/cgroup'
userns() {
    run --userns --seccomp off --memory 32M --pids 20 -- \
        sh -c 'mkdir /tmp/c; exec unshare -UrmC sh -c "$0"' "$1"
}

if [ "$VM_USER" = tester ]; then
    seen=$(userns "$attack" 2>/dev/null)
    contains "with --userns it can mount its cgroup" "$seen" "0::/"
    contains "which has init, the shell and wc in it" "$seen" "processes: 3"
    lacks "but raise nothing" "$seen" "raised memory"
    lacks "at all" "$seen" "raised pids"
    lacks "nor make cgroups" "$seen" "made"
    expect 137 "so the limit holds there as well" \
        userns "$attack; x=x; while :; do x=\$x\$x; done"
else
    # To map 0 takes a capability that root has lost.
    expect 1 "root can't have a user namespace to mount it in" userns true
fi

# --- what it sees of its cgroup
same "it sees its own cgroup" "1 " "$(run --memory 64M -- sh -c 'head -n 1 /sys/fs/cgroup/cgroup.procs; ls -d /sys/fs/cgroup/*/' 2>/dev/null | tr '\n' ' ')"
expect 1 "it can't write to it" run --memory 64M -- "$PROBE" try write /sys/fs/cgroup
expect 2 "nor make one in it" run --memory 64M -- sh -c 'mkdir /sys/fs/cgroup/a || exit 2'
same "--cgroup none shows nothing" "" "$(run --memory 64M --cgroup none -- ls /sys/fs/cgroup)"
same "nor is there anything without one" "" "$(run -- ls /sys/fs/cgroup)"

# --- many at once, and sbx killed
pids=
for _ in 1 2 3 4 5 6 7 8; do
    "$SBX" run --memory 64M --pids 20 -- sh -c 'sleep 1; echo done' >>"$HOME/done" 2>&1 </dev/null &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid"
done
same "eight at once" 8 "$(grep -c '^done$' "$HOME/done")"
same "leave nothing" "" "$(left)"
for pause in 0 0.03 0.06 0.1 0.15 0.2 0.3 0.5; do
    "$SBX" run --memory 64M --pids 40 -- sh -c 'while :; do sleep 1002 & sleep 0.05; done' \
        >/dev/null 2>&1 </dev/null &
    sbx_pid=$!
    sleep "$pause"
    kill -9 "$sbx_pid"
    wait "$sbx_pid" 2>/dev/null
done
check "nothing runs after sbx was killed" wait_for none_with 1002
check "the next run" run --memory 64M -- true
same "removes what those left" "" "$(left)"
"$SBX" run --memory 64M -- "$PROBE" hold vm-alive-token >/dev/null 2>&1 </dev/null &
sbx_pid=$!
check "one that runs" wait_for has_sandbox "$parent"
check "beside another" run --memory 64M -- true
check "is left alone" has_sandbox "$parent"
kill "$sbx_pid"
wait "$sbx_pid" 2>/dev/null
same "SIGTERM leaves nothing" "" "$(left)"
same "controllers of the parent are as before, or more" "$before" \
    "$(cat "$parent/cgroup.subtree_control")"

# --- what a service manager has, and what it gives away
scope=$parent/sbx.scope
mkdir "$scope"
in_scope() {
    sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$scope" "$@" </dev/null
}
contains "a scope that wasn't given away is passed over" \
    "$(in_scope "$SBX" plan --memory 64M -- true)" "fresh in $parent, above the one"
expect 125 "also where it is named" run --cgroup-parent "$scope" --memory 64M -- true
# setxattr(2): there is no such command everywhere
check "it is given away" perl -e 'my ($path, $name, $value) = ($ARGV[0], "user.delegate", "1");
    exit(syscall(188, $path, $name, $value, 1, 0) != 0)' "$scope"
contains "one that was given away is taken" \
    "$(in_scope "$SBX" plan --memory 64M -- true)" "fresh in $scope, the one"
check "and works" in_scope "$SBX" run --memory 64M -- true
mkdir "$scope/init.scope"
contains "one that a manager is in is its own" \
    "$(in_scope "$SBX" plan --memory 64M -- true)" "fresh in $parent, above the one"
rmdir "$scope/init.scope" "$scope"

# --- sbx as the only process of a cgroup, as systemd-run --scope starts it
alone=$parent/alone
mkdir "$alone"
in_alone() {
    sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$alone" "$@" </dev/null
}

for _ in 1 2; do
    check "alone in its cgroup, sbx makes way" in_alone "$SBX" run --memory 64M -- true
    same "and puts all back" "" "$(cat "$alone/cgroup.subtree_control"; find "$alone" -mindepth 1 -type d)"
done
contains "the plan says so" "$(in_alone "$SBX" plan --memory 64M -- true)" "sbx moves into a leaf"
# Not by the function: $! is to be sbx itself.
sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$alone" \
    "$SBX" run --memory 64M -- "$PROBE" hold vm-alone-token >/dev/null 2>&1 </dev/null &
sbx_pid=$!
check "one alone" wait_for has_sandbox "$alone"
check "and one beside it, by --cgroup-parent" run --cgroup-parent "$alone" --memory 64M -- true
kill -9 "$sbx_pid"
wait "$sbx_pid" 2>/dev/null
check "killed there" wait_for none_with vm-alone-token
check "the next one there" run --cgroup-parent "$alone" --memory 64M -- true
same "removes its leaf, too" "" "$(left)"
echo "-memory -pids" >"$alone/cgroup.subtree_control"

seen=$(sh -c 'echo 0 >"$0/cgroup.procs"; "$@"; echo "exit $?"' "$alone" \
    "$SBX" run --memory 64M -- true 2>&1)
if [ "$VM_USER" = tester ]; then
    # above it is one that can be used
    contains "beside a shell it takes the one above" "$seen" "exit 0"
fi
seen=$(sh -c 'echo 0 >"$0/cgroup.procs"; "$@"; echo "exit $?"' "$alone" \
    "$SBX" run --cgroup-parent "$alone" --memory 64M -- true 2>&1)
contains "where processes are in the way, that is an error" "$seen" "exit 125"
contains "which says so" "$seen" "other processes are in the cgroup $alone"
hint=$(echo "$seen" | sed -n 's/^hint: move them into one below it, such as your shell: //p')
seen=$(sh -c 'echo 0 >"$0/cgroup.procs"; eval "$1"; shift; "$@"; echo "exit $?"' "$alone" "$hint" \
    "$SBX" run --cgroup-parent "$alone" --memory 64M -- true 2>&1)
same "and what to do, which helps" "exit 0" "$seen"
rmdir "$alone/shell" "$alone"

if [ "$VM_USER" = tester ]; then
    expect 125 "another's cgroup" run --cgroup-parent /sys/fs/cgroup --memory 64M -- true
    same "is an error before anything runs" '"setup-failed"' "$(field outcome)"
fi
if [ "$VM_USER" = root ]; then
    # A user with nothing, in the root cgroup: root does what the hint says.
    other='cd /tmp && exec setpriv --reuid 1001 --regid 1001 --clear-groups "$SBX" run --memory 64M -- true'
    seen=$(sh -c "$other" 2>&1)
    contains "a user who was given no cgroup is told so" "$seen" "the caller may not make cgroups in"
    hint=$(echo "$seen" | sed -n 's/^hint: as root, give this user a cgroup: //p')
    # shellcheck disable=SC2016 # $$ is that shell's
    same "and the hint helps" "exit 0" \
        "$(sh -c 'eval "$(echo "$1" | sed "s/PID-OF-THE-SHELL/$$/")"; (eval "$0") 2>&1; echo "exit $?"' \
            "$other" "$hint")"
    rmdir "$parent/1001/shell" "$parent/1001"
fi
expect 125 "what is no cgroup" run --cgroup-parent /tmp -- true
same "nothing is left at the end" "" "$(left)"
finish
