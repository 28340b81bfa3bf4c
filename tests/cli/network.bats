#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The network: a working loopback of its own, or the host's where that is asked for.
# bats file_tags=network
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

@test "loopback works, IPv4 and IPv6" {
    permits -- loopback4
    skip_unless ipv6 "the kernel has no IPv6"
    permits -- loopback6
}

@test "who makes the network has another processor; the command has the caller's" {
    local own first

    own=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
    run -0 sbx run -- sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status
    equal "$own" "$output"
    # where there is no other one, it goes without
    first=${own%%[-,]*}
    run -0 taskset --cpu-list "$first" "$SBX" run -- sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status
    equal "$first" "$output"
    run -0 taskset --cpu-list "$first" "$SBX" run -- ./probe try loopback4
}

@test "there is lo and nothing else" {
    facts
    equal '["lo"]' "$(fact .interfaces)"
}

@test "there is no way to the world" {
    refuses -- route
    # The control, where this machine has a route at all.
    "$PROBE" try route || skip "this machine has no route either"
}

@test "two sandboxes don't see each other's loopback" {
    background sbx run -- ./probe listen-tcp >"$T/port"
    wait_until has_text "$T/port"
    refuses -- connect-tcp "$(cat "$T/port")"
    refuses --net none -- connect-tcp "$(cat "$T/port")"
    run -1 "$PROBE" try connect-tcp "$(cat "$T/port")"
}

@test "-n host reaches what listens on the host's loopback" {
    skip_unless abstract_scope "-n host needs Landlock's scope for abstract sockets here"
    background "$PROBE" listen-tcp >"$T/port"
    wait_until has_text "$T/port"
    permits -n host -- connect-tcp "$(cat "$T/port")"
    permits --net host -- connect-tcp "$(cat "$T/port")"
    facts -n host
    equal "$("$PROBE" facts | jq -r .namespaces.net)" "$(fact .namespaces.net)"
}

@test "-n host doesn't open abstract sockets, nor sockets in /run" {
    skip_unless abstract_scope "-n host needs Landlock's scope for abstract sockets here"
    local name

    name=$(token)
    background "$PROBE" listen-abstract "$name" >"$T/ready"
    wait_until has_text "$T/ready"
    refuses -n host -- connect-abstract "$name"
    control connect-abstract "$name"
    # Its own abstract sockets work.
    run -0 sbx run -n host -- sh -c './probe listen-abstract mine-$$ >/tmp/r & until [ -s /tmp/r ]; do sleep 0.02; done; ./probe try connect-abstract mine-$$'
}

@test "-n host-abstract is the explicit word for all of it" {
    local name

    name=$(token)
    background "$PROBE" listen-abstract "$name" >"$T/ready"
    wait_until has_text "$T/ready"
    permits -n host-abstract -- connect-abstract "$name"
}

@test "-n host opens nothing but the network" {
    skip_unless abstract_scope "-n host needs Landlock's scope for abstract sockets here"
    refuses -n host -- write "$T/o"
    refuses -n host -- userns
    refuses -n host -- mount /tmp
    facts -n host
    equal '["0000000000000000"]' "$(fact '[.caps[]] | unique')"
    equal '["proc"]' "$(fact '[.mounts[] | select(.target == "/proc")] | map(.type) | unique')"
}

@test "-n host: names can be looked up as on the host" {
    skip_unless abstract_scope "-n host needs Landlock's scope for abstract sockets here"
    [[ -s /etc/resolv.conf ]] || skip "the host has no resolv.conf"
    equal "$(cat /etc/resolv.conf)" "$(sbx run -n host -- cat /etc/resolv.conf)"
    need_root "only root can put a resolv.conf into /run"
    # As systemd-resolved has it: a link to a file in /run.
    cat >script <<'END'
mkdir "$T/o/run"
mount -t tmpfs none /run
mkdir -p /run/systemd/resolve
echo "nameserver 192.0.2.53" >/run/systemd/resolve/stub-resolv.conf
cp -a /etc "$T/o/etc"
rm -f "$T/o/etc/resolv.conf"
ln -s ../run/systemd/resolve/stub-resolv.conf "$T/o/etc/resolv.conf"
mount --bind "$T/o/etc" /etc
sbx run -n host -- cat /etc/resolv.conf
END
    run -0 in_mount_ns bash -eu script
    equal "nameserver 192.0.2.53" "$output"
}

@test "netlink shows the own interfaces only; packet and raw sockets are refused" {
    refuses -- socket 17 3 768
    refuses -- socket 2 3 1
    refuses --seccomp off -- socket 17 3 768
    refuses --seccomp off -- socket 2 3 1
    ! is_root || control socket 2 3 1
}
