#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Callers whose kernel is older, or who are under a filter that refuses what it doesn't know: it works
# as it always does, or it ends with 125 and says what is missing.  `faults --off` does so for each
# call of a plain launch; here are the options and verbs that need a call of their own, and callers
# that are odd otherwise.
# bats file_tags=older
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

ENOSYS=38
EPERM=1

# without CALL,... ERRNO ARGUMENT...: sbx, where these calls are answered so
without() {
    timeout -k 5 60 "$PROBE" with-answer "$1" "$2" "$SBX" "${@:3}"
}

# closed CALL,... PATTERN ARGUMENT...: whatever the answer is, 125, nothing on stdout, a message, and a
# hint; one of them has the pattern
closed() {
    local errno

    for errno in $ENOSYS $EPERM; do
        run -125 --separate-stderr without "$1" "$errno" "${@:3}"
        equal "" "$output"
        like "$stderr" '^sbx: .' '^hint: .' "$2"
    done
}

@test "--die-with-parent without pidfd_open: 125, and the parent isn't said to be dead" {
    run -0 sbx run --die-with-parent -- true
    closed pidfd_open 'cannot watch over the sandbox' run --die-with-parent -- ./probe hold x
    unlike "$stderr" 'parent'
    run -0 without pidfd_open $ENOSYS run -- true
}

@test "--time without timerfd_create: 125, for the reason that it has" {
    closed timerfd_create 'cannot watch over the sandbox: Operation not permitted|not implemented' \
        run --time 10s -- ./probe hold x
    unlike "$stderr" 'descriptor'
    run -0 without timerfd_create $ENOSYS run -- true
}

@test "without keyctl alone: 125, for the caller's keys would pass; without all of keys: works" {
    skip_unless keyring "no key rings here"
    local name

    name=$(token)
    # The control: a filter that hides keyctl hides no key.
    run -0 "$PROBE" with-key "$name" "$PROBE" with-answer keyctl $ENOSYS "$PROBE" try request_key "$name"
    run -125 "$PROBE" with-key "$name" "$PROBE" with-answer keyctl $ENOSYS \
        timeout 60 "$SBX" run --seccomp off -- ./probe try request_key "$name"
    like "$output" 'session keyring' '^hint: .'
    run -0 without keyctl,add_key,request_key $ENOSYS run -- true
}

@test "without faccessat2 a command's profile is found all the same" {
    local errno

    mkdir -p "$HOME/.config/sbx/profiles"
    printf '%s\n' 'sbx: 1' 'match: [ls]' 'filesystem:' '  hide: [/usr/share]' \
        >"$HOME/.config/sbx/profiles/lister.yaml"
    for errno in $ENOSYS $EPERM; do
        run -0 without faccessat2 "$errno" run -- ls /usr/share
        equal "" "$output"
        run -0 without faccessat2 "$errno" profile which ls
        like "$output" '^lister '
    done
    # a file that its user may not execute is none, with and without
    printf '#!/bin/sh\n' >"$T/w/ls"
    run -0 without faccessat2 $EPERM profile which ./ls
    like "$output" '^default '
}

# --- odd callers -----------------------------------------------------------------------------------

# works_or_says PATTERN COMMAND...: it exits with 0, or with 125, a hint, and the pattern
works_or_says() {
    run --separate-stderr timeout -k 5 60 "${@:2}"
    [[ $status == 0 ]] && return
    equal 125 "$status"
    like "$stderr" '^sbx: .' '^hint: .' "$1"
}

# as_always COMMAND...: it runs sbx, and inside is what is there without that caller's oddness
as_always() {
    local expected

    expected=$(sbx run -- ./probe facts | jq -S 'del(.environment, .mounts, .rlimits, .blocked, .ignored, .umask, .fds, .pid)')
    run -0 timeout -k 5 60 "$@" "$SBX" run -- ./probe facts
    equal "$expected" "$(jq -S 'del(.environment, .mounts, .rlimits, .blocked, .ignored, .umask, .fds, .pid)' <<<"$output")"
}

@test "few descriptors: it works with 32, and with less it says so" {
    local number

    for ((number = 3; number < 32; number++)); do
        works_or_says 'ulimit -n' prlimit --nofile=$number:$number "$SBX" run -- true
        works_or_says 'ulimit -n' prlimit --nofile=$number:$number "$SBX" run --time 10s \
            --die-with-parent --report r.json --name "few-$$" --tmpfs /mnt -- true
    done
    run -0 prlimit --nofile=32:32 "$SBX" run -- true
    run -0 prlimit --nofile=32:32 "$SBX" run --time 10s --die-with-parent --report r.json \
        --name "few-$$" --tmpfs /mnt -- sh -c 'echo x | cat'
    equal x "$output"
}

@test "a hard limit of 0 on core files: it works, or the limit is named" {
    if [[ $(cat /proc/sys/kernel/core_pattern) == '|'* ]]; then
        run -125 prlimit --core=0:0 "$SBX" run -- true
        like "$output" 'resource limit core: ' 'ulimit -Ha'
    else
        run -0 prlimit --core=0:0 "$SBX" run -- sh -c 'ulimit -Hc'
        equal 0 "$output"
        run -0 prlimit --core=0:0 "$SBX" plan -- true
        like "$output" 'rlimit +core 0 '
    fi
    run -125 prlimit --nofile=100:100 "$SBX" run --open-files 200 -- true
    like "$output" 'resource limit nofile: ' 'ulimit -Ha'
}
