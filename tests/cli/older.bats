#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Callers whose kernel is older, or who are under a filter that refuses what it doesn't know: it works
# as it always does, or it ends with 125 and says what is missing.  `faults --off` does so for each
# call of a plain launch; here are the options and verbs that need a call of their own, and callers
# that are odd otherwise.
# bats file_tags=older
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a shell of its own; what stands in single quotes is meant for the shell inside

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

# --- verbs and options -------------------------------------------------------------------------------

@test "plan plans without what a run needs, and doctor says what a run says" {
    local call

    for call in openat2 unshare; do
        run -0 without $call $EPERM plan -- true
        like "$output" ' mirror ' ' pivot-root '
        run -1 without $call $ENOSYS doctor --json
        like "$(jq -r '.checks[] | select(.name == "default-run").fix' <<<"$output")" \
            "filter around sbx refuses $call:"
    done
    run -0 without clone3,statmount,listmount,pidfd_open,pidfd_send_signal $EPERM doctor
    like "$output" '^works +a default run$'
}

@test "exec, ps, stats and stop: they need little, and say what" {
    local errno mark

    XDG_RUNTIME_DIR=$T/run
    export XDG_RUNTIME_DIR
    mkdir -m 700 "$T/run"
    mark=$(token)
    background "$SBX" run --name box -- ./probe hold "$mark"
    wait_until is_marked "$mark"
    closed memfd_create 'filter around sbx refuses memfd_create:' exec box -- echo never
    closed signalfd4 'filter around sbx refuses signalfd4:' exec box -- echo never
    for errno in $ENOSYS $EPERM; do
        # the caller's filter is not the command's, which is started by the sandbox's init
        run -0 without openat2,close_range,statx,timerfd_create,pidfd_open,mount "$errno" \
            exec box -- echo here
        equal here "$output"
        run -0 without memfd_create,signalfd4,timerfd_create,pidfd_open "$errno" ps
        like "$output" '^box '
        run -0 without memfd_create,signalfd4,timerfd_create,pidfd_open "$errno" stats --once box
    done
    run -0 without memfd_create,signalfd4,timerfd_create,pidfd_open $EPERM stop box
    wait_until none_marked "$mark"
}

@test "each option that changes how a sandbox is made: closed without openat2, the same without clone3" {
    local option
    local -a words

    mkdir -p tree/{bin,dev,proc,sys,tmp,run,etc,usr,var/tmp} "tree$HOME" \
        "tree$(getent passwd "$(id -u)" | cut -d: -f6)"
    cp probe tree/bin/probe
    for option in "--root tree" "--cgroup none" "--net host-abstract" "--tty none" "--userns" \
        "--proc rw" "--on-refusal notify" "--max-output 1M" "--seccomp off" "--home host"; do
        read -ra words <<<"$option"
        closed openat2 'filter around sbx refuses openat2:' run "${words[@]}" -- true
        [[ $option == "--root "* ]] || words+=(--ro "$T/w/probe:/tmp/probe")
        run -1 without clone3,statmount,listmount $EPERM run "${words[@]}" -- \
            "$([[ $option == "--root "* ]] && echo /bin/probe || echo /tmp/probe)" try write /
        like "$output" '^refused: .*EROFS|^refused: .*EACCES'
    done
}

# --- odd callers -----------------------------------------------------------------------------------

# works_or_says PATTERN COMMAND...: it exits with 0, or with 125, a hint, and the pattern
works_or_says() {
    run --separate-stderr timeout -k 5 60 "${@:2}"
    [[ $status == 0 ]] && return
    equal 125 "$status"
    like "$stderr" '^sbx: .' '^hint: .' "$1"
}

@test "few descriptors: it works with 32, and with less it says so" {
    local number

    for ((number = 3; number < 32; number += 1 + number / 12)); do
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
    like "$output" 'resource limit open-files: ' 'ulimit -Ha'
}

@test "little memory, few processes, no file size: it works, or says what is too low" {
    local limit

    run -125 prlimit --fsize=0:0 "$SBX" run -- true
    like "$output" '^sbx: .' 'ulimit -f'
    # where even that can't be said, for it goes to a file, sbx is not killed by its own words
    run -125 bash -c 'exec prlimit --fsize=0:0 "$SBX" run --report r.json -- true 2>said'
    # sbx's first process counts as the caller's; inside, the namespace has a count of its own
    works_or_says 'ulimit -u' prlimit --nproc=0:0 "$SBX" run -- sh -c 'echo 1'
    for limit in --as=64M --stack=256K --memlock=0 --sigpending=0 --msgqueue=0; do
        limit=${limit%%=*}=$(numfmt --from=iec "${limit#*=}")
        run -0 prlimit "$limit:${limit#*=}" "$SBX" run -- sh -c 'echo 1'
        equal 1 "$output"
    done
    # so little that sbx itself can't be: whatever ends it, nothing runs
    run prlimit --as=1000000:1000000 "$SBX" run -- echo ran
    ((status != 0))
    unlike "$output" '^ran$'
}

@test "all signals ignored or blocked, an umask that takes or gives everything: it works" {
    local mask

    run -3 "$PROBE" with-ignored all timeout 30 "$SBX" run -- sh -c 'exit 3'
    run -3 "$PROBE" with-blocked all timeout 30 "$SBX" run -- sh -c 'exit 3'
    for mask in 0000 0777; do
        run -0 bash -c 'umask "$1"; exec "$SBX" run --tmpfs /mnt -- sh -c "
            umask; stat -c %a /mnt /run /dev /tmp"' sh "$mask"
        equal "$mask 755 755 755 1777" "${lines[*]}"
    done
}

@test "no environment, no arguments, not even a name" {
    run -0 env -i "$SBX" run -- env
    unlike "$output" '^(USER|SHELL|TERM)='
    run -125 "$PROBE" without-words "$SBX"
    like "$output" '^sbx: .*no verb' '^hint: .'
    run -0 bash -c 'exec -a "" "$SBX" run -- echo here'
    equal here "$output"
}

@test "as many arguments as the kernel takes, and one that is too long" {
    run -0 python3 - "$SBX" <<'END'
import subprocess, sys
def count(*words):
    return subprocess.run([sys.argv[1], "run", "--", "sh", "-c", "echo $# ${#1}", "sh", *words],
                          capture_output=True, text=True)
longest = "x" * (128 * 1024 - 1)
assert count(longest).stdout == "1 %d\n" % len(longest)
last = None
for words in range(10, 17): # up to the 2 MiB that a stack of 8 MiB allows: sbx's own exec fails first,
    try:                    # or the command gets them all, or it is told
        result = count(*["x" * 130000] * words)
    except OSError as error:
        assert error.errno == 7, error
        break
    assert result.stdout == "%d 130000\n" % words or \
        (result.returncode == 126 and "too long" in result.stderr), result
END
}

@test "a working directory that may not be entered: 125, and the way out" {
    mkdir closed
    chmod 0 closed
    cat >script <<'END'
cd closed 2>/dev/null || exec true # root's own; an ordinary user can't even get here
exec setpriv --reuid 65534 --regid 65534 --clear-groups "$SBX" run -- true
END
    need_root "an ordinary user can't enter it either"
    run -125 bash script
    like "$output" 'working directory .*closed: Permission denied' '^hint: .*--cd'
}

@test "no /sys, an empty /sys, an empty /dev: it works" {
    skip_unless mountns "no mount namespace can be made here"
    run -0 in_mount_ns sh -c 'mount -t tmpfs x /sys && exec "$SBX" run -- sh -c "ls /sys; echo 1"'
    equal 1 "${lines[-1]}"
    run -0 in_mount_ns sh -c 'mount -t tmpfs x /dev && exec "$SBX" run -- sh -c "ls /dev; echo 1"'
    equal 1 "${lines[-1]}"
    is_root || return 0
    run -0 in_mount_ns sh -c 'umount -l /sys && exec "$SBX" run -- sh -c "ls /sys; echo 1"'
    equal 1 "${lines[-1]}"
}

has_bwrap() { bwrap --bind / / true; }

@test "inside bubblewrap: it works, or says why" {
    skip_unless bwrap "no bubblewrap here"
    works_or_says . bwrap --bind / / --dev /dev "$SBX" run -- true
    works_or_says /proc bwrap --unshare-all --bind / / --proc /proc --dev /dev "$SBX" run -- true
    works_or_says . bwrap --unshare-user --uid 0 --ro-bind / / --dev /dev "$SBX" run -- true
}
