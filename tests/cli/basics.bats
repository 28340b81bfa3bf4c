#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Running a command and ending as it did: exit codes, data, descriptors, environment, usage.
# bats file_tags=basics
# shellcheck disable=SC2016,SC1003 # what stands in single quotes is meant for the shell inside

load common

# --- exit codes -----------------------------------------------------------------------------

@test "true: exit 0 and not a word of sbx's own" {
    run -0 --separate-stderr sbx run -- true
    equal "" "$output"
    equal "" "$stderr"
}

@test "the command's own exit code" {
    run -42 sbx run -- sh -c 'exit 42'
    run -1 sbx run -- false
    run -255 sbx run -- sh -c 'exit 255'
    # The codes that sbx uses itself are the command's too.
    run -125 --separate-stderr sbx run -- sh -c 'exit 125'
    equal "" "$stderr"
}

@test "death by a signal is 128+n" {
    run -137 sbx run -- sh -c 'kill -9 $$'
    run -143 sbx run -- sh -c 'kill -TERM $$'
    run -139 sbx run -- sh -c 'kill -SEGV $$'
    run -134 sbx run -- sh -c 'kill -ABRT $$'
}

@test "a command that isn't there: 127, and it is named" {
    run -127 --separate-stderr sbx run -- /no/such
    like "$stderr" '/no/such'
    run -127 --separate-stderr sbx run -- sbx-test-no-such-command
    like "$stderr" 'sbx-test-no-such-command'
    run -127 sbx run -- ./no-such
}

@test "a file that can't be executed: 126, and it is named" {
    run -126 --separate-stderr sbx run -- /etc/passwd
    like "$stderr" '/etc/passwd'
    run -126 sbx run -- /etc
    echo 'echo never' >script
    run -126 sbx run -- ./script
}

@test "a script whose interpreter isn't there: 126" {
    printf '#!/no/such/interpreter\n' >script
    chmod +x script
    run -126 --separate-stderr sbx run -- ./script
    like "$stderr" 'script'
}

@test "a file of an unknown format: 126" {
    printf '\001\002\003\004nothing\n' >blob
    chmod +x blob
    run -126 sbx run -- ./blob
}

@test "a time limit: 124, and soon" {
    local before=$SECONDS

    run -124 sbx run --time 300ms -- sleep $((10 * SBX_TEST_SLOW))
    ((SECONDS - before < 8 * SBX_TEST_SLOW))
}

@test "a time limit that isn't reached changes nothing" {
    run -7 sbx run --time 30s -- sh -c 'exit 7'
    run -3 sbx run -t 1min -- sh -c 'exit 3'
}

# --- the command line ------------------------------------------------------------------------

@test "arguments arrive as they are" {
    printf '%s\0' a '' 'b c' $'d\ne' '*' '$HOME' -- -x '"' "'" '\' ü >expected
    sbx run -- printf '%s\0' a '' 'b c' $'d\ne' '*' '$HOME' -- -x '"' "'" '\' ü >got
    cmp expected got
}

@test "options after the command are the command's" {
    run -0 sbx run echo --rw -v --no-such
    equal "--rw -v --no-such" "$output"
    run -0 sbx run -- echo -- x
    equal "-- x" "$output"
}

@test "a long command line and a long environment pass" {
    local long

    long=$(head -c 100000 /dev/zero | tr '\0' x)
    run -0 sbx run -- sh -c 'echo ${#1} ${#2} ${#3}' sh "$long" "$long" "$long"
    equal "100000 100000 100000" "$output"
    run -0 sbx run -e "LONG=$long" -- sh -c 'echo ${#LONG}'
    equal "100000" "$output"
    # shellcheck disable=SC2046 # ten thousand words
    run -0 sbx run -- sh -c 'echo $#' sh $(seq 10000)
    equal "10000" "$output"
}

@test "short options with and without a space or an equals sign" {
    run -0 sbx run -e A=1 -eB=2 --env C=3 --env=D=4 -- sh -c 'echo $A$B$C$D'
    equal "1234" "$output"
}

@test "help and version" {
    run -0 sbx help
    like "$output" 'run' 'plan'
    run -0 sbx --help
    like "$output" 'run' 'plan'
    run -0 sbx run --help
    like "$output" '--rw' '--report' '--time' '--net' '--seccomp' '--env'
    run -0 sbx version
    like "$output" '[0-9]+\.[0-9]+'
    run -0 sbx --version
    like "$output" '[0-9]+\.[0-9]+'
}

@test "every option of the issue is in run's help" {
    local option

    run -0 sbx run --help
    for option in ro rw hide tmpfs file dev-node home cd hostname uid gid as net env env-all proc \
        userns seccomp allow-syscall deny-syscall keep-fd die-with-parent report name time pids \
        file-size open-files cpu-time; do
        like "$output" "--$option\\b"
    done
}

@test "usage errors: 125, what is wrong, and a hint" {
    sbx_fails 'no-such-option' -- run --no-such-option -- true
    sbx_fails '.' -- run
    sbx_fails '.' -- run --
    sbx_fails '.' -- run --rw
    sbx_fails '.' -- run --rw .
    sbx_fails 'frobnicate' -- frobnicate
    sbx_fails '.' --
    sbx_fails 'Z' -- run -Z -- true
    sbx_fails 'env-all' -- run --env-all=yes -- true
}

@test "a mistyped option: the one that was meant" {
    sbx_fails 'hostname' -- run --hostnam x -- true
    sbx_fails 'tmpfs' -- run --tmpf /x -- true
}

@test "bad values: 125, the option and the value are named" {
    local bad

    for bad in "--time=0" "--time=-1s" "--time=5x" "--time=" "--time=1 s" "--time=1e3" "--time=s" \
        "--pids=0" "--pids=x" "--pids=-1" "--pids=1.5" "--pids=" "--pids=99999999999999999999" \
        "--file-size=1T" "--file-size=x" "--file-size=1KK" "--file-size=-1" "--file-size=1 K" \
        "--file-size=99999999999999999999G" "--open-files=x" "--cpu-time=x" "--cpu-time=1d" \
        "--net=yes" "--net=" "--proc=x" "--seccomp=maybe" "--uid=x" "--uid=-1" "--uid=4294967295" \
        "--gid=1x" "--keep-fd=x" "--keep-fd=-1" "--env==x" "--env=" "--tmpfs=" "--tmpfs=/x:size=1X" \
        "--tmpfs=/x:mode=9" "--tmpfs=/x:nosuch=1" "--ro=" "--rw=" "--ro=.:/x:nosuchflag" \
        "--file=/x" "--file==x" "--home=" "--hide=" "--allow-syscall=no_such_call" \
        "--deny-syscall=no_such_call" "--hostname=" "--hostname=$(printf 'x%.0s' {1..65})"; do
        run -125 --separate-stderr sbx run "$bad" -- true || fail "accepted: $bad"
        equal "" "$output"
        like "$stderr" "${bad%%=*}" '^ *hint: .' || fail "for: $bad"
    done
}

@test "an error never shows an internal path" {
    run -125 --separate-stderr sbx run --ro /no/such/source -- true
    like "$stderr" '/no/such/source' 'hint:'
    unlike "$stderr" 'newroot' 'oldroot' '/proc/self/fd' 'fd/[0-9]'
}

# --- data -----------------------------------------------------------------------------------

@test "64 MiB from a file through stdin to stdout, whole" {
    local expected

    head -c 64M /dev/urandom >data
    expected=$(sha256sum <data)
    run -0 bash -o pipefail -c 'sbx run -- cat <data | sha256sum'
    equal "$expected" "$output"
}

@test "64 MiB through pipes, whole" {
    local expected

    head -c 64M /dev/urandom >data
    expected=$(sha256sum <data)
    run -0 bash -o pipefail -c 'cat data | sbx run -- cat | sha256sum'
    equal "$expected" "$output"
}

@test "64 MiB to a file" {
    head -c 64M /dev/urandom >data
    sbx run -- cat <data >copy
    cmp data copy
}

@test "stderr is the command's own" {
    run -0 --separate-stderr sbx run -- sh -c 'echo out; echo err >&2'
    equal "out" "$output"
    equal "err" "$stderr"
}

@test "a reader that goes away early ends the writer by SIGPIPE" {
    run -0 bash -c 'sbx run -- yes | head -n 1'
    equal "y" "$output"
    run -0 bash -c 'sbx run -- yes | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}'
    equal "141" "$output"
}

@test "/dev/full as stdout doesn't break sbx" {
    run bash -c 'sbx run -- echo x >/dev/full'
    ((status != 125))
    ((status != 0))
}

# --- descriptors ------------------------------------------------------------------------------

@test "stdin closed" {
    sbx run -- true <&-
    facts <&-
    equal "[]" "$(fact '[.fds[] | select(.fd > 2)]')"
    # Nothing that sbx opened slips into its place.
    like "$(fact '[.fds[] | select(.fd == 0).target] | join(" ")')" '^(/dev/null|)$'
}

@test "stdout and stderr closed" {
    run -5 bash -c 'sbx run -- sh -c "echo lost; exit 5" >&-'
    run -5 bash -c 'sbx run -- sh -c "exit 5" >&- 2>&-'
    run -5 bash -c 'sbx run -- sh -c "exit 5" <&- >&- 2>&-'
}

@test "a report doesn't end up on a closed stdout" {
    run -0 bash -c 'sbx run --report report.json -- sh -c "echo stray; true" >&- 2>&-; true'
    jq -e .outcome report.json
    unlike "$(cat report.json)" stray
}

@test "a caller with ten extra descriptors: none inside" {
    run -0 "$PROBE" leak-fds 10 "$PROBE" facts
    jq -e '[.fds[].fd | select(. >= 20 and . < 390 and (. - 20) % 37 == 0)] | length == 10' <<<"$output"
    "$PROBE" leak-fds 10 timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe facts >"$T/facts.json"
    equal "[]" "$(fact '[.fds[] | select(.fd > 2)]')"
}

@test "the command has 0, 1 and 2 as the caller has them, nothing else" {
    echo text >input
    sbx run -- ./probe facts <input >"$T/facts.json" 2>"$T/errors"
    equal "[0,1,2]" "$(fact '[.fds[].fd]')"
    equal '["r","w","w"]' "$(fact '[.fds[].mode]')"
}

@test "--keep-fd passes that descriptor and no other" {
    echo kept >kept
    run -0 bash -c 'sbx run --keep-fd 5 -- ./probe facts 5<kept 6<kept'
    equal "[5]" "$(jq -c '[.fds[].fd | select(. > 2)]' <<<"$output")"
    run -0 bash -c 'sbx run --keep-fd 5 -- cat /dev/fd/5 5<kept'
    equal "kept" "$output"
}

@test "--keep-fd of a descriptor that isn't open: 125" {
    sbx_fails '87' -- run --keep-fd 87 -- true
}

# --- environment ------------------------------------------------------------------------------

@test "the environment is the allow-list, nothing else" {
    run -0 env -i HOME="$HOME" PATH="$PATH" USER=u LOGNAME=u SHELL=/bin/sh TERM=xterm TERMINFO=/x \
        COLORTERM=1 NO_COLOR=1 LANG=C LANGUAGE=en LC_ALL=C LC_CTYPE=C TZ=UTC PWD="$PWD" \
        SECRET=1 LD_PRELOAD='' LD_LIBRARY_PATH=/x SSH_AUTH_SOCK=/x DISPLAY=:0 XDG_RUNTIME_DIR=/x \
        DBUS_SESSION_BUS_ADDRESS=x AWS_SECRET_ACCESS_KEY=x BASH_ENV=/x ENV=/x PYTHONPATH=/x LCX=1 \
        "$SBX" run -- ./probe facts
    equal "COLORTERM HOME LANG LANGUAGE LC_ALL LC_CTYPE LOGNAME NO_COLOR PATH PWD SHELL TERM TERMINFO TZ USER" \
        "$(jq -r '[.environ[] | sub("=.*"; "")] | sort | join(" ")' <<<"$output")"
    # The values are the caller's.
    jq -e --arg home "HOME=$HOME" '.environ | index($home) and index("LC_ALL=C") and index("TZ=UTC")' <<<"$output"
}

@test "env inside shows no secret of the caller" {
    SECRET_TOKEN=hunter2 run -0 sbx run -- env
    unlike "$output" hunter2 SECRET_TOKEN
}

@test "pid 1 and no other process shows the caller's environment or arguments" {
    export SECRET_TOKEN=hunter2
    run sbx run -e SHOWN=1 -- sh -c 'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr "\0" "\n"'
    like "$output" 'SHOWN=1'
    unlike "$output" hunter2 SECRET_TOKEN '--env' '^SBX='
    run sbx run -e SHOWN=1 -- sh -c 'cat /proc/1/environ /proc/1/cmdline /proc/1/comm | tr "\0" "\n"'
    unlike "$output" SHOWN "$T" "$REPO"
}

@test "-e NAME=VALUE sets, -e NAME passes on" {
    PASSED=yes OTHER=no run -0 sbx run -e SET=1 -e PASSED -e EMPTY= -e 'ODD=a=b c' -- env
    like "$output" '^SET=1$' '^PASSED=yes$' '^EMPTY=$' '^ODD=a=b c$'
    unlike "$output" OTHER
}

@test "-e: the last word wins, also over the allow-list" {
    LANG=de_DE run -0 sbx run -e A=1 -e A=2 -e LANG=xx -- env
    like "$output" '^A=2$' '^LANG=xx$'
    equal 1 "$(grep -c '^A=' <<<"$output")"
    equal 1 "$(grep -c '^LANG=' <<<"$output")"
}

@test "-e NAME of a variable that isn't set sets nothing" {
    unset NOT_SET
    run -0 sbx run -e NOT_SET -- env
    unlike "$output" NOT_SET
}

@test "--env-all passes everything" {
    SECRET=1 OTHER='two words' run -0 sbx run --env-all -- env
    like "$output" '^SECRET=1$' '^OTHER=two words$'
}

@test "PWD is the working directory" {
    PWD=/elsewhere run -0 env PWD=/elsewhere "$SBX" run -- sh -c 'cat /proc/self/environ' 
    like "$(tr '\0' '\n' <<<"$output")" "PWD=$T/w"
}

@test "PATH is looked up inside" {
    need_outside
    mkdir -p "$T/o/bin"
    printf '#!/bin/sh\necho mine\n' >"$T/o/bin/sbx-test-mine"
    chmod +x "$T/o/bin/sbx-test-mine"
    PATH=$T/o/bin:$PATH run -0 sbx run -- sbx-test-mine
    equal "mine" "$output"
    run -0 sbx run -e PATH="$T/o/bin:/usr/bin:/bin" -- sbx-test-mine
    equal "mine" "$output"
    PATH=$T/o/bin:$PATH run -127 sbx run --hide "$T/o/bin" -- sbx-test-mine
}

# --- processes ---------------------------------------------------------------------------------

@test "a daemonised grandchild is gone afterwards" {
    local word

    word=$(token)
    # The control: without sbx it stays.
    "$PROBE" daemon "$word"
    is_marked "$word"
    # shellcheck disable=SC2046 # pids
    kill -9 $(marked "$word")
    wait_until none_marked "$word"

    run -0 sbx run -- ./probe daemon "$word"
    none_marked "$word"
}

@test "background children are gone afterwards, however many" {
    local word

    word=$(token)
    run -4 sbx run -- sh -c "for i in 1 2 3 4 5 6 7 8; do ./probe stubborn $word >/dev/null & done; exit 4"
    none_marked "$word"
}

@test "sbx doesn't wait for a child that holds stdout" {
    local before=$SECONDS

    run -0 sbx run -- sh -c "sleep $((50 * SBX_TEST_SLOW)) & echo done"
    equal "done" "$output"
    ((SECONDS - before < 20 * SBX_TEST_SLOW))
}

@test "200 orphans are reaped" {
    run -0 sbx run -- ./probe orphans 200
    equal "zombies 0" "$output"
}

@test "a setuid program gains nothing" {
    need_root "only root can make a setuid program to try"
    chmod 711 "$T/w"
    cp "$PROBE" "$T/o/setuid"
    chown 65534:65534 "$T/o/setuid"
    chmod 6755 "$T/o/setuid"
    # The control: outside it takes its owner's id.
    run -0 "$T/o/setuid" facts
    equal 65534 "$(jq '.uid[1]' <<<"$output")"
    run -0 sbx run -- "$T/o/setuid" facts
    equal "0 0" "$(jq -r '"\(.uid[1]) \(.gid[1])"' <<<"$output")"
}

@test "a setuid root program gains an ordinary user nothing" {
    need_root "only root can make a setuid program to try"
    cp "$PROBE" "$T/o/setuid"
    chmod 6755 "$T/o/setuid"
    mkdir -m 777 "$T/o/w"
    cd "$T/o/w"
    run -0 as_nobody "$T/o/setuid" facts
    equal 0 "$(jq '.uid[1]' <<<"$output")"
    run -0 as_nobody env HOME="$T/o/w" "$SBX" run -- "$T/o/setuid" facts
    equal "65534 65534 65534 65534" "$(jq -r '"\(.uid[1]) \(.uid[2]) \(.gid[1]) \(.gid[2])"' <<<"$output")"
    equal "0000000000000000" "$(jq -r .caps.permitted <<<"$output")"
}

@test "the umask and the blocked and ignored signals are the caller's" {
    (umask 027 && facts)
    equal 23 "$(fact .umask)"
    facts
    equal "[]" "$(fact .blocked)"
    # (Not through timeout, which has handlers of its own.)
    "$PROBE" with-ignored 1 "$SBX" run -- ./probe facts >"$T/facts.json"
    equal "true" "$(fact '.ignored | index(1) != null')"
    "$PROBE" with-blocked 10 timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe facts >"$T/facts.json"
    equal "true" "$(fact '.blocked | index(10) != null')"
}

@test "the default ids, names and privileges" {
    facts
    equal "[$(id -u),$(id -u),$(id -u)]" "$(fact .uid)"
    equal "[$(id -g),$(id -g),$(id -g)]" "$(fact .gid)"
    equal "sbx" "$(fact .hostname)"
    equal "deny" "$(fact .setgroups)"
    equal 1 "$(fact .no_new_privs)"
    equal 2 "$(fact .seccomp)"
    equal '["0000000000000000"]' "$(fact '[.caps[]] | unique')"
    equal "[1,1]" "$(fact .rlimits.core)"
    run -0 sbx run -- id -un
    equal "$(id -un)" "$output"
}

@test "every namespace is the sandbox's own" {
    local name

    facts
    "$PROBE" facts >"$T/outside.json"
    for name in user mnt pid net ipc uts cgroup; do
        unlike "$(fact ".namespaces.$name")" "^$(jq -r ".namespaces.$name" "$T/outside.json")\$"
    done
}

@test "the command leads a process group of its own" {
    facts
    equal "true" "$(fact '.pgrp == .pid')"
    run -0 sbx run -- sh -c 'echo $PPID'
    equal 1 "$output"
}

@test "--hostname, --uid, --gid" {
    run -0 sbx run --hostname box -- uname -n
    equal "box" "$output"
    facts --uid 1234 --gid 4321
    equal "[1234,1234,1234]" "$(fact .uid)"
    equal "[4321,4321,4321]" "$(fact .gid)"
}

@test "--as runs it all as that user" {
    need_root "only root can become another user"
    mkdir -m 777 "$T/o/w"
    cp "$PROBE" "$T/o/w/probe"
    cd "$T/o/w"
    run -0 sbx run --as nobody --rw . -- ./probe facts
    equal "[65534,65534,65534]" "$(jq -c .uid <<<"$output")"
    sbx run --as nobody --rw . -- touch file
    equal 65534 "$(stat -c %u file)"
    run -0 sbx run --as 65534 -- id -u
    equal 65534 "$output"
}

@test "--as another user without root, or an unknown one: 125" {
    sbx_fails 'sbx-test-no-such-user' -- run --as sbx-test-no-such-user -- true
    is_root || sbx_fails 'root' -- run --as root -- true
}

@test "-v says more on stderr, -q nothing; stdout stays the command's" {
    run -3 --separate-stderr sbx run -v -- sh -c 'echo out; exit 3'
    equal "out" "$output"
    [[ -n $stderr ]]
    run -3 --separate-stderr sbx run -q -- sh -c 'echo out; exit 3'
    equal "out" "$output"
    equal "" "$stderr"
}

@test "a working directory that was removed: an error, not a run elsewhere" {
    mkdir gone
    cd gone
    rmdir ../gone
    run -125 --separate-stderr sbx run -- true
    like "$stderr" 'hint:'
}

@test "two hundred runs in a row leave nothing behind" {
    local i before after

    before=$(grep -c . /proc/self/mountinfo)
    for ((i = 0; i < 200; i++)); do
        "$SBX" run -- true
    done
    after=$(grep -c . /proc/self/mountinfo)
    equal "$before" "$after"
    equal "home o w" "$(cd "$T" && echo *)"
    equal "probe" "$(ls -A "$T/w")"
    equal "" "$(ls -A "$T/home")"
}

@test "many runs at once don't disturb each other" {
    local i code
    local -a pids=()

    for i in {1..24}; do
        "$SBX" run -- sh -c "exit $i" 3>&- &
        pids+=("$!")
    done
    for i in {1..24}; do
        code=0
        wait "${pids[i - 1]}" || code=$?
        equal "$i" "$code"
    done
}
