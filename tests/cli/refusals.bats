#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --on-refusal: who is told of a refused system call, and what comes of it.
# bats file_tags=seccomp
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

reported() {
    equal "$2" "$(jq -cr "$1" "$T/w/report.json")"
}

# told [OPTION...] -- COMMAND...: run with a report, refusals told
told() {
    sbx run -q --on-refusal notify --report report.json "$@"
}

@test "notify: each refused call by its name, in the order of the first, and how often" {
    run -0 told -- sh -c './probe try syscall mount; ./probe try syscall bpf; ./probe try syscall mount; true'
    equal 3 "$(grep -c '^refused:.*EPERM' <<<"$output")"
    reported '[.outcome, .exit_code]' '["exited",0]'
    reported '.refused' '[{"syscall":"mount","count":2},{"syscall":"bpf","count":1}]'
    run -0 told -- true
    reported '.refused' '[]'
    # control: by itself nobody counts, and without a filter nobody could
    run -0 sbx run --report report.json -- sh -c './probe try syscall mount; true'
    reported '.refused' null
}

@test "notify: a call fails as it does without, with the same errno" {
    local plain told

    cat >calls.py <<'END'
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    result = libc.syscall(number, *arguments)
    print(number, result, errno.errorcode[ctypes.get_errno()] if result < 0 else "")
for number in range(426, 470):
    if number not in (435, 436):  # clone3, close_range: real ones
        call(number, -1, -1, -1, -1, -1, -1)
for family in range(46):
    try:
        socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        print(family, error.errno)
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
print(resource.getrlimit(resource.RLIMIT_CORE))
END
    plain=$(sbx run -- /usr/bin/python3 calls.py)
    told=$(told -- /usr/bin/python3 calls.py)
    equal "$plain" "$told"
    ((${#plain} > 500))
    reported '[.refused[].syscall] | index("socket") != null and index("open_tree") != null' true
    # unknown ones, as on an older kernel, and what succeeds without effect are no refusals
    reported '[.refused[].syscall | select(test("clone3|openat2|setrlimit|prlimit64"))]' '[]'
}

@test "notify: children, threads and commands of exec are told too" {
    XDG_RUNTIME_DIR=$(mktemp -d "$T/run.XXXXXXXX")
    export XDG_RUNTIME_DIR
    local word

    word=$(token)
    background "$SBX" run -q --rw . --name told --on-refusal notify --report report.json -- ./probe hold "$word"
    local sbx=$!
    wait_until is_marked "$word"
    run -1 sbx exec told -- ./probe try syscall mount
    like "$output" '^refused:.*EPERM'
    # of a process that outlives its command
    run -0 sbx exec told -- sh -c 'setsid sh -c "sleep 0.3; ./probe try syscall bpf; touch over" >/dev/null 2>&1 &'
    run -1 sbx exec told -- ./probe try syscall mount
    wait_until is_file over
    # the same lockdown as the first one's, and no command has the descriptor
    run -0 sbx exec told -- sh -c 'grep ^Seccomp: /proc/self/status; ls -l /proc/self/fd /proc/[0-9]*/fd 2>/dev/null; true'
    like "$output" '^Seccomp:.2$'
    unlike "$output" 'seccomp notify|anon_inode'
    kill "$sbx"
    wait "$sbx" || true
    reported '.refused' '[{"syscall":"mount","count":2},{"syscall":"bpf","count":1}]'
    # and where the first one ends the run, so does that of an exec
    word=$(token)
    background "$SBX" run -q --name told --on-refusal kill --report report.json -- ./probe hold "$word"
    sbx=$!
    wait_until is_marked "$word"
    run -137 sbx exec told -- ./probe try syscall mount
    wait "$sbx" || true
    none_marked "$word"
    reported '[.outcome, .cause, .refused[].syscall]' '["limit","syscall","mount"]'
}

@test "kill: the first refused call ends everything, and is named" {
    local word

    word=$(token)
    run -137 sbx run --on-refusal kill --report report.json -- \
        sh -c "./probe hold $word & until [ -e /proc/3 ]; do :; done; ./probe try syscall mount; echo went on; exit 3"
    like "$output" '^sbx: ended after .* by a system call that is refused: mount$'
    unlike "$output" '^went on'
    none_marked "$word"
    reported '[.outcome, .cause, .exit_code, .signal]' '["limit","syscall",null,9]'
    reported '.refused' '[{"syscall":"mount","count":1}]'
    run -3 sbx run --on-refusal kill --report report.json -- sh -c 'exit 3'
    reported '[.outcome, .refused]' '["exited",[]]'
    run -0 sbx run --on-refusal kill --rw . -- sh -c 'echo x >f; cat f; (exit 0) & wait'
}

@test "a flood of refused calls keeps no time limit from being minded" {
    run -124 told --time 500ms --grace 100ms -- /usr/bin/python3 -c '
import ctypes, os
libc = ctypes.CDLL(None)
os.fork()
while True:
    libc.mount(0, 0, 0, 0, 0)'
    reported '[.refused[0].syscall, .refused[0].count > 100]' '["mount",true]'
}

@test "names past the report's room are counted together" {
    local -a options=() names=(pidfd_send_signal pidfd_open pidfd_getfd faccessat2 process_madvise epoll_pwait2
        landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv
        set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack statmount listmount lsm_get_self_attr
        lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat)
    local name

    for name in "${names[@]}"; do
        options+=(--deny-syscall "$name")
    done
    # these numbers are the same on all architectures
    run -0 told "${options[@]}" -- /usr/bin/python3 -c '
import ctypes
libc = ctypes.CDLL(None)
for number in range(424, 468):
    if number not in (435, 436, 437, 454, 455, 456):
        libc.syscall(number, -1, -1, -1, -1, -1, -1)'
    reported '.refused | length' 33
    reported '[.refused[:2][], .refused[-1].syscall]' \
        '[{"syscall":"pidfd_send_signal","count":1},{"syscall":"io_uring_setup","count":1},null]'
    reported '[.refused[].count] | add' 38
}

@test "what would go past the report is refused at the start" {
    sbx_fails '--deny-syscall.*sendmsg' -- run --on-refusal notify --deny-syscall sendmsg -- true
    sbx_fails '--allow-syscall.*io_uring' -- run --on-refusal kill --allow-syscall io_uring_setup -- true
    sbx_fails '--on-refusal.*--seccomp off' -- run --on-refusal notify --seccomp off -- true
    run -0 sbx run --on-refusal errno --seccomp off -- true
    sbx_fails 'errno\|notify\|kill' -- run --on-refusal ask -- true
}

@test "refusing what the start itself needs ends it, and nothing waits for ever" {
    local call status

    for call in write close execve; do
        status=0
        timeout $((20 * SBX_TEST_SLOW)) "$SBX" run -q --on-refusal notify --deny-syscall "$call" -- /bin/true || status=$?
        ((status != 124))
        status=0
        timeout $((20 * SBX_TEST_SLOW)) "$SBX" run -q --on-refusal kill --deny-syscall "$call" -- /no/such || status=$?
        ((status != 124 && status != 0))
    done
}

@test "somebody outside who listens already: 125, and the way out" {
    cat >listen.py <<'END'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
allow = struct.pack("HBBI", 6, 0, 0, 0x7fff0000)
buffer = ctypes.create_string_buffer(allow)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
program = Program(1, ctypes.addressof(buffer))
number = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
listener = libc.syscall(number, 1, 8, ctypes.byref(program))
if listener < 0:
    sys.exit(99)
os.set_inheritable(listener, True)
os.execv(sys.argv[1], sys.argv[1:])
END
    run /usr/bin/python3 listen.py "$SBX" run -- echo ran
    [[ $status == 0 ]] || skip "a filter can't be had around sbx here"
    run -125 /usr/bin/python3 listen.py "$SBX" run --on-refusal notify -- echo ran
    unlike "$output" '^ran'
    like "$output" '^sbx: .*system-call filter' '^hint: .*--on-refusal errno'
}

@test "SIGKILL for sbx while calls are refused: nothing passes, and nothing is left" {
    local word

    word=$(token)
    background "$SBX" run --on-refusal notify -- sh -c "./probe hold $word & while :; do ./probe try syscall mount; done" >out
    wait_until is_marked "$word"
    wait_until has_text out
    kill -9 $!
    wait_until none_marked "$word"
    unlike "$(cat out)" '^done:'
}

@test "profile judge has it, and -v says what was refused" {
    need_outside
    run -0 --separate-stderr sbx run -v -p judge --report report.json -- ./probe facts
    like "$stderr" '^sbx: refused system calls: '
    reported '.refused | type' array
    run -1 sbx run -p judge --report report.json -- ./probe try socket 2 1
    reported '.refused' '[{"syscall":"socket","count":1}]'
    run -0 sbx plan -p judge -- true
    like "$output" 'seccomp +strict: .*refused and told'
}
