# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# Limits for who has no cgroup of its own: a scope from systemd, of the user's manager or for root of
# the machine's.
# guest: systemd
# shellcheck source=/dev/null
. "$VM_LIB"

report=$HOME/report.json
mine=$(cat /proc/self/cgroup)

# run OPTION... -- COMMAND...: with a report, of which `field NAME` tells one line
run() {
    "$SBX" run -q --report "$report" "$@" </dev/null
}

field() {
    sed -n "s/^ *\"$1\": \(.*[^,]\),*$/\1/p" "$report"
}

# Cgroups of sbx anywhere; systemd removes its own a moment after they are empty.
left() {
    find /sys/fs/cgroup -name 'sbx-*' 2>/dev/null
}
nothing_left() {
    [ -z "$(left)" ]
}

# The cgroup in which a process with the word $1 is.
cgroup_with() {
    for file in $(processes_with "$1"); do
        grep /inside "${file%/cmdline}/cgroup"
    done 2>/dev/null
}

# hold WORD: a run that stays; $! is sbx itself
hold() {
    "$SBX" run --memory 64M -- "$PROBE" hold "$1" >/dev/null 2>&1 </dev/null &
}
is_inside() {
    case $(cgroup_with "$1") in
    */inside) return 0 ;;
    esac
    return 1
}

if [ "$VM_USER" = root ]; then
    whose="systemd in system.slice, asked for at /run/dbus/system_bus_socket"
else
    whose="systemd's user manager, asked for at /run/user/1000/bus"
    same "the user is in a session, which isn't its own" \
        "0::/user.slice/user-1000.slice/session-1.scope" "$mine"
fi

# --- the plan, which asks nobody
plan=$("$SBX" plan --memory 64M --pids 9 -- true)
contains "the plan names the manager" "$plan" "scope         a fresh one of $whose; sbx-scope keeps it  [--memory]"
contains "and the cgroup in its scope" "$plan" "fresh in the scope, the caller's own, which gives out memory pids; sbx-scope moves"
contains "the limit comes after that" "$plan" "cgroup-limit  memory.max 67108864"
same "and makes nothing" "" "$(left)"

# --- limits in force
check "a run with limits" run --memory 64M --swap 8M --pids 20 --cpus 0.9 -- true
for limit in memory swap pids cpus; do
    same "the report says what holds $limit" '"cgroup"' "$(field "$limit")"
done
same "the command sees no place but its own" "0::/" "$(run --memory 64M -- cat /proc/self/cgroup)"
expect 137 "a memory bomb" run --memory 32M -- sh -c 'x=x; while :; do x=$x$x; done'
same "its outcome" '"oom"' "$(field outcome)"
same "its cause" '"memory"' "$(field cause)"
expect 137 "everything ends, not the one process that took too much" \
    run --memory 32M -- sh -c 'sh -c "x=x; while :; do x=\$x\$x; done"; sleep 60; exit 3'
check "control: without a limit that fits" run -- sh -c 'head -c 64M /dev/zero >/tmp/file'
check "within a limit as well" run --memory 96M -- sh -c 'head -c 64M /dev/zero >/tmp/file'
peak=$(field peak_memory_kb)
# All of it is counted: what the process held that was moved came from sbx.
[ "$peak" -ge 65536 ] && [ "$peak" -le 69000 ]
verdict $? "the peak is what was used" "peak_memory_kb $peak"
same "as many processes as --pids says" "forked 9" "$(run --memory 64M --pids 10 -- "$PROBE" forks 50)"
same "how many there were" 10 "$(field peak_pids)"
expect 137 "one that kills itself" run --memory 64M -- sh -c 'kill -9 $$'
same "is not out of memory" '"signaled"' "$(field outcome)"
expect 7 "an exit code" run --memory 64M -- sh -c 'exit 7'
expect 127 "no such command" run --memory 64M -- /no/such
expect 124 "a time limit" run --memory 64M --time 500ms -- sleep 60
expect 125 "a limit too low for the set-up" run --memory 64K -- true
check "nothing is left of these" wait_for nothing_left

# --- a delegated one; systemd has cgroup2 mounted so that namespaces are boundaries (nsdelegate)
contains "the plan says what is delegated" "$("$SBX" plan --cgroup delegate -- true)" "; delegated with cpu"
expect 6 "what limits all is out of reach" run --cgroup delegate --memory 64M -- \
    sh -c 'echo max >/sys/fs/cgroup/memory.max || exit 6'
check "parts can be limited" run --cgroup delegate --memory 64M -- sh -c 'cd /sys/fs/cgroup || exit 9
    mkdir leaf part && for pid in $(cat cgroup.procs); do echo $pid >leaf/cgroup.procs; done 2>/dev/null
    echo +memory >cgroup.subtree_control && echo 16M >part/memory.max && test "$(cat part/memory.max)" = 16777216'
expect 7 "not where it is not delegated" run --memory 64M -- sh -c 'mkdir /sys/fs/cgroup/part || exit 7'

# --- who is where
hold vm-scope-token
sbx_pid=$!
check "one that runs" wait_for is_inside vm-scope-token
contains "its command is in the scope" "$(cgroup_with vm-scope-token)" "/sbx-$sbx_pid-"
contains "below its limits" "$(cgroup_with vm-scope-token)" ".scope/sbx-sandbox-"
same "sbx stays where it was" "$mine" "$(cat "/proc/$sbx_pid/cgroup")"
helper=$(find /sys/fs/cgroup -path "*/sbx-$sbx_pid-*.scope/sbx-supervisor-*/cgroup.procs" -exec cat {} +)
contains "the helper keeps the scope" "$(tr '\0' ' ' <"/proc/$helper/cmdline")" "sbx-scope "
same "it has its socket and nothing else open" 3 "$(find "/proc/$helper/fd" -type l | wc -l)"
if [ "$VM_USER" = root ]; then
    contains "the scope is in the caller's slice" "$(cgroup_with vm-scope-token)" "::/system.slice/sbx-"
else
    contains "the scope is the user manager's" "$(cgroup_with vm-scope-token)" \
        "::/user.slice/user-1000.slice/user@1000.service/app.slice/sbx-"
fi
kill "$helper"
sleep 0.5
check "a signal does not end the helper" test -d "/proc/$helper"
kill "$sbx_pid"
wait "$sbx_pid" 2>/dev/null
check "SIGTERM leaves nothing" wait_for nothing_left

# --- sbx killed
for pause in 0 0.05 0.1 0.15 0.2 0.3 0.5 0.8; do
    "$SBX" run --memory 64M --pids 40 -- sh -c 'while :; do sleep 1004 & sleep 0.05; done' \
        >/dev/null 2>&1 </dev/null &
    sbx_pid=$!
    sleep "$pause"
    kill -9 "$sbx_pid"
    wait "$sbx_pid" 2>/dev/null
done
check "nothing runs after sbx was killed" wait_for none_with 1004
check "no helper either" wait_for none_with sbx-scope
check "and nothing is left, without another run" wait_for nothing_left
hold vm-killed-token
sbx_pid=$!
check "one more" wait_for is_inside vm-killed-token
kill -9 "$(find /sys/fs/cgroup -path "*/sbx-$sbx_pid-*.scope/sbx-supervisor-*/cgroup.procs" -exec cat {} +)"
sleep 0.5
check "it runs on where the helper was killed" is_inside vm-killed-token
kill "$sbx_pid"
wait "$sbx_pid" 2>/dev/null
check "and leaves nothing" wait_for nothing_left

# --- many at once
rm -f "$HOME/done"
pids=
for _ in 1 2 3 4 5 6; do
    "$SBX" run --memory 64M --pids 20 -- sh -c 'sleep 1; echo done' >>"$HOME/done" 2>&1 </dev/null &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid"
done
same "six at once" 6 "$(grep -c '^done$' "$HOME/done")"
check "leave nothing" wait_for nothing_left

# --- what comes first, and what needs no scope
if [ "$VM_USER" = root ]; then
    contains "root's --pids takes a scope: nothing else counts root's processes" \
        "$("$SBX" plan --pids 9 -- true)" "  scope  "
    contains "--as USER takes that user's manager" \
        "$("$SBX" plan --as tester -C / --memory 64M -- true)" "systemd's user manager"
    expect 137 "and works" "$SBX" run -q --as tester -C / --memory 32M -- \
        sh -c 'x=x; while :; do x=$x$x; done'
    mkdir /sys/fs/cgroup/mine
    lacks "--cgroup-parent comes first" \
        "$("$SBX" plan --cgroup-parent /sys/fs/cgroup/mine --memory 64M -- true)" "  scope  "
    rmdir /sys/fs/cgroup/mine
    contains "and a delegated cgroup that sbx is in" \
        "$(systemd-run -q --scope -p Delegate=yes "$SBX" plan --memory 64M -- true 2>&1)" \
        "the one that sbx is in, which gives out memory; sbx moves into a leaf"
    check "which works" systemd-run -q --scope -p Delegate=yes "$SBX" run --memory 64M -- true
else
    lacks "--pids alone takes none" "$("$SBX" plan --pids 9 -- true)" "  scope  "
fi

# --- what is refused, and how it is said
mkdir "$HOME/alone" "$HOME/runtime"
chmod 700 "$HOME/runtime"
cp "$SBX" "$SBX-full" "$HOME/alone"
seen=$("$HOME/alone/sbx" run --memory 64M -- true 2>&1)
contains "without the helper it says so" "$seen" "could make a cgroup for the sandbox, but sbx-scope, which asks it, is not installed"
contains "and what helps" "$seen" "it is built where libsystemd-dev is there"
if [ "$VM_USER" = tester ]; then
    contains "without a bus, too" "$(XDG_RUNTIME_DIR=$HOME/runtime "$SBX" run --memory 64M -- true 2>&1)" \
        "can't be asked: there is no bus"
    seen=$("$SBX" run --io-weight 50 -- true 2>&1)
    contains "what the manager wasn't given" "$seen" "user@1000.service was not given the controller io"
    contains "is asked of root" "$seen" "systemctl edit user@.service"
    seen=$(unshare --user --map-current-user --pid --fork --mount-proc \
        "$SBX" run --memory 64M -- echo ran 2>&1)
    contains "from another PID namespace nothing is moved" "$seen" "it numbers processes in another way"
    lacks "and nothing is run" "$seen" ran

    manager=$(head -n 1 \
        /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/init.scope/cgroup.procs)
    kill -STOP "$manager"
    began=$(cut -d . -f 1 /proc/uptime)
    seen=$("$SBX" run --memory 64M -- echo ran 2>&1)
    took=$(($(cut -d . -f 1 /proc/uptime) - began))
    kill -CONT "$manager"
    contains "a manager that hangs is not waited for forever" "$seen" \
        "cannot have a cgroup for the sandbox from systemd's user manager: "
    contains "the hint says what to look at" "$seen" "hint: see whether the manager works"
    lacks "nothing is run" "$seen" ran
    [ "$took" -le 12 ]
    verdict $? "and that takes a bounded time" "$took s"
    check "control: it works again" wait_for run --memory 64M -- true
fi
check "nothing is left at the end" wait_for nothing_left
finish
