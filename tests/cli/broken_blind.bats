#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# sbx with a part of its set-up left out, and with an attestation that sees nothing (tests/broken/):
# the command starts, and a case of the escape suite has to get out.  So that suite finds a part
# missing by what comes of it, and not because somebody planned it.
#
# Where another layer holds as well, that one is left out too: the two are named together.  What no
# case sees, for there is more than one other layer, or nothing to be had: the cgroup namespace, the
# securebits, nosuid of the mirror, the seal of /dev, the read-only procfs, the host's devices
# without restrictions, descriptors that init doesn't close.  (The caller's keyring has gone before
# sbx-broken starts.)  broken.bats shows that the attestation sees these.

load common

setup() {
    common_setup
    BROKEN=${SBX_BUILD:-$REPO/build/release}/sbx-broken
    [[ -x $BROKEN ]] || skip "this build has no sbx-broken"
    skip_unless userns
    COUNT=0
}

teardown() {
    echo "# gets out: $COUNT"
    common_teardown
}

# case_of NAME [WORD...]: the case of the escape suite, by an sbx that lacks these parts.
case_of() {
    local name=$1

    shift
    cat >"$T/o/sbx" <<END
#!/bin/sh
SBX_BREAK='$*' SBX_BREAK_BLIND=1 exec '$BROKEN' "\$@"
END
    chmod 755 "$T/o/sbx"
    run env SBX="$T/o/sbx" bats --tap --filter "$name" "$REPO/tests/escape"
    [[ ${lines[0]} == 1..1 ]] || fail "not one case: $name: ${lines[0]}"
}

# gets_out NAME WORD...: it does what no sandbox lets it do.
gets_out() {
    case_of "$@"
    [[ $status == 1 && $output == *"ESCAPED from sbx"* ]] || fail "not seen: $*" "$output"
    COUNT=$((COUNT + 1))
}

# held NAME [WORD...]: these parts alone make no difference.
held() {
    case_of "$@"
    [[ $status == 0 && ${lines[1]} == "ok 1 "* ]] || fail "not held: $*" "$output"
}

# closes WORD...: the launch ends by itself, for what comes next can't be done.
closes() {
    case_of "^a process of the host is killed by its number" "$@"
    [[ $output == *"DID NOT RUN by sbx"$'\n'"# sbx: "* ]] || fail "the launch goes on: $*" "$output"
}

# The control: all that the test-only build has of its own is a pair of closed eyes.
@test "nothing is left out: held" {
    held "a file in /tmp$"
    held "^the processes of the host are seen"
    held "^CVE-2016-0728: keyctl"
}

@test "capabilities, user namespaces" {
    local sets="capabilities are left in one of the five sets"

    gets_out "$sets" skip:capabilities
    gets_out "$sets" bounding
    gets_out "$sets" skip:userns-limit
}

@test "the system-call filter" {
    gets_out "^CVE-2016-0728: keyctl" skip:seccomp
    gets_out "^CVE-2016-0728: keyctl" init:seccomp
    # nobody may load one without it
    closes skip:no-new-privs
}

@test "Landlock" {
    skip_unless landlock
    gets_out "^the file that is standard input is overwritten" skip:landlock
}

@test "limits" {
    gets_out "core_pattern programs away" skip:rlimit
    gets_out "core_pattern programs away" init:prlimit
}

@test "namespaces" {
    gets_out "^the host's services on the loopback" skip:network-enter
    gets_out "^System V shared memory" weaken:namespaces:0x08000000
    # mount, uts, user, pid
    closes weaken:namespaces:0x00020000
    closes weaken:namespaces:0x04000000
    closes weaken:namespaces:0x10000000
    closes weaken:namespaces:0x20000000
}

@test "init" {
    gets_out "^pid 1 is traced" init:dumpable
    gets_out "^the caller's job is killed" init:setpgid skip:landlock
    gets_out "^CVE-2017-5226: a command is typed" init:setsid skip:seccomp
}

@test "the view" {
    gets_out "^the processes of the host are seen" skip:proc
    gets_out "^CVE-2025-31133: a masked file of /proc" skip:mask
    gets_out "a file in /tmp$" skip:tmpfs=/tmp
    closes skip:tmpfs=/dev/shm
    # nothing can be made in the host's /run, but what is to be made may be there
    [[ -d /run/lock && -d /run/user/$UID ]] || closes skip:tmpfs=/run
    closes skip:mirror
    gets_out "the working directory leads out of the view" skip:pivot-root
    # in a home the working directory is a bind of its own
    gets_out "made writable again .mount.$" weaken:bind:1 weaken:mirror:1 skip:landlock
}

# Landlock lets nobody write there either.
@test "the mirror of the host's tree" {
    need_outside
    gets_out "made writable again .mount.$" weaken:mirror:1 skip:landlock
    gets_out "^a submount stays writable" shallow skip:landlock
    gets_out "^a mount that the host makes later" propagation skip:landlock
    held "made writable again .mount.$" weaken:mirror:1
    held "^a submount stays writable" shallow
}
