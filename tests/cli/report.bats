#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The report: one for each outcome, whole or absent, and the command can't write it.
# bats file_tags=report
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

# reported FILTER VALUE
reported() {
    equal "$2" "$(jq -cr "$1" "$T/w/report.json")"
}

@test "exited: the code, times, peak memory, name" {
    run -42 sbx run --report report.json --name my-run -- sh -c 'exit 42'
    reported .outcome exited
    reported .exit_code 42
    reported .signal null
    reported .name my-run
    jq -e '.wall_ms | type == "number" and . >= 0 and . < 60000' report.json
    jq -e '.user_ms >= 0 and .system_ms >= 0' report.json
    jq -e '.peak_process_kb > 0' report.json
    jq -e '.degraded | type == "array"' report.json
    jq -e 'has("cause")' report.json
}

@test "exited with 0" {
    run -0 sbx run --report report.json -- true
    reported .outcome exited
    reported .exit_code 0
}

@test "the codes that sbx uses too are told apart" {
    local code

    for code in 124 125 126 127 137; do
        run "-$code" sbx run --report report.json -- sh -c "exit $code"
        reported .outcome exited
        reported .exit_code "$code"
    done
}

@test "signaled" {
    run -137 sbx run --report report.json -- sh -c 'kill -9 $$'
    reported .outcome signaled
    reported .signal 9
    reported .exit_code null
}

@test "timeout" {
    run -124 sbx run --report report.json --time 500ms -- sleep 20
    reported .outcome timeout
    jq -e ".wall_ms >= 500 and .wall_ms < 20000 * $SBX_TEST_SLOW" report.json
    # Also where the command exits by itself once it is asked to.
    run -124 sbx run --report report.json --time 500ms -- sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
    reported .outcome timeout
}

@test "not-found and not-executable" {
    run -127 sbx run --report report.json -- /no/such
    reported .outcome not-found
    run -126 sbx run --report report.json -- /etc/passwd
    reported .outcome not-executable
}

@test "setup-failed: with the message, the origin and the hint" {
    run -125 sbx run --report report.json --tmpfs /usr/no/such -- true
    reported .outcome setup-failed
    jq -e '.error | length > 0' report.json
    jq -e '.hint | length > 0' report.json
    jq -e '.origin | test("--tmpfs")' report.json
}

@test "setup-failed: also where the plan can't be made" {
    echo stale >report.json
    run -125 sbx run --report report.json --ro /no/such -- true
    reported .outcome setup-failed
    jq -e '.error | test("/no/such")' report.json
}

@test "limit: CPU time and file size" {
    run sbx run --report report.json --cpu-time 1s -- sh -c 'while :; do :; done'
    reported .outcome limit
    like "$(jq -r .cause report.json)" 'cpu'
    run sbx run --report report.json --file-size 1K --rw . -- dd if=/dev/zero of=big bs=4K count=1
    reported .outcome limit
    like "$(jq -r .cause report.json)" 'file'
}

@test "CPU time is counted, of everything inside" {
    run -0 sbx run --report report.json -- sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done & wait'
    jq -e '.user_ms > 50' report.json
    jq -e '.user_ms + .system_ms <= 2 * .wall_ms + 100' report.json
}

@test "the report is replaced whole, whatever was there" {
    head -c 100000 /dev/zero | tr '\0' x >report.json
    run -0 sbx run --report report.json -- true
    reported .outcome exited
}

@test "a relative path is the caller's, not the command's" {
    mkdir sub
    cd sub
    sbx run --report ../report.json -C / -- true
    reported .outcome exited
}

@test "the command can't forge the report, nor reach it" {
    run -0 sbx run --report report.json -- sh -c 'echo "{\"outcome\": \"forged\"}" >report.json; true'
    reported .outcome exited
    # In a writable directory the last word is sbx's.
    run -9 sbx run --rw . --report report.json -- sh -c 'echo "{\"outcome\": \"forged\"}" >report.json; exit 9'
    reported .outcome exited
    reported .exit_code 9
    # A link, a directory or a fifo in its place leads nowhere else.
    echo victim >"$T/o/victim"
    run sbx run --rw . --report report.json -- sh -c "rm -f report.json; ln -s $T/o/victim report.json"
    equal victim "$(cat "$T/o/victim")"
    rm -rf report.json
    run timeout $((20 * SBX_TEST_SLOW)) "$SBX" run --rw . --report report.json -- sh -c 'rm -f report.json; mkfifo report.json'
    ((status != 124))
    rm -rf report.json
    # A status that init never saw can't be told by the command: it has no descriptor to tell it on.
    run -0 sbx run --report report.json -- bash -c 'for fd in /proc/self/fd/*; do [ ${fd##*/} -gt 2 ] && echo forged >&${fd##*/}; done 2>/dev/null; exit 0'
    reported .outcome exited
}

@test "no half-written file is ever seen" {
    (while :; do
        # the old report is removed when a run starts: it may be gone, never cut
        cp report.json "$T/seen" || continue
        jq -e .outcome "$T/seen" >/dev/null || echo broken >"$T/broken"
    done) 3>&- 4>&- 2>/dev/null &
    BACKGROUND+=("$!")
    for _ in {1..50}; do
        sbx run --report report.json -- true
    done
    [[ ! -e $T/broken ]]
    # And nothing else is left beside it.
    equal "probe report.json" "$(echo ./* | sed 's,\./,,g')"
}

@test "a report that can't be written: said, and not silently lost" {
    run --separate-stderr sbx run --report /no/such/dir/report.json -- true
    equal 125 "$status"
    like "$stderr" '/no/such/dir' 'hint:'
    run --separate-stderr sbx run --report . -- true
    equal 125 "$status"
}

@test "a report that can't be written, of a run that can't be planned either: a hint for each" {
    run -125 --separate-stderr sbx run --report /nowhere/r.json --ro /nowhere/x -- true
    equal 2 "$(grep -c '^sbx: ' <<<"$stderr")"
    equal 2 "$(grep -c '^hint: .' <<<"$stderr")"
}

@test "the report belongs to the caller" {
    run -0 sbx run --report report.json -- true
    equal "$(id -u)" "$(stat -c %u report.json)"
}

# within PERCENT WANTED SEEN
within() {
    awk -v p="$1" -v w="$2" -v s="$3" 'BEGIN { d = s > w ? s - w : w - s; exit !(d * 100 <= p * w) }' ||
        fail "wanted $2 to $1 percent, got $3"
}

@test "the CPU time is what an independent measure says, to 5 percent" {
    cat >burn.py <<'END'
import os, resource, sys
for _ in range(3):
    if os.fork() == 0:
        while sum(os.times()[:2]) < 0.6 * int(sys.argv[1]):
            for i in range(10000):
                os.getppid()
        os._exit(0)
    os.wait()
u = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
print(sum(x.ru_utime + x.ru_stime for x in u) * 1000)
END
    seen=$(sbx run --report r.json --rw . -- python3 burn.py "$SBX_TEST_SLOW")
    within 5 "$seen" "$(jq '.user_ms + .system_ms' r.json)"
}

@test "the largest process is what it says itself, to 5 percent" {
    cat >eat.py <<'END'
x = bytearray(b"x" * (200 << 20))
print([l.split()[1] for l in open("/proc/self/status") if l.startswith("VmHWM")][0])
END
    seen=$(sbx run --report r.json --rw . -- python3 eat.py)
    within 5 "$seen" "$(jq .peak_process_kb r.json)"
    ((seen > 200000))
}

@test "--report-format isolate: key:value lines, of a good run, a bad one, and one that didn't start" {
    run -0 sbx run --report r --report-format isolate -- true
    like "$(cat r)" '^time:[0-9]+\.[0-9]{3}$' '^time-wall:' '^max-rss:[1-9]' '^csw-voluntary:' \
        '^csw-forced:' '^exitcode:0$'
    unlike "$(cat r)" '^status:'
    run -7 sbx run --report r --report-format isolate -- sh -c 'exit 7'
    like "$(cat r)" '^exitcode:7$' '^status:RE$'
    run -124 sbx run --time 200ms --report r --report-format isolate -- sleep 10
    like "$(cat r)" '^killed:1$' '^status:TO$'
    run -125 sbx run --ro /nowhere --report r --report-format isolate -- true
    like "$(cat r)" '^status:XX$' '^message:.*/nowhere'
    sbx_fails 'json|isolate' -- run --report r --report-format xml -- true
}

@test "the report counts context switches, and what is written to disks" {
    run -0 sbx run --rw . --report r.json -- sh -c 'for i in 1 2 3; do sleep 0.05; done; head -c 3M /dev/zero >big; sync big'
    jq -e '.switches_voluntary >= 3 and .switches_forced >= 0 and .read_kb >= 0' r.json
    [[ $(stat -f -c %T .) == tmpfs ]] || jq -e '.written_kb >= 3000' r.json
}

@test "the report names the private directories that were full at the end, of bytes or of files" {
    run sbx run --report r.json --tmpfs /tmp/bytes:size=64K --tmpfs /tmp/files:inodes=5 --tmpfs /tmp/room:size=64K -- \
        sh -c 'head -c 1M /dev/zero >/tmp/bytes/x; cd /tmp/files; touch 1 2 3 4 5 6; echo x >/tmp/room/x'
    equal '["tmpfs:/tmp/bytes","tmpfs:/tmp/files"]' "$(jq -c .limits_reached r.json)"
    equal '["tmpfs","tmpfs"]' "$(jq -c '[.limits["tmpfs:/tmp/room"], .limits["tmpfs:/tmp"]]' r.json)"
    # what was tidied up is not full any more, and nothing is left of it
    run sbx run --report r.json --tmpfs /tmp/bytes:size=64K -- \
        sh -c 'head -c 1M /dev/zero >/tmp/bytes/x; rm /tmp/bytes/x'
    equal '[]' "$(jq -c .limits_reached r.json)"
    unlike "$(cat /proc/self/mountinfo)" /tmp/bytes
    # without a report nobody looks
    unlike "$(sbx plan -- true)" 'by the report'
    like "$(sbx plan --report r.json -- true)" 'tmpfs +/tmp .*by the report'
}
