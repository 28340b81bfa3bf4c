# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# --cgroup delegate: cgroups of the command's own, below the limits of the run.
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

delegated='cd /sys/fs/cgroup || exit 9
    mkdir leaf && for pid in $(cat cgroup.procs); do echo $pid >leaf/cgroup.procs; done 2>/dev/null
    echo "+memory +pids" >cgroup.subtree_control || exit 8
    mkdir part && echo $((24 * 1024 * 1024)) >part/memory.max && echo 0 >part/memory.swap.max || exit 7'
delegate() {
    run --cgroup delegate "$@"
}
contains "the plan says what is delegated" "$("$SBX" plan --cgroup delegate --memory 64M -- true)" \
    "; delegated with cpu cpuset io memory pids"
check "the command can have cgroups of its own" delegate --memory 64M -- sh -c "$delegated"
check "also where nothing else asks for one" delegate -- sh -c "$delegated"
expect 8 "control: with processes at the top the kernel gives no controllers" \
    delegate --memory 64M -- sh -c 'cd /sys/fs/cgroup && echo +memory >cgroup.subtree_control || exit 8'
check "a limit of its own holds" delegate --memory 96M -- sh -c "$delegated"'
    sh -c "echo 0 >part/cgroup.procs; head -c 40M /dev/zero >/tmp/file"; test $? = 137'
same "and is not the verdict on the run" '"exited"' "$(field outcome)"
same "nor a limit of the run that was reached" "" "$(reached)"
check "control: in its other part that fits" delegate --memory 96M -- sh -c "$delegated"'
    head -c 40M /dev/zero >/tmp/file'
expect 137 "the limit of the run holds for all parts" delegate --memory 32M -- sh -c "$delegated"'
    echo max >part/memory.max; echo 0 >part/cgroup.procs; x=x; while :; do x=$x$x; done'
same "its outcome" '"oom"' "$(field outcome)"
same "its cause" '"memory"' "$(field cause)"
same "it was reached" "memory " "$(reached)"
same "processes count in all parts" "forked 9" "$(delegate --pids 11 -- sh -c "$delegated"'
    echo 0 >part/cgroup.procs; "$0" forks 50' "$PROBE" | head -n 1)"
same "and are told" "pids " "$(reached)"
contains "its limits are above what it sees" "$(delegate --memory 64M -- sh -c 'cd /sys/fs/cgroup
    echo max >memory.max && echo at the top; cat memory.max; cat ../memory.max 2>&1; cat /proc/self/cgroup')" "max"
seen=$(delegate --memory 32M --pids 20 -- sh -c 'cd /sys/fs/cgroup
    for file in memory.max pids.max cgroup.max.descendants; do echo max >$file; done
    for up in .. ../.. /proc/1/root/sys/fs/cgroup/..; do cat $up/memory.max 2>/dev/null; done
    echo 1 >../cgroup.procs; mkdir ../out; ls ..' 2>/dev/null)
lacks "and nothing above shows" "$seen" 33554432
lacks "nor can it be made" "$seen" out
expect 137 "raising what it sees lifts nothing" delegate --memory 32M -- sh -c 'cd /sys/fs/cgroup
    echo max >memory.max; echo max >memory.swap.max; x=x; while :; do x=$x$x; done'
same "as many as may be, and not more" "made 255" "$(delegate -- sh -c 'cd /sys/fs/cgroup; n=0
    while mkdir $n 2>/dev/null; do n=$((n + 1)); done; echo made $n')"
same "nothing is left of these" "" "$(left)"
check "what it has locked is removed" delegate -- sh -c "$delegated"'
    mkdir -p part/a/b/c && chmod 0 part/a/b/c part/a/b part/a part leaf .'
same "all of it" "" "$(left)"
"$SBX" run --cgroup delegate --memory 64M -- sh -c "$delegated"'; mkdir part/a; chmod 0 part
    exec "$0" hold vm-delegated' "$PROBE" >/dev/null 2>&1 </dev/null &
sbx_pid=$!
delegated_is_there() {
    [ -d "$(find "$parent" -path '*/inside/part' 2>/dev/null | head -n 1)" ] && ! none_with vm-delegated
}
check "one more" wait_for delegated_is_there
kill -9 "$sbx_pid"
wait "$sbx_pid" 2>/dev/null
check "of one that is killed" wait_for none_with vm-delegated
check "the next run" run --memory 64M -- true
same "removes the tree" "" "$(left)"
finish
