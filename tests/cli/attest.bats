#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# --attest, and what is looked at before a command starts.  That a difference is caught is shown by
# broken.bats.

load common

setup() {
    common_setup
    skip_unless userns
}

teardown() {
    common_teardown
}

# items FILTER: the items that fit, as jq gives them
items() {
    jq -c "[.items[] | select($1)]" "$T/o/attest.json"
}

@test "--attest: what was looked at, as JSON" {
    run -0 "$SBX" run --attest "$T/o/attest.json" -- "$T/w/probe" facts
    jq -e '.as_planned == true and .version != null and (.command | endswith("/probe"))' \
        "$T/o/attest.json"
    [[ $(items '.state == "differs"') == "[]" ]]
    jq -e '.items | all(.expected != null and .found != null and has("origin") and has("subject"))' \
        "$T/o/attest.json"
    # what the issue asks for is all there
    for what in mount namespace uid-map gid-map uid gid groups capabilities securebits \
        no-new-privs seccomp userns-limit keyring hostname process-group dumpable rlimit \
        descriptors directory; do
        [[ $(items ".what == \"$what\"") != "[]" ]] || fail "nothing about $what"
    done
    [[ $(items '.what == "capabilities"' | jq length) == 5 ]]
    [[ $(items '.what == "namespace"' | jq length) == 7 ]]
}

@test "--attest: each mount that the command sees is there" {
    run -0 --separate-stderr "$SBX" run --attest "$T/o/attest.json" -- cat /proc/self/mountinfo
    diff <(awk '{ print $5 }' <<<"$output" | sort) \
        <(jq -r '.items[] | select(.what == "mount" and .found != "nothing there") | .subject' \
            "$T/o/attest.json" | sort)
}

@test "--attest: it is written before the command starts" {
    run -0 "$SBX" run --rw "$T/o" --attest "$T/o/attest.json" -- cp "$T/o/attest.json" "$T/o/copy"
    cmp "$T/o/attest.json" "$T/o/copy"
}

@test "--attest: origins are those of the plan" {
    run -0 "$SBX" run --attest "$T/o/attest.json" --hide "$T/w/probe" --open-files 99 -- true
    [[ $(items '.subject == env.T + "/w/probe"' | jq -r '.[0].origin') == "--hide #1" ]]
    [[ $(items '.what == "rlimit" and .subject == "nofile"' | jq -r '.[0].origin') == "--open-files" ]]
}

@test "--attest: a file that can't be written" {
    run "$SBX" run --attest "$T/none/attest.json" -- touch "$T/w/ran"
    [[ $status == 125 && $output == *"--attest"*"none/attest.json"*"hint:"* ]]
    run "$SBX" run --attest "$T/o" -- true
    [[ $status == 125 ]]
    # what stood there is not taken for this run's
    echo old >"$T/o/attest.json"
    run "$SBX" run --attest "$T/o/attest.json" --cd /nowhere/at/all -- true
    [[ $status == 125 && ! -e $T/o/attest.json ]]
}

@test "--attest: to a descriptor of the caller" {
    run -0 --separate-stderr "$SBX" run --attest /dev/stderr -- true
    # shellcheck disable=SC2154 # bats sets it
    jq -e .as_planned <<<"$stderr"
}

@test "a filter that refuses read and write: the word to start is heard all the same" {
    cp "$(command -v busybox)" "$T/w/busybox"
    # a static program that makes neither call
    run -0 "$SBX" run --deny-syscall read --deny-syscall write -- "$T/w/busybox" true
    run "$SBX" run --deny-syscall read --deny-syscall readv --deny-syscall recvfrom -- \
        "$T/w/busybox" true
    [[ $status == 125 && $output == *"filter"*"read"* ]] || fail "$output"
}

@test "a host with shared mounts, and with many" {
    # shellcheck disable=SC2016 # it is for the inner shell
    run -0 unshare --user --map-root-user --mount sh -c '
        mount -t tmpfs none "$1/o" && cd "$1/o" && mkdir m && mount --make-rshared / || exit 77
        for i in $(seq 300); do mkdir "m/$i"; mount -t tmpfs -o size=4k none "m/$i" || exit 77; done
        "$2" run --attest "$1/w/attest.json" -- sh -c "touch $1/o/m/7/x 2>/dev/null || echo refused"
    ' - "$T" "$SBX"
    [[ $output == refused ]]
    jq -e '[.items[] | select(.what == "mount" and (.subject | contains("/o/m/")))] |
        length == 300 and all(.state == "as-planned" and (.found | contains("ro,nosuid,nodev, private")))' \
        "$T/w/attest.json"
}

@test "a path through a link of the view is the planned directory all the same" {
    mkdir "$T/o/real"
    ln -s real "$T/o/link"
    run -0 "$SBX" run --cd "$T/o/link" -- pwd -P
    [[ $output == "$T/o/real" ]]
    # the kernel shows where it leads inside, not where it would lead outside
    ln -s /tmp "$T/o/private"
    run -0 "$SBX" run --cd "$T/o/private" -- pwd -P
    [[ $output == /tmp ]]
}

@test "a procfs of another PID namespace" {
    # as in a container whose /proc is its host's: the numbers there are others
    run unshare --user --map-root-user --pid --fork "$SBX" run -- echo RAN
    [[ $status == 0 && $output == RAN ]] || fail "$output"
}
