# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# What would eat the machine, held by a cgroup: the verdict, the exit code, others go on meanwhile,
# and nothing is left.  Bombs that need none are in tests/cli/bombs.bats.
# shellcheck source=/dev/null
. "$VM_LIB"

report=$HOME/report.json
mounts=$(wc -l </proc/self/mountinfo)

field() {
    sed -n "s/^ *\"$1\": \(.*[^,]\),*$/\1/p" "$report"
}

# bomb EXIT-CODE OUTCOME CAUSE WHAT OPTION... -- COMMAND...
bomb() {
    wanted=$1 outcome=$2 cause=$3 what=$4
    shift 4
    "$SBX" run -q -e BOMB=1 --report "$report" "$@" </dev/null >/dev/null 2>&1 &
    bomb=$!
    same "$what: another command runs meanwhile" alive "$("$SBX" run -- echo alive 2>&1)"
    wait "$bomb"
    same "$what: exit code" "$wanted" "$?"
    same "$what: outcome and cause" "\"$outcome\" \"$cause\"" "$(field outcome) $(field cause)"
    same "$what: no process is left" "" "$(grep -lsF BOMB=1 /proc/[0-9]*/environ)"
    same "$what: no cgroup is left" "" "$(find /sys/fs/cgroup -name 'sbx-sandbox-*' 2>/dev/null)"
    same "$what: no mount is left" "$mounts" "$(wc -l </proc/self/mountinfo)"
}

bomb 137 oom memory "a memory bomb" --memory 32M -- sh -c 'x=x; while :; do x=$x$x; done'
bomb 137 oom memory "many that eat memory together" --memory 48M -- \
    sh -c 'for i in 1 2 3 4 5 6; do (x=x; while :; do x=$x$x; done) & done; wait; sleep 60'
bomb 137 oom memory "a disk filler in memory" --memory 32M --tmpfs /tmp:size=1G -- \
    sh -c 'cat /dev/zero >/tmp/fill; sleep 60'
bomb 124 timeout wall-time "a fork bomb" --memory 128M --pids 40 --time 2s --grace 200ms -- \
    sh -c 'bomb() { bomb | bomb & }; bomb & exec sleep 60'
same "a fork bomb: held by the cgroup" '"cgroup"' "$(field pids)"
bomb 124 timeout wall-time "a busy loop on a fifth of a processor" --cpus 0.2 --time 1s --grace 100ms -- \
    sh -c 'while :; do :; done'
bomb 137 limit max-output "an output flood" --memory 32M --max-output 1M -- cat /dev/zero
same "an output flood: so much passed" 1048576 "$(field output_bytes)"
bomb 137 limit syscall "a refused system call" --memory 32M --on-refusal kill -- unshare -U true

finish
