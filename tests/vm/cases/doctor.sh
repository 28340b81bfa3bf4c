# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # what stands in single quotes is jq's
# sbx doctor: its answers are right on this kernel; and a switch that only Debian's kernels have.
# shellcheck source=/dev/null
. "$VM_LIB"

# state NAME, fix NAME: of a check in $json
state() {
    printf '%s' "$json" | jq -r --arg name "$1" '.checks[] | select(.name == $name).state'
}
fix() {
    printf '%s' "$json" | jq -r --arg name "$1" '.checks[] | select(.name == $name).fix'
}

check "a default run works" "$SBX" doctor
json=$("$SBX" doctor --json)
for name in user-namespaces mount-setattr procfs devpts seccomp seccomp-notifications; do
    same "$name" works "$(state "$name")"
done

abi=$("$PROBE" landlock-abi)
wanted=works
[ "$abi" -ge 6 ] || wanted=limited
same "Landlock, whose ABI is $abi" "$wanted" "$(state landlock)"

# Both kernels are older than 6.14.  Root can't tell without a write that all would feel.
wanted=fails
[ "$VM_USER" != root ] || wanted=unknown
before=$(cat /proc/sys/kernel/pid_max)
same "pid_max is the machine's" "$wanted" "$(state pid-max)"
same "and it is still what it was" "$before" "$(cat /proc/sys/kernel/pid_max)"

switch=/proc/sys/kernel/unprivileged_userns_clone
if [ "$VM_USER" = root ]; then
    cp "$SBX" "$SBX-full" /tmp
    chmod 755 /tmp/sbx /tmp/sbx-full
    cd / || exit 1
    ordinary="setpriv --reuid 12345 --regid 12345 --clear-groups --reset-env --"
    # shellcheck disable=SC2086 # words are meant
    check "an ordinary user's default run works" $ordinary /tmp/sbx doctor
    echo 0 >"$switch"
    # shellcheck disable=SC2086
    json=$($ordinary /tmp/sbx doctor --json)
    # shellcheck disable=SC2086
    hint=$($ordinary /tmp/sbx run -- true 2>&1)
    same "with $switch 0, none does" fails "$(state default-run)"
    contains "and the fix is named" "$(fix user-namespaces)" "sysctl kernel.unprivileged_userns_clone=1"
    contains "as by the hint of a run" "$hint" "sysctl kernel.unprivileged_userns_clone=1"
    check "root is not concerned" "$SBX" doctor
    echo 1 >"$switch"
fi
finish
