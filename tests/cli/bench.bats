#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The benchmark still runs and its instruments measure. No time decides anything here.
# shellcheck disable=SC2154 # set by run

load common

bench() {
    timeout -k 5 $((60 * SBX_TEST_SLOW)) "${BATS_TEST_DIRNAME}/../bench/bench" --build "${SBX%/*}" "$@"
}

tool() {
    "${SBX%/*}/bench-$1" "${@:2}"
}

setup() {
    common_setup
    skip_unless userns "no user namespaces"
}

@test "the benchmark measures, and prints each target with what was measured" {
    run -0 bench --quick --rounds 2 --only launch,calls,phases,memory,binds --out "$T/out"
    like "$output" '^Targets' 'over the floor +1\.25 +[0-9.]+ +(met|missed) by' \
        'system calls of a launch +200 +[0-9]+ +(met|missed)' '^  floor +[0-9.]+'
    run -0 jq -e '.launch.ms | .floor.median > 0 and .sbx.median > 0 and .sbx.n == 2' \
        "$T/out/results.json"
    run -0 jq -e '.launch.over_floor | .floor.median == 1 and .sbx.median > 0' "$T/out/results.json"
    run -0 jq -e '.calls | .floor.total > 20 and .sbx.total > .floor.total' "$T/out/results.json"
    run -0 jq -e '.phases.sbx | length == 10 and all(.us.median >= 0)' "$T/out/results.json"
    run -0 jq -e '.targets | length == 8' "$T/out/results.json"
}

@test "what can't be measured is said, and a word that means nothing is refused" {
    run -0 bench --rounds 1 --quick --only calls
    like "$output" 'over the floor +1\.25 +- +not measured'
    run -2 bench --only nonsense
    like "$output" 'no such group: nonsense'
}

@test "the driver runs every case once a round, and a case that fails is no time" {
    run -0 tool rounds -r 5 -w 1 :: first sh -c "echo 1 >>$T/first" :: second sh -c "echo 2 >>$T/second"
    equal 5,5 "$(jq -r '"\(.first.wall_ns | length),\(.second.wall_ns | length)"' <<<"$output")"
    equal 6,6 "$(wc -l <"$T/first"),$(wc -l <"$T/second")"
    run -1 tool rounds -r 1 :: good true :: bad sh -c 'exit 3'
    equal "bench-rounds: bad: it ended with exit code 3" "$output"
}

@test "the driver sees all of the bytes, through a pipe and through a terminal" {
    for way in pipe pty; do
        run -0 tool rounds -r 1 -w 0 -o "$way" :: bytes "${SBX%/*}/bench-load" write 3000000
        equal 3000000 "$(jq '.bytes.bytes[0]' <<<"$output")"
    done
}

# counted PROGRAM COMMAND...: the system calls of the launch, by the instrument
counted() {
    tool calls "$@" | jq '[.segments[].calls] | add'
}

@test "the command's own system calls don't count, a launcher's do" {
    local ls none few many

    ls=$(readlink -f /bin/ls)
    none=$(counted "$ls" "${SBX%/*}/bench-floor" ls /)
    equal "$none" "$(counted "$ls" "${SBX%/*}/bench-floor" ls -lR /usr/include/linux)"
    few=$(counted /dev/null "${SBX%/*}/bench-load" getppid 1000)
    many=$(counted /dev/null "${SBX%/*}/bench-load" getppid 3000)
    equal 2000 $((many - few))
}

@test "the floor is a sandbox: read-only, processes and network of its own" {
    run -0 tool floor sh -c 'ls /proc | grep -c "^[0-9]*$"; cat /proc/net/dev | tail -n +3 | wc -l'
    [[ ${lines[0]} -le 4 && ${lines[1]} == 1 ]]
    run -0 sh -c "echo x >$T/o/control"
    run ! tool floor sh -c "echo x >$T/o/file"
    like "$output" 'Read-only file system'
    run -7 tool floor sh -c 'exit 7'
}
