#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The limits that need no cgroup.
# bats file_tags=limits
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

# How many children the probe can have at once under --pids N (as root: as another user).
forks_with() {
    if is_root; then
        mkdir -p "$T/o/w"
        chmod 777 "$T/o/w"
        cp -u probe "$T/o/w/"
        (cd "$T/o/w" && sbx run --as nobody --pids "$1" -- ./probe forks 100)
    else
        sbx run --pids "$1" -- ./probe forks 100
    fi
}

@test "--pids is exact: as many processes and threads as it says" {
    local number

    for number in 4 8 20; do
        run -0 forks_with "$number"
        # The probe itself is one of them; init isn't a process of the command's.
        equal "forked $((number - 1))" "$output"
    done
    run -0 forks_with 200
    equal "forked 100" "$output"
}

@test "--pids counts this sandbox alone" {
    local word

    word=$(token)
    for _ in {1..10}; do
        background sbx run -- ./probe hold "$word" >/dev/null
    done
    wait_until is_marked "$word"
    run -0 forks_with 8
    equal "forked 7" "$output"
}

@test "started by root, --pids is refused: the kernel would not keep it" {
    need_root
    sbx_fails "--pids: the kernel does not count root's processes" '^hint: .*--as' -- run --pids 5 -- true
}

@test "--pids: the command itself always starts, and the limit is no error of sbx's" {
    need_user
    run -0 sbx run --pids 5 -- true
    run sbx run --pids 5 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; exit 3'
    ((status != 125))
}

@test "--file-size stops a file there" {
    run sbx run --rw . --file-size 10K -- sh -c 'head -c 100K /dev/zero >big'
    ((status != 0))
    equal 10240 "$(stat -c %s big)"
    run -0 sbx run --rw . --file-size 1M -- sh -c 'head -c 100K /dev/zero >fine'
}

@test "--open-files" {
    run -0 sbx run --open-files 40 -- sh -c 'ulimit -n; ulimit -Hn'
    equal "40 40" "$(xargs <<<"$output")"
    run sbx run --open-files 10 -- bash -c 'exec 3</dev/null 4</dev/null 5</dev/null 6</dev/null 7</dev/null 8</dev/null 9</dev/null 10</dev/null'
    ((status != 0))
}

@test "--cpu-time ends a busy loop, not a sleeper" {
    local before=$SECONDS

    run sbx run --cpu-time 1s -- sh -c 'while :; do :; done'
    ((status != 0 && status != 125))
    ((SECONDS - before < 30 * SBX_TEST_SLOW))
    run -0 sbx run --cpu-time 1s -- sleep 1.2
}

@test "limits can't be raised from inside" {
    local -a pids=(--pids 50)

    ! is_root || pids=()
    run -0 sbx run --open-files 40 --file-size 1M "${pids[@]}" --cpu-time 100s -- ./probe facts
    equal '[[40,40],[1048576,1048576]]' "$(jq -c '[.rlimits.nofile, .rlimits.fsize]' <<<"$output")"
    # Init is one more.  Root's processes aren't counted so, nor are any where a cgroup can hold them.
    is_root || [[ $(sbx plan --pids 50 -- true) == *pids.max* ]] || jq -e '.rlimits.nproc == [51, 51]' <<<"$output"
    run sbx run --open-files 40 -- bash -c 'ulimit -n 80'
    ((status != 0))
    run sbx run --file-size 1M -- bash -c 'ulimit -f unlimited'
    ((status != 0))
}

@test "without limits the caller's own stay in force" {
    (ulimit -n 123 && facts)
    equal 123 "$(fact '.rlimits.nofile[1]')"
}

@test "sizes and times with their units" {
    run -0 sbx run --file-size 2G --cpu-time 1h --time 1h -- ./probe facts
    equal 2147483648 "$(jq '.rlimits.fsize[0]' <<<"$output")"
    equal 3600 "$(jq '.rlimits.cpu[0]' <<<"$output")"
    run -0 sbx run --file-size 3K --cpu-time 2min --time 1.5min -- ./probe facts
    equal 3072 "$(jq '.rlimits.fsize[0]' <<<"$output")"
    equal 120 "$(jq '.rlimits.cpu[0]' <<<"$output")"
}

@test "a time limit in milliseconds is kept to" {
    run -124 sbx run --report report.json --time 300ms -- sleep 20
    jq -e ".wall_ms >= 300 and .wall_ms < 5000 * $SBX_TEST_SLOW" report.json
}

@test "--rlimit sets each limit by its name, soft and hard, and inside it can't be raised" {
    run -0 sbx run --rlimit as=2G --rlimit data=1G:1500M --rlimit stack=4M --rlimit memlock=16K \
        --rlimit msgqueue=8K --rlimit nice=0 --rlimit rtprio=0 --rlimit rttime=200ms:1s \
        --rlimit sigpending=50 -- cat /proc/self/limits
    like "$output" '^Max address space +2147483648 +2147483648 ' '^Max data size +1073741824 +1572864000 ' \
        '^Max stack size +4194304 +4194304 ' '^Max locked memory +16384 +16384 ' \
        '^Max msgqueue size +8192 +8192 ' '^Max nice priority +0 +0 ' '^Max realtime priority +0 +0 ' \
        '^Max realtime timeout +200000 +1000000 ' '^Max pending signals +50 +50 '
    run ! sbx run --rlimit stack=4M -- sh -c 'ulimit -Hs 8192'
    run -0 sbx run --rlimit stack=4M:8M -- sh -c 'ulimit -s 8192'
}

@test "--rlimit as ends what takes too much memory, and only that" {
    run sbx run --rlimit as=300M -- python3 -c 'x = bytearray(1 << 30)'
    ((status == 1))
    like "$output" MemoryError
    run -0 sbx run --rlimit as=300M -- python3 -c 'x = bytearray(1 << 20)'
    run -0 sbx run -- python3 -c 'x = bytearray(1 << 30)'
}

@test "--rlimit: the later of two counts, and a wrong one is told" {
    run -0 sbx run --rlimit stack=4M --rlimit stack=2M -- sh -c 'ulimit -s'
    equal 2048 "$output"
    sbx_fails '^sbx: --rlimit #2' 'hint: the names are' -- run --rlimit as=1G --rlimit foo=1 -- true
    sbx_fails 'above its hard one' -- run --rlimit as=2G:1G -- true
    sbx_fails '--pids' -- run --rlimit nproc=5 -- true
    sbx_fails 'core_pattern' -- run --rlimit core=0 -- true
}

@test "--rlimit above the caller's hard limit: 125, and nothing runs" {
    need_user "root may raise its limits"
    run -125 bash -ec 'ulimit -s 4096; exec "$SBX" run --rlimit stack=8M -- echo ran'
    like "$output" 'rlimit|limit' 'hint: .'
    unlike "$output" '^ran'
}

@test "--grace is the time between SIGTERM and SIGKILL" {
    local time=$((300 * SBX_TEST_SLOW)) # long enough for the trap to be there

    run -124 sbx run --time "${time}ms" --grace 200ms --report r.json -- \
        sh -c 'trap "" TERM; while :; do sleep 0.1; done'
    (($(jq .wall_ms r.json) < 2000 * SBX_TEST_SLOW))
    run -124 sbx run --time "${time}ms" --grace 10s --report r.json -- \
        sh -c 'trap "sleep 1; echo tidied; exit 0" TERM; while :; do sleep 0.1; done'
    like "$output" '^tidied$'
    (($(jq .wall_ms r.json) >= time + 1000))
    equal '"timeout"' "$(jq -c .outcome r.json)"
}

@test "--tmpfs takes a number of inodes" {
    run ! sbx run --tmpfs /tmp/few:inodes=10 -- sh -c 'cd /tmp/few && for i in 1 2 3 4 5 6 7 8 9 10 11; do : >$i || exit 1; done'
    like "$output" 'No space'
    run -0 sbx run --tmpfs /tmp/few:inodes=20,size=1M,mode=0700 -- \
        sh -c 'cd /tmp/few && for i in 1 2 3 4 5 6 7 8 9 10 11; do : >$i || exit 1; done'
    sbx_fails 'whole number' -- run --tmpfs /tmp/few:inodes=x -- true
    sbx_fails "'inodes' is given twice" -- run --tmpfs /tmp/few:inodes=5,inodes=5 -- true
}
