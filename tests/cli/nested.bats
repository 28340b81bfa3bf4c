#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Inside other containers: it works, or ends with 125 and the way out; never with less isolation.
# bats file_tags=nested
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

# works_or_says PATTERN...: the last run worked, or it ended with 125 and this hint
works_or_says() {
    [[ $status == 0 ]] && return
    equal 125 "$status"
    like "$output" 'hint: .' "$@"
}

@test "inside another sbx: 125, and the hint says that this is the reason" {
    run sbx run --ro "$SBX:/tmp/sbx" -- /tmp/sbx run -- true
    works_or_says 'another sandbox|--userns'
}

@test "inside another sbx that allows it (--userns): works or says why" {
    run sbx run --userns --ro "$SBX:/tmp/sbx" -- /tmp/sbx run -- id -u
    works_or_says .
    [[ $status != 0 ]] || like "$output" "^$(id -u)\$"
}

@test "inside unshare -r: works, with the full view" {
    skip_unless userns "no user namespaces here"
    run unshare -Ur "$SBX" run -- ./probe facts
    works_or_says .
    [[ $status == 0 ]] || return 0
    equal '["0000000000000000"]' "$(jq -c '[.caps[]] | unique' <<<"$output")"
    equal '[0,0,0]' "$(jq -c .uid <<<"$output")"
    unlike "$(jq -r '.mounts[] | select(.options | index("rw")) | .target' <<<"$output")" '^/$' '^/usr' '^/etc'
}

@test "inside unshare -Urm, -Urmpf --mount-proc and with a network: works or says why" {
    skip_unless userns "no user namespaces here"
    run unshare -Urm "$SBX" run -- true
    works_or_says .
    run unshare -Urmpf --mount-proc "$SBX" run -- true
    works_or_says .
    run unshare -Urn "$SBX" run -- true
    works_or_says .
    run unshare -U "$SBX" run -- true
    works_or_says .
}

@test "inside unshare -r: the home is hidden, and nothing can be written to" {
    skip_unless userns "no user namespaces here"
    echo secret >"$HOME/secret"
    run unshare -Ur "$SBX" run -- ./probe try read "$HOME/secret"
    ((status != 0))
    run unshare -Ur "$SBX" run -- ./probe try write "$T/o"
    ((status != 0))
}

@test "a masked /proc, as an ordinary user: 125, with the cause and the way out" {
    skip_unless userns "no user namespaces here"
    echo "1 1" >uptime
    # A namespace in between locks the mask, as containers have it.
    cat >script <<'END'
mount --bind uptime /proc/uptime
exec unshare -Ur "$SBX" run -- cat /proc/uptime
END
    run in_mount_ns bash -eu script
    equal 125 "$status"
    like "$output" '/proc' 'hint:'
    unlike "$output" '^1 1$'
}

@test "a masked /proc, as root: the masks are mirrored, read-only, with all else as always" {
    need_root
    echo "1 1" >uptime
    cat >script <<'END'
mount --bind uptime /proc/uptime
mount --rbind /proc/sys /proc/sys # with what the host has below it
mount -o remount,bind,ro /proc/sys
sbx plan -- true
sbx run -- cat /proc/uptime
sbx run -- ./probe try write /proc/uptime || true
sbx run -- ./probe facts >facts.json
END
    # The control: a fresh procfs within a user namespace is refused here.
    run ! in_mount_ns bash -euc 'mount --bind uptime /proc/uptime && unshare -Urmpf --mount-proc true'
    run -0 in_mount_ns bash -eu script
    like "$output" 'procfs +fresh, made before the user namespace' '^1 1$' '^refused:'
    equal '["0000000000000000"]' "$(jq -c '[.caps[]] | unique' facts.json)"
    equal "" "$(jq -r '.mounts[] | select(.target | startswith("/proc")) | select(.options | index("ro") | not) | .target' facts.json)"
}

@test "a masked /proc, as root: when sbx is killed, nothing is left" {
    need_root
    local mark

    mark=$(token)
    echo "1 1" >uptime
    printf '%s\n' 'mount --bind uptime /proc/uptime' \
        "echo \$\$ >pid" "exec \"\$SBX\" run -- ./probe hold $mark" >script
    background in_mount_ns bash -eu script
    wait_until is_marked "$mark"
    kill -9 "$(<pid)"
    wait_until none_marked "$mark"
}

@test "a /proc that is covered by a directory, as a container manager does it" {
    skip_unless userns "no user namespaces here"
    cat >script <<'END'
mount -t tmpfs none /proc/acpi 2>/dev/null || mount -t tmpfs none /proc/bus
mount --rbind /proc/sys /proc/sys # with what the host has below it
mount -o remount,bind,ro /proc/sys
exec unshare -Ur "$SBX" run -- true
END
    run in_mount_ns bash -eu script
    equal 125 "$status"
    like "$output" '/proc' 'hint:'
}

@test "no user namespaces allowed (max_user_namespaces 0): 125, and the hint names it" {
    skip_unless userns "no user namespaces here"
    # Set in a user namespace of our own, it holds for what is below only.
    run unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$SBX" run -- true'
    equal 125 "$status"
    like "$output" 'user namespace' 'hint:.*max_user_namespaces'
}

@test "a limit of another namespace (max_net_namespaces 0): 125, and the hint names it" {
    skip_unless userns "no user namespaces here"
    local kind

    for kind in net pid mnt uts ipc cgroup; do
        [[ -e /proc/sys/user/max_${kind}_namespaces ]] || continue
        run unshare -Ur sh -c "echo 0 >/proc/sys/user/max_${kind}_namespaces && exec \"\$SBX\" run -- true"
        equal 125 "$status"
        like "$output" 'hint:.*(max_[a-z]*_namespaces|/proc/sys/user)'
    done
}

@test "a caller under a container's system-call filter: 125, and it is told from a missing call" {
    run "$PROBE" with-seccomp timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- true
    equal 125 "$status"
    like "$output" 'hint:.*(seccomp|filter|container)'
}

@test "a caller without a /proc at all: 125 with a hint" {
    skip_unless mountns "no mount namespace can be made here"
    run in_mount_ns sh -c 'mount -t tmpfs none /proc && exec "$SBX" run -- true'
    works_or_says '/proc'
    is_root || return 0
    run in_mount_ns sh -c 'umount -l /proc && exec "$SBX" run -- true'
    works_or_says '/proc'
}

@test "a caller in a chroot: 125 with a hint, or it works" {
    skip_unless mountns "no mount namespace can be made here"
    cat >script <<'END'
mkdir root
mount --rbind / root
cd root
exec chroot . "$SBX" run -- true
END
    run in_mount_ns bash -eu script
    works_or_says 'chroot|root'
}

@test "a caller that has no new privileges, no capabilities, a cleared bounding set: works" {
    run -0 setpriv --no-new-privs "$SBX" run -- true
    need_root
    run -0 setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all env HOME=/nonexistent sh -c "cd / && '$SBX' run -- true"
}

@test "a read-only /proc: works, or 125 with a hint" {
    skip_unless mountns "no mount namespace can be made here"
    run in_mount_ns sh -c 'mount -o remount,bind,ro /proc && exec "$SBX" run -- true'
    works_or_says '/proc'
}
