#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sbx is two programs: a quick one without libraries, and the whole one that it goes on as (see
# src/base/whole.h).  Nobody should be able to tell, but by a clock.
# bats file_tags=whole
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

setup() {
    common_setup
    [[ -e $SBX-full ]] || skip "this build has the whole program only"
}

# alone: a copy of the quick program, with the profiles and without the whole one, in $T/o/alone/sbx
alone() {
    mkdir "$T/o/alone"
    cp "$SBX" "$T/o/alone/sbx"
    cp -r "${SBX%/*}/share" "$T/o/alone"
    chmod -R u=rwX,go=rX "$T/o/alone"
}

# handed_over OPTION...: a run with these needs the whole program, and is nothing without it
handed_over() {
    rm -f ran
    run -0 sbx run --rw . "$@" -- touch ran
    [[ -e ran ]] || fail "it did not run: $*"
    rm -f ran
    run -125 "$T/o/alone/sbx" run --rw . "$@" -- touch ran
    equal "sbx: sbx-full can't be started: No such file or directory" "${lines[0]}"
    like "${lines[1]}" '^hint: it belongs to sbx: install it beside sbx, or in /.*, with the same owner$'
    [[ ! -e ran ]] || fail "it ran all the same: $*"
}

# same ARGUMENT...: both programs say the same and end with the same code
same() {
    local quick=0 whole=0

    "$SBX" run "$@" >quick.out 2>quick.err </dev/null || quick=$?
    "$SBX-full" run "$@" >whole.out 2>whole.err </dev/null || whole=$?
    equal "$whole" "$quick"
    cmp quick.out whole.out || fail "output: $*" "$(diff quick.out whole.out)"
    cmp quick.err whole.err || fail "errors: $*" "$(diff quick.err whole.err)"
}

@test "a default run needs nothing but the quick program" {
    alone
    run -42 "$T/o/alone/sbx" run -- sh -c 'exit 42'
    equal '' "$output"
    run -0 "$T/o/alone/sbx" run -v --rw . --hide /opt --open-files 50 --time 50 --tmpfs /tmp/x -- true
    run -0 "$T/o/alone/sbx" run -p build --seccomp strict -- true
    run -127 "$T/o/alone/sbx" run -- no-such-command
}

@test "a run with a shipped profile, chosen by the command's name, needs nothing else" {
    alone
    run -0 "$T/o/alone/sbx" run -v -- gzip --version
    like "$output" 'profile: gzip .*share/sbx/profiles/gzip.yaml'
}

@test "what stands on a library goes on as the whole program, or not at all" {
    alone
    handed_over --report "$T/w/report"
    handed_over --report "$T/w/report" --report-format isolate
    handed_over --attest "$T/w/attest"
    handed_over --deny-syscall mkdir
    handed_over --allow-syscall mount
    handed_over --on-refusal notify
    printf 'sbx: 1\nextends: default\n' >mine.yaml
    handed_over -p ./mine.yaml
    mkdir -p "$HOME/.config/sbx/profiles"
    cp mine.yaml "$HOME/.config/sbx/profiles/mine.yaml"
    handed_over -p mine
    mv "$HOME/.config/sbx/profiles/mine.yaml" "$HOME/.config/sbx/profiles/default.local.yaml"
    sed -i '/extends/d' "$HOME/.config/sbx/profiles/default.local.yaml"
    handed_over
}

@test "a shipped profile that was changed is what its text says" {
    alone
    cp "$SBX-full" "$T/o/alone/sbx-full"
    run -0 "$T/o/alone/sbx" run -- sh -c 'echo "$WHO"'
    equal '' "$output"
    printf 'environment: { env: [WHO=changed] }\n' >>"$T/o/alone/share/sbx/profiles/default.yaml"
    run -0 "$T/o/alone/sbx" run -- sh -c 'echo "$WHO"'
    equal changed "$output"
    rm "$T/o/alone/sbx-full"
    run -125 "$T/o/alone/sbx" run -- true
}

@test "a profile that can be read only once is one for neither" {
    printf 'sbx: 1\nextends: default\n' >mine.yaml
    for program in "$SBX" "$SBX-full"; do
        run -125 "$program" run -p /dev/stdin -- true < <(cat mine.yaml)
        like "$output" "'/dev/stdin' is no regular file"
    done
}

@test "arguments, environment, directory and descriptors come through as they are" {
    local hostile=$'a b\n\x01\xff*"\\'

    echo from-file >in
    ONE=$hostile run -0 sbx run --report report -e ONE --file /tmp/in=in -- \
        sh -c 'printf "%s|" "$@" "$ONE" "$PWD"; cat; cat /tmp/in' - '' "$hostile" < <(echo stdin)
    equal "|$hostile|$hostile|$T/w|stdin
from-file" "$output"
    run -0 sh -c 'exec "$SBX" run --report report -- sh -c "ls /proc/self/fd" <&- >&- 2>&-'
    jq -e '.outcome == "exited" and .exit_code == 0' report
}

@test "both say the same of what is wrong" {
    same
    same --
    same --bogus -- true
    same --ro -- true
    same --ro /no/such/path -- true
    same --pids none -- true
    same --rw /etc/passwd/x -- true
    same --hide relative:x -- true
    same -p no-such-profile -- true
    same -C /nowhere -- true
    same --seccomp other -- true
    same --dev-node sda -- true
    same --ro "$(printf 'x%.0s' {1..300})" -- true
    same --ro /proc/1/root/x -- true
    ln -s loop loop
    same --ro "$T/w/loop" -- true
    same -- /etc/passwd
    same -- no-such-command
    same -q -- "$T/w"
    same --help
    same --rw . --ro . --tmpfs /x --file x -- true
}

@test "both run alike" {
    local what='id; cat /proc/self/mountinfo /proc/self/status /proc/self/limits; env; stat -c "%A %u %g %n %N" /* /dev/* /proc/self/fd/*; pwd; ulimit -a'

    # what differs from run to run is left out
    for program in "$SBX" "$SBX-full"; do
        "$program" run -- sh -c "$what" >"$T/out" 2>&1
        sed -E 's/^[0-9]+ [0-9]+ [0-9]+:[0-9]+ //; s/(shared|master):[0-9]+//; /ctxt|^Cpus|^Mems|Vm|Rss|Speculation|^Thread|PPid/d; s/[A-Z][a-z]{2} +[0-9]+ [0-9:]+//; s/pipe:\[[0-9]+\]//' \
            "$T/out" >"$T/out.${program##*/}"
    done
    cmp "$T/out.sbx" "$T/out.sbx-full" || fail "$(diff "$T/out.sbx" "$T/out.sbx-full")"
}

@test "where the whole program can't be executed that is told" {
    alone
    printf 'no program' >"$T/o/alone/sbx-full"
    chmod 755 "$T/o/alone/sbx-full"
    run -125 "$T/o/alone/sbx" run --report r -- true
    equal "sbx: sbx-full can't be started: Exec format error" "${lines[0]}"
    run -125 "$T/o/alone/sbx" version
    run -125 "$T/o/alone/sbx"
    # nor is it for ever its own
    ln -f "$T/o/alone/sbx" "$T/o/alone/sbx-full"
    run -125 timeout 10 "$T/o/alone/sbx" version
}

@test "an installation may lie anywhere" {
    mkdir -p "$T/o/p/bin" "$T/o/p/libexec/sbx"
    cp "$SBX" "$T/o/p/bin/sbx"
    cp "$SBX-full" "$T/o/p/libexec/sbx/sbx-full"
    cp -r "${SBX%/*}/share" "$T/o/p"
    chmod -R u=rwX,go=rX "$T/o/p"
    run -0 "$T/o/p/bin/sbx" run -v --report report -- gzip --version
    like "$output" 'profile: gzip .*/o/p/share/sbx/profiles/gzip.yaml'
    run -0 "$T/o/p/bin/sbx" run --report report -p build -- true
    like "$("$T/o/p/bin/sbx" profile list)" '^build '
}

@test "what somebody else has put beside sbx is not executed" {
    need_root
    alone
    chmod 1777 "$T/o/alone"
    setpriv --reuid 65534 --regid 65534 --clear-groups \
        sh -c 'printf "#!/bin/sh\necho planted\n" >"$0"; chmod 755 "$0"' "$T/o/alone/sbx-full"
    run -0 "$T/o/alone/sbx-full" # the control
    equal planted "$output"
    run -125 "$T/o/alone/sbx" version
    unlike "$output" planted
    chown root "$T/o/alone/sbx-full"
    chmod 757 "$T/o/alone/sbx-full"
    run -125 "$T/o/alone/sbx" run --report report -- true
    unlike "$output" planted
    rm "$T/o/alone/sbx-full"
    setpriv --reuid 65534 --regid 65534 --clear-groups ln -s "$SBX-full" "$T/o/alone/sbx-full"
    run -125 "$T/o/alone/sbx" version
}

@test "all signals that the caller blocks stay blocked" {
    local program

    for program in "$SBX" "$SBX-full"; do
        run -0 python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_SETMASK, {1, 34, 40, 64})
os.execv(sys.argv[1], sys.argv[1:])' "$program" run -- grep SigBlk /proc/self/status
        equal $'SigBlk:\t8000008200000001' "$output"
    done
}

@test "both say the same of how it ended" {
    local signal program

    for signal in 9 15 31 32 33 34 40 64; do
        for program in sbx sbx-full; do
            "${SBX%/*}/$program" run -v -- sh -c "kill -$signal \$\$" 2>&1 |
                grep -o 'signaled.*signal [0-9]*)' >"$program.out" || true
        done
        grep -q . sbx.out
        cmp sbx.out sbx-full.out || fail "$(diff sbx.out sbx-full.out)"
    done
}

@test "help with its output closed is an error for both" {
    for program in "$SBX" "$SBX-full"; do
        run -125 sh -c '"$0" run --help >&-' "$program"
        like "$output" 'the output could not be written: Bad file descriptor'
    done
}
