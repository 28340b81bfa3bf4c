#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Sandboxes that run: ps, exec, stop, stats.
# bats file_tags=running
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a shell of its own; what stands in single quotes is meant for the shell inside

load common

setup() {
    common_setup
    # a register of the test's own
    XDG_RUNTIME_DIR=$(mktemp -d /tmp/sbx-run.XXXXXXXX)
    export XDG_RUNTIME_DIR
}

teardown() {
    common_teardown
    [[ -z ${XDG_RUNTIME_DIR:-} ]] || rm -rf "$XDG_RUNTIME_DIR"
}

entries() { find "$XDG_RUNTIME_DIR/sbx" -mindepth 1 | wc -l; }
names() { sbx ps --json | jq -r '.[].name'; }
is_listed() { names | grep -qx -- "$1"; }
none_listed() { [[ -z $(names) ]]; }

# box [OPTION...]: a sandbox named box, with a process that stays
box() {
    WORD=$(token)
    background "$SBX" run --name box "$@" -- "$T/w/probe" hold "$WORD"
    BOX=$!
    wait_until is_marked "$WORD"
}

# --- ps -------------------------------------------------------------------------------------

@test "ps lists what runs, by name, and nothing when nothing does" {
    run -0 sbx ps
    equal "" "$output"
    equal '[]' "$(sbx ps --json | jq -c .)"
    box
    background "$SBX" run -- ./probe hold "$WORD-2"
    wait_until is_marked "$WORD-2"
    equal 2 "$(names | wc -l)"
    run -0 sbx ps
    like "$output" '^NAME +PID +PROCS +AGE +CPU +MEMORY +PROFILE +COMMAND$' \
        "^box +$BOX +2 +[0-9]+s +[0-9.]+s +[0-9.]+ [KM]iB +default +.*/probe\$"
    equal "[\"box\",$BOX,\"default\",2]" \
        "$(sbx ps --json | jq -c '.[] | select(.name == "box") | [.name, .pid, .profile, .processes]')"
    kill "$BOX"
    wait_until sh -c '! "$SBX" ps | grep -q ^box'
}

@test "ps: what was killed with SIGKILL is gone from the list and from the disk" {
    box
    equal 1 "$(entries)"
    kill -9 "$BOX"
    wait_until none_marked "$WORD"
    run -0 sbx ps
    equal "" "$output"
    equal 0 "$(entries)"
}

@test "what was killed with SIGKILL is swept by the next run too" {
    box
    kill -9 "$BOX"
    wait_until none_marked "$WORD"
    equal 1 "$(entries)"
    run -0 sbx run -- true
    equal 0 "$(entries)"
}

@test "ps: a stopped sbx is listed as such, without waiting for it" {
    box
    kill -STOP "$BOX"
    SECONDS=0
    run -0 sbx ps
    ((SECONDS < 5 * SBX_TEST_SLOW))
    like "$output" '^box .*stopped or busy'
    equal null "$(sbx ps --json | jq -c '.[0].pid')"
    kill -CONT "$BOX"
    wait_until sh -c '"$SBX" ps | grep -q "^box .*probe"'
}

@test "ps: an odd command can't steer the terminal" {
    cp probe $'odd\e[31m\nname'
    WORD=$(token)
    background "$SBX" run --ro . -- ./$'odd\e[31m\nname' hold "$WORD"
    wait_until sh -c '"$SBX" ps | grep -q odd'
    run -0 sbx ps
    like "$output" 'odd\\x1b\[31m\\nname'
    equal 2 "$(wc -l <<<"$output")"
}

@test "ps: cpu, memory and processes are those of everything inside" {
    background "$SBX" run --name busy -- sh -c 'sleep 1000 & while :; do :; done'
    wait_until is_listed busy
    wait_until sh -c '[ "$("$SBX" ps --json | jq ".[0].cpu_ms")" -gt 300 ]'
    equal 3 "$(sbx ps --json | jq '.[0].processes')"
    (($(sbx ps --json | jq '.[0].memory') > 500000))
}

@test "a name is taken once; a dead one's name is free again" {
    box
    sbx_fails "a sandbox 'box' runs already" 'sbx stop' -- run --name box -- true
    kill -9 "$BOX"
    wait_until none_marked "$WORD"
    run -0 sbx run --name box -- true
}

@test "the register is the caller's alone: a wrong directory is refused, and nothing is run" {
    mkdir "$XDG_RUNTIME_DIR/sbx"
    chmod 755 "$XDG_RUNTIME_DIR/sbx"
    sbx_fails 'register' -- run --name box -- echo ran
    sbx_fails 'register' -- ps
    rmdir "$XDG_RUNTIME_DIR/sbx"
    ln -s "$T/o" "$XDG_RUNTIME_DIR/sbx"
    chmod 700 "$T/o"
    sbx_fails 'register' -- run --name box -- echo ran
    # without a name it is only not listed
    run -0 sbx run -- echo ran
    equal ran "$output"
    equal "" "$(ls "$T/o")"
    rm "$XDG_RUNTIME_DIR/sbx"
    run -0 sbx run -- true
    equal 700 "$(stat -c %a "$XDG_RUNTIME_DIR/sbx")"
}

@test "another user can't reach it" {
    need_root
    chmod 755 "$XDG_RUNTIME_DIR"
    box
    run ! as_nobody env XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" "$SBX" exec box -- true
    run ! as_nobody "$PROBE" try connect-unix-seqpacket "$XDG_RUNTIME_DIR/sbx/box"
    control connect-unix-seqpacket "$XDG_RUNTIME_DIR/sbx/box"
}

# --- exec -----------------------------------------------------------------------------------

@test "exec: the command's own exit code, output, error and input" {
    box
    run -7 --separate-stderr sbx exec box -- sh -c 'echo out; echo err >&2; exit 7'
    equal out "$output"
    equal err "$stderr"
    run -0 sbx exec box cat <<<"from outside"
    equal "from outside" "$output"
    run -137 sbx exec box -- sh -c 'kill -9 $$'
    run -127 sbx exec box -- nosuch
    like "$output" 'not found in the sandbox'
    run -126 sbx exec box -- /etc/passwd
    equal 2000000 "$(sbx exec box -- head -c 2000000 /dev/zero | wc -c)"
}

@test "exec: it sees the first command's processes, host name, files, directory and environment" {
    echo text >"$T/w/file"
    box --rw . -e KEY=value --hostname inside
    run -0 sbx exec box -- sh -c 'pwd; hostname; echo $KEY; cat file; echo new >made; ps -o comm= -p 1,2'
    equal "$T/w
inside
value
text
sbx-init
probe" "$output"
    [[ -e made ]]
    run -0 sbx exec -C /tmp -e KEY=other -e MORE=1 box -- sh -c 'echo $PWD $KEY $MORE'
    equal "/tmp other 1" "$output"
    run -0 env FOO=bar "$SBX" exec box -- env
    unlike "$output" FOO
    run -0 env FOO=bar "$SBX" exec -e FOO box -- env
    like "$output" '^FOO=bar$'
}

# lockdown: what the probe sees of its own confinement, without what differs between two processes
lockdown() {
    jq -S '{caps, seccomp, seccomp_filters, no_new_privs, securebits, uid, gid, uid_map, gid_map,
        setgroups, groups, namespaces, mounts: [.mounts[] | {target, options}], rlimits, hostname,
        umask, interfaces, keyring: .session, oom_score_adj, fds: [.fds[] | .fd]}'
}

@test "exec: the same lockdown as the first command, line by line" {
    local options=(--rlimit stack=4M --open-files 50 --file-size 1M)

    is_root || options+=(--pids 20)
    for seccomp in default strict; do
        background "$SBX" run --name "box-$seccomp" --seccomp "$seccomp" "${options[@]}" --rw . -- \
            sh -c "./probe facts >first-$seccomp.json </dev/null 2>/dev/null; sleep 1000"
        wait_until sh -c "jq -e . first-$seccomp.json"
        sbx exec "box-$seccomp" -- ./probe facts >second.json </dev/null 2>/dev/null
        equal "$(lockdown <"first-$seccomp.json")" "$(lockdown <second.json)"
        (($(lockdown <second.json | wc -l) > 100))
    done
}

@test "exec: what is refused to the first command is refused to it" {
    box
    for try in "write $T/o" "remount /" "userns" "ptrace1" "prlimit1" "keyctl" "syscall bpf" \
        "setgroups" "capset" "connect-unix /run/dbus/system_bus_socket" "read /proc/kcore"; do
        # shellcheck disable=SC2086 # the words of a try
        run -1 sbx exec box -- ./probe try $try
        like "$output" '^refused:'
    done
    echo secret >"$HOME/secret"
    run -1 sbx exec box -- ./probe try find "$HOME/secret" secret
}

@test "exec: descriptors past 2 don't pass, a directory as one of them is refused" {
    box
    run -0 --separate-stderr sbx exec box -- sh -c 'ls /proc/self/fd | wc -l' 7</etc/passwd 8>/dev/null
    equal 4 "$output"
    run -125 sbx exec box -- true </
    like "$output" 'is a directory' 'hint: redirect'
    run -125 bash -c 'exec "$PROBE" with-opath 0 / "$SBX" exec box -- true'
    run -0 sbx exec box -- ./probe facts <&-
    equal "$(sbx run -- ./probe facts <&- | jq -c '.fds[0]')" \
        "$(sbx exec box -- ./probe facts <&- | jq -c '.fds[0]')"
}

@test "exec: signals are passed on; when exec itself is killed, its command goes with it" {
    box
    background "$SBX" exec box -- sh -c 'trap "exit 3" TERM; while :; do sleep 0.05; done'
    sleep 0.5
    kill -TERM $!
    status=0
    wait $! || status=$?
    equal 3 "$status"
    background "$SBX" exec box -- ./probe stubborn "$WORD-x"
    wait_until is_marked "$WORD-x"
    kill -9 $!
    wait_until none_marked "$WORD-x"
    is_marked "$WORD"
}

@test "exec: when the sandbox ends, its command ends with it, and that is told" {
    box
    (sleep 1; kill -9 "$BOX") &
    run -137 sbx exec box -- ./probe hold "$WORD-y"
    like "$output" "the sandbox 'box' has ended"
    none_marked "$WORD-y"
}

@test "exec: wrong words are told" {
    box
    sbx_fails "no sandbox 'nothing' runs" 'sbx ps' -- exec nothing -- true
    sbx_fails "there is no command" -- exec box
    sbx_fails "there is no name" -- exec
    sbx_fails "unknown option '--nonsense'" -- exec --nonsense box -- true
    sbx_fails "no sandbox '../box' runs" -- exec ../box -- true
    run -125 sbx exec -C /nowhere box -- true
    like "$output" "cannot enter '/nowhere'"
}

@test "exec: forty at a time, and far too many: each runs or is refused, the sandbox goes on" {
    box
    for i in {1..40}; do
        sbx exec box -- sh -c "echo $i" >"out-$i" 2>"err-$i" &
        pids[i]=$!
    done
    local good=0
    for i in {1..40}; do
        if wait "${pids[i]}"; then
            equal "$i" "$(cat "out-$i")"
            good=$((good + 1))
        else
            like "$(cat "err-$i")" '^sbx: '
        fi
    done
    ((good >= 20))
    run -0 sbx exec box -- echo still
}

@test "what speaks nonsense to the register's socket harms nobody" {
    box
    python3 - "$XDG_RUNTIME_DIR/sbx/box" <<'END'
import array, os, socket, struct, sys
path = sys.argv[1]
def talk(data, fds=()):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(path)
    s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
    s.settimeout(0.02) # most get no answer; what was sent is read all the same
    try:
        return s.recv(4096)
    except OSError:
        return None
for size in (1, 4, 8, 100, 5000):
    talk(os.urandom(size))
for kind in range(0, 12):
    talk(struct.pack("I", kind) + b"\xff" * 44)
    talk(struct.pack("I", kind))
memory = os.memfd_create("x")
os.write(memory, b"id\0" * 3)
for argc, envc, count, size in ((1, 0, 0, 9), (0, 0, 0, 9), (4096, 0, 0, 9), (1, 1, 0, 1 << 40),
                                (2**32 - 1, 2**32 - 1, 3, 9), (3, 0, 0, 10**6), (2, 0, 0, 9)):
    talk(struct.pack("IIIIQQiii", 3, argc, envc, count, size, 0, 5, -1, 2**31 - 1), [memory])
talk(struct.pack("IIIIQQiii", 3, 1, 0, 0, 9, 0, 0, 0, 0), [memory] * 60)
pipe = os.pipe()
talk(struct.pack("IIIIQQiii", 3, 1, 0, 0, 9, 0, 0, 0, 0), [pipe[0]])
talk(struct.pack("Iii", 4, 9, 1))
END
    run -0 sbx exec box -- echo still
    is_marked "$WORD"
}

# --- stop and stats -------------------------------------------------------------------------

@test "stop: with SIGTERM, after the grace with SIGKILL, and it waits for the end" {
    background "$SBX" run --name tidy --rw . -- sh -c 'trap "echo tidied >tidied; exit 5" TERM; while :; do sleep 0.05; done'
    wait_until is_listed tidy
    sleep 0.3
    run -0 sbx stop tidy
    equal tidied "$(cat tidied)"
    WORD=$(token)
    background "$SBX" run --name stubborn -- ./probe stubborn "$WORD"
    wait_until is_marked "$WORD"
    SECONDS=0
    run -0 sbx stop --grace 300ms stubborn
    ((SECONDS < 5 * SBX_TEST_SLOW))
    none_marked "$WORD"
    none_listed
    run -1 sbx stop stubborn
    like "$output" "no sandbox 'stubborn' runs"
    run -125 sbx stop --grace nonsense stubborn
}

@test "stop: several at once, and the report of each tells how it ended" {
    for name in one two; do
        background "$SBX" run --name "$name" --report "$T/o/$name.json" -- ./probe hold "$(token)"
        wait_until is_listed "$name"
    done
    run -1 sbx stop one nothing two
    none_listed
    wait_until jq -e . "$T/o/one.json"
    equal '["signaled",15,"one"]' "$(jq -c '[.outcome, .signal, .name]' "$T/o/one.json")"
}

@test "stats: a line each second until the end, and once" {
    box
    run -0 sbx stats --once box
    like "$output" '^ +AGE +CPU +MEMORY +PROCS$' ' 2$'
    run -0 sbx stats --once --json box
    equal '["box",2]' "$(jq -c '[.name, .processes]' <<<"$output")"
    (sleep 2; kill "$BOX") &
    run -0 sbx stats box
    (($(wc -l <<<"$output") >= 3))
    run -1 sbx stats box
    sbx_fails "one name is wanted" -- stats
}

# --- what the sandbox sees of it ------------------------------------------------------------

@test "the register is never visible inside, whatever is granted" {
    box
    mkdir -p "$T/o/run"
    chmod 700 "$T/o/run"
    control connect-unix-seqpacket "$XDG_RUNTIME_DIR/sbx/box"
    for options in "" "--ro /tmp" "--rw /tmp" "--ro $XDG_RUNTIME_DIR" "--rw $XDG_RUNTIME_DIR" \
        "--ro $XDG_RUNTIME_DIR:/mnt"; do
        for path in "$XDG_RUNTIME_DIR/sbx/box" /mnt/sbx/box; do
            # shellcheck disable=SC2086 # words are meant
            run -1 sbx run $options -- "$T/w/probe" try connect-unix-seqpacket "$path"
            like "$output" '^refused:'
        done
    done
    sbx_fails 'register of running sandboxes' -- run --ro "$XDG_RUNTIME_DIR/sbx" -- true
    sbx_fails 'register of running sandboxes' -- run --rw "$XDG_RUNTIME_DIR/sbx:/mnt" -- true
    # nor can what is writable be swapped for another
    run sbx run --rw "$XDG_RUNTIME_DIR" -- mv "$XDG_RUNTIME_DIR/sbx" "$XDG_RUNTIME_DIR/other"
    ((status != 0))
    names | grep -qx box
}

@test "the sandbox's own entry isn't visible inside either" {
    run -0 sbx run --name own --ro /tmp -- sh -c 'ls -A "'"$XDG_RUNTIME_DIR"'/sbx"'
    equal "" "$output"
}

# A run hides the register that its own environment names.  Where another one lies in a directory
# that it was given, it still gets into no sandbox of that one, and poses as none.
@test "what is in a sandbox reaches no other one by a register that shows there" {
    local register=$XDG_RUNTIME_DIR

    box
    mkdir -m 700 "$T/w/other"
    control connect-unix-seqpacket "$XDG_RUNTIME_DIR/sbx/box"
    run -0 sbx exec box -- echo "from outside"
    equal "from outside" "$output"
    inside() {
        XDG_RUNTIME_DIR=$T/w/other sbx run --rw "$register" --ro "$SBX:/tmp/sbx" -- \
            env XDG_RUNTIME_DIR="$register" "$@"
    }
    run -0 inside "$T/w/probe" try connect-unix-seqpacket "$XDG_RUNTIME_DIR/sbx/box" # it shows
    for verb in "exec box -- echo IN" "stop box" "ps" "stats --once box"; do
        # shellcheck disable=SC2086 # words are meant
        run inside /tmp/sbx $verb
        unlike "$output" '^IN$' "^box "
    done
    is_listed box
    is_marked "$WORD"
}

@test "what listens in a sandbox is taken for no other one" {
    local register=$XDG_RUNTIME_DIR

    mkdir -m 700 "$T/w/other" "$XDG_RUNTIME_DIR/sbx"
    cat >"$T/w/pose.py" <<'END'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen()
print("listens", flush=True)
while True:
    c = s.accept()[0]
    got = socket.recv_fds(c, 65536, 16)
    print("got", len(got[0]), "bytes", len(got[1]), "descriptors", flush=True)
END
    XDG_RUNTIME_DIR=$T/w/other background "$SBX" run --rw "$register" -- \
        /usr/bin/python3 "$T/w/pose.py" "$register/sbx/posed" >"$T/w/out"
    wait_until grep -q listens "$T/w/out"
    sbx_fails "cannot reach the sandbox 'posed'" -- exec posed -- true
    sbx_fails "cannot reach the sandbox 'posed'" -- stop posed
    unlike "$(sbx ps)" posed
    unlike "$(cat "$T/w/out")" '[1-9][0-9]* (bytes|descriptors)'
    # the control: outside it gets what a caller sends
    rm "$XDG_RUNTIME_DIR/sbx/posed"
    background /usr/bin/python3 "$T/w/pose.py" "$XDG_RUNTIME_DIR/sbx/posed" >"$T/w/out2"
    wait_until grep -q listens "$T/w/out2"
    background "$SBX" exec posed -- true
    wait_until grep -q '[1-9][0-9]* descriptors' "$T/w/out2"
}

# --- many -----------------------------------------------------------------------------------

@test "two hundred sandboxes by twenty callers: the list is right, and nothing is left" {
    WORD=$(token)
    for caller in {1..20}; do
        (
            for i in {1..10}; do
                "$SBX" run --name "s-$caller-$i" -- ./probe hold "$WORD-$caller-$i" >/dev/null 2>&1 &
            done
            wait
        ) 3>&- 4>&- &
        BACKGROUND+=("$!")
    done
    for _ in {1..9}; do # a busy machine takes its time to start them
        ! wait_until sh -c '[ "$("$SBX" ps --names | wc -l)" = 200 ]' 2>/dev/null || break
    done
    equal 200 "$(names | sort -u | wc -l)"
    mapfile -t all < <(names)
    run -0 sbx stop --grace 5s "${all[@]}"
    none_listed
    none_marked "$WORD-*"
    equal 0 "$(entries)"
}
