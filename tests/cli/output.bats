#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --max-output: exactly so much passes, in its order, and nothing else of the command's output changes.
# bats file_tags=limits
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

reported() {
    equal "$2" "$(jq -cr "$1" "$T/w/report.json")"
}

# counted SIZE COMMAND...: with a report
counted() {
    sbx run -q --report report.json --max-output "$1" -- "${@:2}"
}

@test "as much as the limit passes, and one byte more ends the run" {
    run -3 counted 10 sh -c 'printf 0123456789; exit 3'
    equal 0123456789 "$output"
    reported '[.outcome, .exit_code, .output_bytes, .limits_reached]' '["exited",3,10,[]]'
    run -137 counted 10 sh -c 'printf 0123456789X; exit 3'
    equal 0123456789 "$output"
    reported '[.outcome, .cause, .exit_code, .signal, .output_bytes]' '["limit","max-output",null,9,10]'
    reported '[.limits["max-output"], .limits_reached[]]' '["relay","max-output"]'
    run -137 counted 0 sh -c 'printf x; exec sleep 60'
    equal "" "$output"
    run -0 counted 0 true
    # control: by itself nothing is counted
    run -0 sbx run -q --report report.json -- sh -c 'printf 0123456789X'
    equal 0123456789X "$output"
    reported '[.output_bytes, .limits["max-output"]]' '[null,null]'
}

@test "both descriptors count together, each goes where the caller has it" {
    counted 12 sh -c 'printf abcdef; sleep 0.2; printf 123456 >&2' >out 2>err
    equal abcdef "$(cat out)"
    equal 123456 "$(cat err)"
    run -137 --separate-stderr counted 11 sh -c 'printf abcdef; sleep 0.2; printf 123456 >&2; exec sleep 60'
    equal abcdef "$output"
    equal 12345 "$stderr"
    reported .output_bytes 11
}

@test "2>&1 keeps its order: into a pipe, a file, and with >> twice" {
    local script='for i in 1 2 3 4 5 6 7 8; do echo o$i; echo e$i >&2; done' all='' i

    for i in 1 2 3 4 5 6 7 8; do
        all+="o$i e$i "
    done
    equal "$all" "$(counted 1M sh -c "$script" 2>&1 | tr '\n' ' ')"
    counted 1M sh -c "$script" >file 2>&1
    equal "$all" "$(tr '\n' ' ' <file)"
    rm file
    counted 1M sh -c "$script" >>file 2>>file
    equal "$all" "$(tr '\n' ' ' <file)"
    # opened twice, each has a place of its own in the file, as without sbx
    sh -c 'echo oooooo; echo eee >&2' >plain 2>plain
    counted 1M sh -c 'echo oooooo; sleep 0.2; echo eee >&2' >file 2>file
    equal "$(cat plain)" "$(cat file)"
}

@test "a slow reader loses nothing, and the command waits for it meanwhile" {
    head -c 3M /dev/urandom >data
    counted 3M cat data | python3 -c '
import os, time
for i in range(10**6):
    piece = os.read(0, 1 + i * 7919 % 70000)
    if not piece:
        break
    os.write(1, piece)
    if i % 16 == 0:
        time.sleep(0.005)' >copy
    cmp data copy
    reported '[.outcome, .output_bytes]' '["exited",3145728]'
    # what nobody takes fills two pipes and a buffer, and then the command is held up
    run -124 bash -c '"$SBX" run -q --report report.json --time 500ms --grace 100ms --max-output 1G -- yes | sleep 2; exit ${PIPESTATUS[0]}'
    jq -e '.output_bytes >= 65536 and .output_bytes <= 1048576' report.json
}

@test "a reader that has gone: SIGPIPE, or EPIPE, as without sbx" {
    run -141 bash -c '"$SBX" run -q --max-output 1G -- yes | head -n 1; exit ${PIPESTATUS[0]}'
    equal y "$output"
    run -7 bash -c '"$SBX" run -q --max-output 1G -- sh -c "trap \"\" PIPE; while echo x; do :; done; exit 7" 2>/dev/null | true; exit ${PIPESTATUS[0]}'
    # sbx itself is never the one that the signal ends: the report is there
    run -141 bash -c '"$SBX" run -q --report report.json --max-output 1G -- yes | true; exit ${PIPESTATUS[0]}'
    reported '[.outcome, .signal]' '["signaled",13]'
}

@test "sockets, files, devices, and a descriptor that is closed" {
    head -c 500K /dev/urandom >data
    cat >serve.py <<'END'
import os, socket, subprocess, sys
for kind in socket.SOCK_STREAM, socket.SOCK_SEQPACKET:
    here, there = socket.socketpair(socket.AF_UNIX, kind)
    there.set_inheritable(True)
    run = subprocess.Popen([os.environ["SBX"], "run", "-q", "--max-output", "1M", "--", "cat", "data"],
                           stdin=subprocess.DEVNULL, stdout=there)
    there.close()
    seen = b""
    while piece := here.recv(1 << 20):
        seen += piece
    assert seen == open("data", "rb").read() and run.wait() == 0
END
    python3 serve.py
    counted 1M cat data >copy
    cmp data copy
    counted 1M cat data >/dev/null
    reported .output_bytes 512000
    counted 1M sh -c 'echo x; echo y >&2' 2>err >&-
    equal "y" "$(grep -v 'write error' err)"
}

@test "/dev/stdout and /dev/stderr can be opened again" {
    run -0 --separate-stderr counted 1K sh -c 'echo one >/dev/stdout; echo two >/proc/self/fd/1; echo three >/dev/stderr'
    equal "one two" "$(xargs <<<"$output")"
    equal three "$stderr"
    reported .output_bytes 14
}

# What it has to pass on may be the last thing that it waits for, or its command.
ends_by_asking() {
    kill -TERM "$1"
    is_over "$1"
}

@test "what can't be written is not lost in silence" {
    run -125 bash -c '"$SBX" run --report report.json --max-output 1K -- sh -c "echo x; exit 0" >/dev/full'
    like "$output" '^sbx: .*standard output.*No space left' '^hint: '
    reported '[.outcome, .step, .errno]' '["setup-failed","output","ENOSPC"]'
    run -125 bash -c 'ulimit -f 8; "$SBX" run --max-output 1M -- head -c 100K /dev/zero >file'
    like "$output" 'File too large'
    # a reader that takes nothing, until somebody ends sbx
    mkfifo pipe
    exec 9<>pipe
    background "$SBX" run --rw . --max-output 1M -- sh -c 'head -c 100K /dev/zero; touch written' >pipe 2>err
    wait_until is_file written
    wait_until ends_by_asking $!
    status=0
    wait $! || status=$?
    exec 9>&-
    equal 125 "$status"
    like "$(cat err)" 'nobody has read the rest' '^hint: '
}

@test "children that hold the pipe end with the command, and all that they have written arrives" {
    local word

    word=$(token)
    run -0 counted 1M sh -c "./probe hold $word & until [ -e /proc/3 ]; do :; done; sleep 0.3; head -c 200K /dev/zero | tr '\\0' x"
    none_marked "$word"
    reported '.output_bytes >= 204800' true
}

# The kernel stops nobody by SIGTSTP whose process group is orphaned, as under nohup in the background.
can_stop() {
    local pid stopped=1

    sleep 60 &
    pid=$!
    kill -TSTP "$pid"
    sleep 0.2
    ps -o stat= -p "$pid" | grep -q T || stopped=0
    kill -9 "$pid"
    ((stopped))
}

@test "a command that is stopped with sbx goes on and loses nothing" {
    can_stop || skip "the tests run in an orphaned process group"
    head -c 2M /dev/urandom >data
    mkfifo pipe
    background bash -c 'exec "$SBX" run --max-output 1G -- cat data >pipe'
    local sbx=$!
    exec 8<pipe
    # more than once: before sbx minds signals, one is lost
    wait_until sh -c "kill -TSTP $sbx; ps -o stat= -p $sbx | grep -q T"
    kill -CONT "$sbx"
    cmp data <(cat <&8)
    wait "$sbx"
}

@test "what would go past the count is refused" {
    sbx_fails '--max-output.*terminal that the command shares' -- run --tty inherit --max-output 1K -- true
    cat >inetd.py <<'END'
import os, socket, subprocess, sys
here, there = socket.socketpair()
there.set_inheritable(True)
print(subprocess.run([os.environ["SBX"], "run", "--max-output", "1K", "--", "true"],
                     stdin=there, stdout=there, stderr=subprocess.PIPE, text=True))
END
    run -0 python3 inetd.py
    like "$output" 'returncode=125' 'standard input is the same as descriptor 1' 'hint: '
    sbx_fails '--max-output' -- run --max-output 1X -- true
}

@test "the plan says it" {
    run -0 sbx plan --max-output 1K -- true
    like "$output" 'session +the command.s own.*\[--max-output\]' 'output +1024 bytes at most in all, one pipe as 1 2  \[--max-output\]'
    run -0 bash -c '"$SBX" plan --max-output 1K -- true 2>/dev/null'
    like "$output" 'output +1024 bytes at most in all, a pipe as 1, a pipe as 2'
    # the caller's own file can't be opened again from inside
    unlike "$output" 'landlock.* fd:[12]'
}
