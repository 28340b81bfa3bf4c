#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What would eat the machine ends with the right verdict and exit code, while others go on, and
# leaves nothing.  Limits that take a cgroup are in tests/vm/cases/bombs.sh.
# bats file_tags=limits
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the programs inside

load common

# bomb [OPTION...] -- COMMAND...: in the background, as an ordinary user in any case: the kernel
# doesn't count root's processes.  What it starts carries $WORD in its environment; it goes off when
# it has been seen.
bomb() {
    local -a options=()

    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    ! is_root || options+=(--as nobody)

    WORD=$(token)
    mkdir -p "$T/o/w"
    chmod 777 "$T/o/w"
    rm -f "$T/o/w"/*
    background env -C "$T/o/w" "$SBX" run "${options[@]}" -e "BOMB=$WORD" --report "$T/o/w/report.json" -- \
        sh -c 'until [ -e go ]; do sleep 0.05; done; exec "$@"' - "${@:2}" 2>"$T/o/err" >"$T/o/out"
    BOMB=$!
    wait_until is_carried
    touch "$T/o/w/go"
}

reported() {
    equal "$2" "$(jq -cr "$1" "$T/o/w/report.json")"
}

carriers() {
    grep -lsaF "BOMB=$WORD" /proc/[0-9]*/environ 2>/dev/null | grep -v "^/proc/$BOMB/"
}

is_carried() { [[ -n $(carriers) ]]; }
none_carried() { [[ -z $(carriers) ]]; }

# ends_with CODE: and nothing is left
ends_with() {
    local status=0

    # meanwhile the machine serves others
    run -0 sbx run -- echo alive
    equal alive "$output"
    wait "$BOMB" || status=$?
    equal "$1" "$status"
    none_carried
    unlike "$(cat /proc/self/mountinfo)" "$T"
}

@test "a memory bomb: its process is refused more, and can say so" {
    bomb --rlimit as=200M -- /usr/bin/python3 -c '
import sys
hoard = []
try:
    while True:
        hoard.append(bytearray(b"x" * (1 << 20)))
except MemoryError:
    held = len(hoard)
    hoard = None
    sys.exit(40 if 20 < held < 200 else 41)'
    ends_with 40
    reported '[.outcome, .exit_code, .limits.as, .limits_reached[]]' '["exited",40,"rlimit"]'
    jq -e '.peak_process_kb < 205000' "$T/o/w/report.json"
    # control: without the limit there is more
    run -0 sbx run --time 60s -- /usr/bin/python3 -c 'x = bytearray(b"x" * (220 << 20))'
}

@test "a memory bomb with --memory: everything inside ends, outcome oom" {
    sbx run --memory 64M -- true || skip "no cgroup with a memory controller here; see tests/vm"
    bomb --memory 64M -- /usr/bin/python3 -c 'x = bytearray(b"x" * (1 << 30))'
    ends_with 137
    reported '[.outcome, .cause]' '["oom","memory"]'
}

@test "a fork bomb: as many as --pids says, until its time is over" {
    bomb --pids 40 --time 1500ms --grace 100ms -- /usr/bin/python3 -c '
import os
while True:
    try:
        os.fork()
    except OSError:
        pass'
    (($(carriers | wc -l) <= 40))
    ends_with 124
    reported '[.outcome, .cause, (.limits.pids | test("rlimit|cgroup"))]' '["timeout","wall-time",true]'
}

@test "a busy loop: SIGXCPU when its CPU time is used up" {
    bomb --cpu-time 1s -- sh -c 'while :; do :; done'
    ends_with 152
    reported '[.outcome, .cause, .signal_name, .limits_reached[]]' '["limit","cpu-time","XCPU","cpu-time"]'
    like "$(cat "$T/o/err")" '^sbx: ended by the cpu-time limit'
}

@test "a disk filler: the private directory is full, and the report says so; a file has its size" {
    bomb --tmpfs /tmp:size=8M -- sh -c 'cat /dev/zero >/tmp/fill; exit 7'
    ends_with 7
    reported '[.outcome, .exit_code, .limits["tmpfs:/tmp"], .limits_reached[]]' \
        '["exited",7,"tmpfs","tmpfs:/tmp"]'
    bomb --file-size 4M -- sh -c 'exec cat /dev/zero >/tmp/fill'
    ends_with 153
    reported '[.outcome, .cause, .signal_name, .limits_reached[]]' '["limit","file-size","XFSZ","file-size"]'
}

# Nobody but the process itself is told that it had no descriptor left: it isn't in limits_reached.
@test "a descriptor hoarder: as many as --open-files says, told to it alone" {
    bomb --open-files 50 -- /usr/bin/python3 -c '
import errno, os
held = 0
try:
    while True:
        os.dup(1)
        held += 1
except OSError as error:
    os._exit(3 + held if error.errno == errno.EMFILE else 99)'
    ends_with 50
    reported '[.outcome, .exit_code, .limits["open-files"], .limits_reached]' '["exited",50,"rlimit",[]]'
}

@test "an output flood: exactly so much, then the end" {
    bomb --max-output 1M -- yes
    ends_with 137
    equal 1048576 "$(stat -c %s "$T/o/out")"
    reported '[.outcome, .cause, .output_bytes, .limits_reached[]]' '["limit","max-output",1048576,"max-output"]'
    like "$(cat "$T/o/err")" '^sbx: ended by the max-output limit'
}

@test "all of them at once" {
    bomb --rlimit as=300M --pids 30 --open-files 50 --file-size 4M --tmpfs /tmp:size=8M --cpu-time 30s \
        --max-output 1M --time 1500ms --grace 100ms -- /usr/bin/python3 -c '
import os
def attempt(what):
    try:
        what()
    except (OSError, MemoryError):
        pass
hoard = []
def fill():
    with open("/tmp/%d" % os.getpid(), "ab") as file:
        file.write(bytes(1 << 20))
os.write(1, b"x" * 100000)
while True:
    attempt(os.fork)
    attempt(lambda: os.dup(1))
    attempt(lambda: hoard.append(bytearray(1 << 20)))
    attempt(fill)'
    ends_with 124
    reported '[.outcome, .output_bytes <= 1048576, (.limits_reached | index("tmpfs:/tmp") != null)]' \
        '["timeout",true,true]'
}
