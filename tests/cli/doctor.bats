#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sbx doctor: each condition is made, and what doctor says of it is what the hint of a run says there.
# bats file_tags=doctor
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # single quotes: meant for another shell

load common

# in_mount_ns of common.bash, as words
in_mount_ns=(unshare -m --propagation private --)
is_root || in_mount_ns=(unshare -Urm --propagation private --)

# condition LINE...: $T/o/condition COMMAND... runs the command where these lines have been run
condition() {
    printf '%s\n' 'set -eu' "$@" >"$T/o/condition"
}

# doctor_in WRAPPER...: keeps what doctor finds there as JSON, and its exit code in $code
doctor_in() {
    code=0
    timeout -k 5 $((60 * SBX_TEST_SLOW)) "$@" "$SBX" doctor --json >"$T/doctor.json" 2>"$T/doctor.err" || code=$?
    [[ ! -s $T/doctor.err ]] || fail "doctor said: $(<"$T/doctor.err")"
    jq -e . "$T/doctor.json" >/dev/null || fail "no JSON, exit code $code"
}

# of CHECK FIELD: what the last doctor_in has found
of() {
    jq -r --arg name "$1" ".checks[] | select(.name == \$name).$2" "$T/doctor.json"
}

# diagnosed CHECK PATTERN WRAPPER...: there, that check fails, with a fix that has the pattern; a run
# ends with 125, and its hint is the same cause and fix, to the letter
diagnosed() {
    local check=$1 pattern=$2 said

    shift 2
    doctor_in "$@"
    equal 1 "$code"
    equal false "$(jq .works "$T/doctor.json")"
    equal fails "$(of "$check" state)"
    like "$(of "$check" cost)" .
    said="$(of "$check" cause): $(of "$check" fix)"
    like "$said" "$pattern"
    run -125 --separate-stderr timeout -k 5 $((60 * SBX_TEST_SLOW)) "$@" "$SBX" run -- true
    equal "$said" "$(sed -n 's/^hint: //p' <<<"$stderr")"
    equal fails "$(of default-run state)"
    equal "$said" "$(of default-run fix)"
}

has_default_run() { sbx run -- true; }

need_default_run() {
    skip_unless default_run "no sandbox can be made here"
}

@test "where a run works, doctor says so and exits 0; where it does not, 1" {
    doctor_in env
    if sbx run -- true; then
        equal 0 "$code"
        equal works "$(of default-run state)"
        run -0 sbx doctor
        like "$output" '^works +a default run$'
    else
        equal 1 "$code"
        equal fails "$(of default-run state)"
    fi
}

@test "its answers agree with what others find" {
    doctor_in env
    if unshare -Ur true 2>/dev/null; then
        equal works "$(of user-namespaces state)"
    else
        equal fails "$(of user-namespaces state)"
    fi
    if unshare -Urn true 2>/dev/null; then
        equal works "$(of network-namespaces state)"
    fi
    if unshare -Urmpf --mount-proc true 2>/dev/null; then
        equal works "$(of procfs state)"
    fi
    like "$(of landlock finding)" "ABI $("$PROBE" landlock-abi)\$|null"
    equal "$(id -u)" "$(jq .uid "$T/doctor.json")"
    equal "$(uname -r)" "$(jq -r .kernel "$T/doctor.json")"
}

@test "the JSON has all keys that the man page documents, and no other" {
    doctor_in env
    equal '["checks","kernel","machine","notes","uid","version","works"]' "$(jq -c keys "$T/doctor.json")"
    equal '[["cause","cost","file","finding","fix","name","state","title","used"]]' \
        "$(jq -c '[.checks[] | keys] | unique' "$T/doctor.json")"
    equal '[]' "$(jq -c '[.checks[].state] | unique - ["works","limited","fails","unknown"]' "$T/doctor.json")"
    equal default-run "$(jq -r '.checks[0].name' "$T/doctor.json")"
    # a check that fails says what that costs
    equal '[]' "$(jq -c '[.checks[] | select(.state == "fails" and .cost == null).name]' "$T/doctor.json")"
}

@test "the text has each check of the JSON, in lines of 80 columns" {
    run -0 "$SBX" doctor --json
    local json=$output title
    run sbx doctor
    while read -r title; do
        grep -qF -- "$title" <<<"$output" || fail "not in the text: $title" "$output"
    done < <(jq -r '.checks[].title' <<<"$json")
    # a word, or a command between backquotes, is never broken
    unlike "$(grep -v '`' <<<"$output")" '^.{81}.*[ ]'
}

@test "nothing is changed and nothing is left" {
    local before after

    before=$(cat /proc/self/mountinfo /proc/sys/kernel/pid_max /proc/sys/user/max_user_namespaces)
    doctor_in env
    after=$(cat /proc/self/mountinfo /proc/sys/kernel/pid_max /proc/sys/user/max_user_namespaces)
    equal "$before" "$after"
    equal "$(printf '%s\n' condition doctor.err doctor.json | grep -v condition)" \
        "$(cd "$T" && find . -maxdepth 1 -type f -printf '%f\n' | LC_ALL=C sort)"
}

@test "wrong words: 125, with a hint; --help: 0" {
    sbx_fails "doctor: unknown argument '--jso'" 'sbx doctor --json' -- doctor --jso
    sbx_fails "unknown argument 'now'" -- doctor --json now
    run -0 sbx doctor --help
    like "$output" '^Usage: sbx doctor \[--json\]' -- '--json'
    run -125 bash -c '"$SBX" doctor >/dev/full'
    like "$output" 'could not be written'
}

# --- what may be in the way -----------------------------------------------------------------

@test "user namespaces switched off by their limit" {
    need_default_run
    condition 'echo 0 >/proc/sys/user/max_user_namespaces' 'exec "$@"'
    diagnosed user-namespaces 'user namespace' unshare -Ur sh "$T/o/condition"
    equal unknown "$(of procfs state)"
    equal works "$(of seccomp state)"
    equal fails "$(of namespace-limits state)"
    # the control: the same, with a limit that is high enough
    condition 'echo 100 >/proc/sys/user/max_user_namespaces' 'exec "$@"'
    doctor_in unshare -Ur sh "$T/o/condition"
    equal works "$(of user-namespaces state)"
    equal works "$(of default-run state)"
}

@test "each other kind of namespace switched off by its limit" {
    local kind
    local -A checks=([mnt]=mount [pid]=pid [net]=network [ipc]=ipc [uts]=uts [cgroup]=cgroup)

    need_default_run
    for kind in "${!checks[@]}"; do
        condition "echo 0 >/proc/sys/user/max_${kind}_namespaces" 'exec "$@"'
        diagnosed "${checks[$kind]}-namespaces" "user\\.max_${kind}_namespaces=" \
            unshare -Ur sh "$T/o/condition"
        equal works "$(of user-namespaces state)"
    done
}

@test "a limit that is low is told with what it costs" {
    need_default_run
    condition 'echo 12 >/proc/sys/user/max_net_namespaces' 'exec "$@"'
    doctor_in unshare -Ur sh "$T/o/condition"
    equal limited "$(of namespace-limits state)"
    like "$(of namespace-limits fix)" 'user\.max_net_namespaces'
    equal 0 "$code"
}

@test "without the network namespace, sbx run --net host works, as doctor says" {
    need_default_run
    skip_unless abstract_scope "Landlock has no scopes here"
    condition 'echo 0 >/proc/sys/user/max_net_namespaces' 'exec "$@"'
    doctor_in unshare -Ur sh "$T/o/condition"
    like "$(of network-namespaces cost)" '--net host'
    run -0 unshare -Ur sh "$T/o/condition" "$SBX" run --net host -- true
}

@test "a container's filter that refuses namespaces" {
    need_default_run
    diagnosed user-namespaces 'system-call filter.*seccomp=unconfined' "$PROBE" with-seccomp
    like "$(jq -r '.notes[]' "$T/doctor.json")" 'system-call filter' 'no_new_privs'
    # whatever its answer is
    diagnosed user-namespaces 'system-call filter.*seccomp=unconfined' "$PROBE" with-answer userns 13
    diagnosed user-namespaces 'system-call filter.*seccomp=unconfined' "$PROBE" with-answer userns 38
}

@test "a filter that takes only Landlock away: it works, less, and a run does too" {
    need_default_run
    doctor_in "$PROBE" with-answer landlock 95
    equal 0 "$code"
    equal limited "$(of landlock state)"
    like "$(of landlock fix)" 'lsm='
    like "$(jq -r '.notes[]' "$T/doctor.json")" 'system-call filter'
    equal works "$(of user-namespaces state)"
    run -0 "$PROBE" with-answer landlock 95 "$SBX" run -- true
}

@test "a filter that kills who makes a namespace does not kill doctor" {
    need_default_run
    doctor_in "$PROBE" with-answer userns 0
    equal 1 "$code"
    equal fails "$(of default-run state)"
    like "$(of default-run cause)" 'kills'
    equal unknown "$(of user-namespaces state)"
    # the control: a run is killed there
    run "$PROBE" with-answer userns 0 "$SBX" run -- true
    ((status > 128))
}

@test "no mount_setattr, and a filter around sbx: either may be the reason" {
    need_default_run
    diagnosed mount-setattr 'mount_setattr.*5\.12' "$PROBE" with-answer mount_setattr 38
}

@test "no filters of system calls" {
    need_default_run
    doctor_in "$PROBE" with-answer seccomp 38
    equal fails "$(of seccomp state)"
    # a kernel that has a filter around sbx can filter
    like "$(of seccomp cause)" 'a system-call filter around sbx'
    like "$(of default-run fix)" 'filter around sbx refuses seccomp:'
}

# A second, whole procfs anywhere among the host's mounts, and the kernel allows a fresh one.
need_masked() {
    ! "$@" unshare -mpf --mount-proc true 2>/dev/null || skip "there is another whole procfs on this host"
}

@test "a masked /proc" {
    need_default_run
    echo "1 1" >uptime
    condition 'mount --bind uptime /proc/uptime' 'exec unshare -Ur "$@"'
    need_masked "${in_mount_ns[@]}" sh "$T/o/condition"
    diagnosed procfs 'systempaths=unconfined.*CAP_SYS_ADMIN' "${in_mount_ns[@]}" sh "$T/o/condition"
    # Linux 6.1 gives no reason in words: the errno alone has to do.
    like "$(of procfs finding)" 'too revealing|^Operation not permitted$'
    equal works "$(of user-namespaces state)"
}

@test "a masked /proc, as real root: it works" {
    need_root
    need_default_run
    echo "1 1" >uptime
    condition 'mount --bind uptime /proc/uptime' 'exec "$@"'
    doctor_in unshare -m sh "$T/o/condition"
    equal 0 "$code"
    equal works "$(of procfs state)"
    like "$(of procfs finding)" 'before the user namespace'
    run -0 unshare -m sh "$T/o/condition" "$SBX" run -- true
    # root without CAP_SYS_ADMIN can't have it so
    condition 'mount --bind uptime /proc/uptime' 'exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$@"'
    need_masked unshare -m sh "$T/o/condition" unshare -Ur
    diagnosed procfs 'CAP_SYS_ADMIN' unshare -m sh "$T/o/condition"
}

@test "a read-only /proc" {
    need_default_run
    condition 'mount -o remount,bind,ro /proc' 'exec "$@"'
    diagnosed user-namespaces '/proc is read-only.*remount' "${in_mount_ns[@]}" sh "$T/o/condition"
}

@test "no /proc at all" {
    need_default_run
    condition 'mount -t tmpfs none /proc' 'exec "$@"'
    diagnosed user-namespaces '/proc is not mounted' "${in_mount_ns[@]}" sh "$T/o/condition"
    equal unknown "$(of namespace-limits state)"
}

@test "a caller in a chroot, in one that is a mount and in one that is not" {
    need_default_run
    mkdir root
    condition 'mount --rbind / root' 'set +e' 'chroot root "$@"' 'exit $?'
    diagnosed user-namespaces 'in a chroot' "${in_mount_ns[@]}" sh "$T/o/condition"
    like "$(jq -r '.notes[]' "$T/doctor.json")" 'in a chroot'
    mkdir -p plain/proc plain/bin
    copy_sbx plain/bin
    condition 'mount --rbind /proc plain/proc' 'set +e' 'shift' 'chroot plain /bin/sbx "$@"' 'exit $?'
    doctor_in "${in_mount_ns[@]}" sh "$T/o/condition"
    equal 1 "$code"
    like "$(of user-namespaces cause)" 'in a chroot'
}

@test "a user namespace that has no name for its user" {
    need_default_run
    diagnosed user-namespaces 'no name for its user' unshare -U env -u XDG_CONFIG_HOME
}

@test "root that may not map itself" {
    need_root
    need_default_run
    diagnosed user-namespaces CAP_SETFCAP setpriv --bounding-set -setfcap --inh-caps -setfcap
    # as the ordinary user that it recommends, it works
    run -0 setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -setfcap env HOME=/nonexistent sh -c "cd / && '$SBX' doctor"
}

@test "inside another sbx" {
    need_default_run
    mkdir "$T/o/copy"
    copy_sbx "$T/o/copy"
    chmod -R a+rX "$T/o/copy"
    run -1 sbx run --ro "$T/o/copy:/tmp/copy" -- /tmp/copy/sbx doctor --json
    printf '%s\n' "$output" >"$T/doctor.json"
    equal fails "$(of user-namespaces state)"
    like "$(of user-namespaces fix)" 'another sandbox of sbx'
}

@test "no_new_privs alone is in nobody's way, and is told" {
    need_default_run
    doctor_in setpriv --no-new-privs
    equal 0 "$code"
    equal 1 "$(jq -r '.notes[]' "$T/doctor.json" | grep -c no_new_privs)"
    doctor_in env
    equal 0 "$(jq -r '.notes[]' "$T/doctor.json" | grep -c no_new_privs)"
}

@test "a working directory that is gone is the run's fault, not the host's" {
    need_default_run
    mkdir gone
    (cd gone && rmdir ../gone && "$SBX" doctor --json >"$T/doctor.json") && fail "it exited with 0"
    equal fails "$(of default-run state)"
    like "$(of default-run fix)" 'cd to another'
    equal works "$(of user-namespaces state)"
}

@test "a default profile that is wrong is told as a run tells it" {
    need_default_run
    mkdir -p "$HOME/.config/sbx/profiles"
    unset XDG_CONFIG_HOME
    printf 'sbx: 1\nnonsense: 1\n' >"$HOME/.config/sbx/profiles/default.yaml"
    doctor_in env
    equal 1 "$code"
    like "$(of default-run finding)" nonsense
    equal works "$(of user-namespaces state)"
}

@test "without a program called true, nothing is claimed" {
    need_default_run
    mkdir empty
    doctor_in env "PATH=$PWD/empty"
    equal 1 "$code"
    equal unknown "$(of default-run state)"
    like "$(of default-run cost)" 'nothing has been run'
}

@test "where AppArmor is what refuses, its profile is printed, with the path of this sbx" {
    need_root
    need_default_run
    # The switch is made up, and so is the refusal: a filter answers EPERM.
    mkdir fake "$T/o/my tools"
    echo 1 >fake/apparmor_restrict_unprivileged_userns
    copy_sbx "$T/o/my tools"
    chmod -R a+rX "$T/o"
    local SBX="$T/o/my tools/sbx"
    condition 'mount --bind fake /proc/sys/kernel' 'cd /' \
        'exec setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent "$PROBE_COPY" with-answer mount_setattr 1 "$@"'
    cp "$PROBE" "$T/o/probe"
    export PROBE_COPY=$T/o/probe
    diagnosed mount-setattr 'AppArmor.*apparmor_parser -r /etc/apparmor.d/sbx' unshare -m sh "$T/o/condition"
    equal /etc/apparmor.d/sbx "$(of mount-setattr file.path)"
    like "$(of mount-setattr file.text)" "^profile sbx \"$SBX\" flags=\(unconfined\) \{\$" '^  userns,$'
    run -1 unshare -m sh "$T/o/condition" "$SBX" doctor
    like "$output" '^# /etc/apparmor.d/sbx$' '^abi <abi/4.0>,$' "^profile sbx \"$SBX\" flags"
    # the control: without the switch it is not AppArmor's
    rm fake/apparmor_restrict_unprivileged_userns
    doctor_in unshare -m sh "$T/o/condition"
    equal null "$(of mount-setattr file)"
    unlike "$(of mount-setattr fix)" AppArmor
}

# --- what stays in force --------------------------------------------------------------------

@test "supplementary groups that stay in force are named, with what they are good for" {
    need_root
    need_default_run
    doctor_in setpriv --reuid 65534 --regid 65534 --groups 6,54321 env -C / HOME=/nonexistent
    like "$(jq -r '.notes[]' "$T/doctor.json")" 'group disk \(6\).*disks' 'group \? \(54321\)'
    doctor_in setpriv --reuid 65534 --regid 65534 --clear-groups env -C / HOME=/nonexistent
    unlike "$(jq -r '.notes[]' "$T/doctor.json")" '^group'
}

@test "a host's socket outside /run that the default view would show is named" {
    need_default_run
    need_outside
    background "$PROBE" listen-unix "$T/o/server.sock" >/dev/null
    wait_until test -S "$T/o/server.sock"
    doctor_in env
    like "$(jq -r '.notes[]' "$T/doctor.json")" "socket $T/o/server.sock would show"
    # as it says, a run masks it
    refuses -- connect-unix "$T/o/server.sock"
    # one in a private place is nobody's business
    rm "$T/o/server.sock"
    background "$PROBE" listen-unix "$HOME/server.sock" >/dev/null
    wait_until test -S "$HOME/server.sock"
    doctor_in env
    unlike "$(jq -r '.notes[]' "$T/doctor.json")" "$HOME/server.sock"
}
