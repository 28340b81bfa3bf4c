#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Limits that take a cgroup, where none can be had, and what a report says of limits.  Where cgroup v2
# has its controllers, tests/vm/cases/cgroup.sh tries the limits themselves.
# bats file_tags=limits
# shellcheck disable=SC2154 # set by run

load common

has_memory_in_v1() {
    grep -Eq '^[1-9][0-9]*:([^:]*,)?memory[,:]' /proc/self/cgroup
}

need_v1() {
    skip_unless memory_in_v1 "cgroup v1 does not have the memory controller on this host"
}

@test "a limit that can't be held is an error, with the reason and the way out" {
    local option

    need_v1
    for option in "--memory 1G" "--swap 1G"; do
        # shellcheck disable=SC2086 # two words
        sbx_fails "${option% *}: cgroup v1 has the controller memory on this host" \
            '^hint: boot with cgroup v2 alone: .*cgroup_no_v1=all' -- run $option -- true
    done
}

@test "also as a plan, and before anything is run" {
    need_v1
    sbx_fails '--memory: cgroup v1' -- plan --memory 1G -- true
    run -125 sbx run --rw . --report report.json --memory 1G -- touch ran
    [[ ! -e ran ]]
    equal '["setup-failed","--memory"]' "$(jq -c '[.outcome, .origin]' report.json)"
}

@test "and in a profile, unless that says it may be left out" {
    need_v1
    printf 'sbx: 1\nlimits:\n  memory: 1G\n' >strict.yaml
    sbx_fails 'strict.yaml:3:.*cgroup v1' -- run -p ./strict.yaml -- true
    printf 'sbx: 1\nlimits:\n  memory: { value: 1G, when: { feature: memory-limit } }\n' >loose.yaml
    run -0 sbx run -p ./loose.yaml -- true
}

# Where the caller may make cgroups, if anywhere: root at the top, a user in the own one.
cgroup_base() {
    local base

    base=$(findmnt -rnt cgroup2 -o TARGET | head -n 1)
    is_root || base+=$(sed -n 's/^0:://p' /proc/self/cgroup)
    [[ -w $base/cgroup.procs ]] && echo "$base"
}
has_cgroup2() { cgroup_base; }

# A cgroup of the test's own, version 2, with no controller that anything needs.
make_cgroup() {
    skip_unless cgroup2 "the caller can make no cgroup of version 2 here"
    CGROUP=$(cgroup_base)/sbx-test-$$-$BATS_TEST_NUMBER
    mkdir "$CGROUP"
}

teardown() {
    common_teardown
    [[ -z ${CGROUP:-} ]] || find "$CGROUP" -depth -type d -exec rmdir {} \;
}

parts() { find "$CGROUP" -mindepth 1 -type d -printf '%P\n'; }
is_running_there() { [[ -n $(cat "$CGROUP"/sbx-sandbox-*/inside/cgroup.procs) ]]; }

@test "a run has a cgroup of its own, and leaves nothing" {
    local pid

    make_cgroup
    run -0 sbx run --cgroup-parent "$CGROUP" -- cat /proc/self/cgroup
    like "$output" '^0::/$'
    equal "" "$(parts)"
    background "$SBX" run --cgroup-parent "$CGROUP" -- sleep 60
    pid=$!
    wait_until is_running_there
    like "$(parts)" '^sbx-sandbox-[0-9a-f]{16}$' '/inside$'
    equal "700" "$(stat -c %a "$CGROUP"/sbx-sandbox-*)"
    # of one that is killed, the next one removes the cgroup; of one that runs, it doesn't
    run -0 sbx run --cgroup-parent "$CGROUP" -- true
    is_running_there
    kill -9 "$pid"
    run -0 sbx run --cgroup-parent "$CGROUP" -- true
    equal "" "$(parts)"
}

@test "whatever sbx is called next removes the cgroup of one that was killed" {
    local pid call

    make_cgroup
    mkdir -m 700 runtime
    export XDG_RUNTIME_DIR=$PWD/runtime
    background "$SBX" run --name other -- sleep 60
    for call in "ps" "exec other -- true" "stats --once other" "stop none" "run -- true"; do
        background "$SBX" run --name killed --cgroup-parent "$CGROUP" -- sleep 60
        pid=$!
        wait_until is_running_there
        kill -9 "$pid"
        wait "$pid" || true
        [[ -n $(parts) ]]
        # shellcheck disable=SC2086 # several words
        timeout $((20 * SBX_TEST_SLOW)) "$SBX" $call >/dev/null 2>&1 || true
        equal "" "$(parts)"
        run -0 sbx ps
        unlike "$output" '^killed'
    done
    # and leaves no link to it either
    background "$SBX" run --name killed --cgroup-parent "$CGROUP" -- true
    wait "$!"
    equal other "$(ls -A runtime/sbx)"
}

@test "a run that fails leaves no cgroup" {
    make_cgroup
    run -125 sbx run --cgroup-parent "$CGROUP" --tmpfs /usr/no/such -- true
    equal "" "$(parts)"
    run -127 sbx run --cgroup-parent "$CGROUP" -- /no/such
    equal "" "$(parts)"
    run -124 sbx run -q --time 300ms --cgroup-parent "$CGROUP" -- sleep 60
    equal "" "$(parts)"
}

@test "what others have there stays" {
    make_cgroup
    mkdir "$CGROUP/job" "$CGROUP/sbx-other"
    run -0 sbx run --cgroup-parent "$CGROUP" -- true
    equal "job sbx-other" "$(parts | sort | xargs)"
}

@test "many at once" {
    local i

    make_cgroup
    for i in {1..20}; do
        background sbx run --cgroup-parent "$CGROUP" -- sh -c "sleep 0.3; echo $i" >>out
    done
    wait "${BACKGROUND[@]}"
    equal 20 "$(sort -u out | wc -l)"
    equal "" "$(parts)"
}

@test "--cgroup-parent takes a cgroup" {
    sbx_fails "--cgroup-parent: '/tmp' is no cgroup" -- run --cgroup-parent /tmp -- true
    sbx_fails "--cgroup-parent: '/no/such'.*No such file" -- run --cgroup-parent /no/such -- true
    sbx_fails "--cgroup-parent: '.*/probe' can't be used as a cgroup" -- run --cgroup-parent probe -- true
}

@test "values that are none" {
    local pair

    for pair in "cpus 0" "cpus 0.001" "cpus two" "cpuset 3-1" "cpuset all" "memory 0" "memory 1X" \
        "io-weight 0" "io-weight 10001" "swap -1" "cgroup-parent="; do
        # shellcheck disable=SC2086 # two words
        sbx_fails "^sbx: --${pair%%[ =]*}: " -- run --$pair -- true
    done
}

@test "the report says what holds each limit" {
    local -a pids=(--pids 50)

    ! is_root || pids=()
    run -0 sbx run --report report.json --file-size 1M --time 1min "${pids[@]}" -- true
    equal '["rlimit","timer"]' "$(jq -c '[.limits["file-size"], .limits.time]' report.json)"
    is_root || like "$(jq -r .limits.pids report.json)" '^(rlimit|cgroup)$'
    equal '[]' "$(jq -c .limits_reached report.json)"
    run -0 sbx run --report report.json -- true
    equal '["tmpfs"]' "$(jq -c '[.limits[]] | unique' report.json)" # of private directories alone
}

@test "what nobody counted is null" {
    need_v1
    run -0 sbx run --report report.json -- true
    equal '[null,null]' "$(jq -c '[.peak_memory_kb, .peak_pids]' report.json)"
}

@test "-v says what holds each limit" {
    run -0 sbx run -v --file-size 1M --time 1min -- true
    like "$output" 'limits: file-size \(rlimit\) time \(timer\)'
}
