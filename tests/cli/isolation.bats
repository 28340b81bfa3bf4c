#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What hostile code tries from inside.  Each refusal has its control: the same try without sbx works.
# bats file_tags=isolation
# shellcheck disable=SC2016,SC2154,SC2030,SC2031 # what stands in single quotes is meant for the shell inside

load common

# in_userns COMMAND...: where an ordinary user has all capabilities: the control of mount tries
in_userns() {
    if is_root; then
        unshare -m --propagation private -- "$@"
    else
        unshare -Urm --propagation private -- "$@"
    fi
}

# --- mounts and namespaces ------------------------------------------------------------------------

@test "remounting, by both ways, is refused" {
    local path

    mkdir mnt
    run -0 in_userns sh -c 'mount -t tmpfs x mnt && mount -o remount,ro,bind mnt && ./probe try remount "$PWD/mnt" && touch mnt/x'
    run -0 in_userns sh -c 'mount -t tmpfs x mnt && mount -o remount,ro,bind mnt && ./probe try mount_setattr "$PWD/mnt" && touch mnt/x'
    for path in / /proc /dev /tmp /sys "$HOME" "$T/w"; do
        refuses -- remount "$path"
        refuses -- mount_setattr "$path"
    done
    refuses --seccomp off -- remount /
    refuses --seccomp off -- mount_setattr /
    refuses --seccomp off -- mount_setattr /proc
}

@test "unmounting is refused, so nothing that is covered comes to light" {
    local path

    run -0 in_userns sh -c 'mkdir mnt; mount -t tmpfs x mnt && ./probe try umount "$PWD/mnt"'
    for path in /tmp /proc /dev "$HOME" /run /proc/kcore /sys/firmware; do
        refuses -- umount "$path"
        refuses --seccomp off -- umount "$path"
    done
}

@test "new mounts, of any kind, are refused" {
    run -0 in_userns ./probe try mount "$T/o"
    run -0 in_userns ./probe try bind /etc "$T/o"
    run -0 in_userns ./probe try open_tree /
    run -0 in_userns ./probe try fsopen tmpfs
    refuses -- mount /tmp
    refuses -- bind /etc /tmp
    refuses -- open_tree /
    refuses -- fsopen tmpfs
    refuses --seccomp off -- mount /tmp
    refuses --seccomp off -- bind /etc /tmp
    refuses --seccomp off -- open_tree /
    refuses --seccomp off -- fsopen tmpfs
}

@test "chroot is refused" {
    run -0 in_userns ./probe try chroot /usr
    refuses -- chroot /usr
    refuses --seccomp off -- chroot /usr
}

@test "a nested user namespace is refused, by every way" {
    skip_unless userns "no user namespaces here"
    control userns-unshare
    control userns-clone
    control userns-clone3
    refuses -- userns
    refuses -- userns-unshare
    refuses -- userns-clone
    refuses -- userns-clone3
    # Not by the filter alone.
    refuses --seccomp off -- userns-unshare
    refuses --seccomp off -- userns-clone
    refuses --seccomp off -- userns-clone3
    refuses --allow-syscall unshare --allow-syscall clone --allow-syscall clone3 -- userns
    refuses -- write /proc/sys/user/max_user_namespaces
    refuses --proc rw -- write /proc/sys/user/max_user_namespaces
}

@test "no other namespace can be made either" {
    local flag

    for flag in 0x00020000 0x20000000 0x40000000 0x08000000 0x04000000 0x02000000; do
        refuses -- unshare "$flag"
        refuses --seccomp off -- unshare "$flag"
    done
}

@test "--userns allows what it says, and the view stays read-only" {
    skip_unless userns "no user namespaces here"
    permits --userns -- userns-unshare
    permits --userns -- userns-clone
    # (The kernel lets nobody without CAP_SETFCAP map the real root's id.)
    is_root || {
        run -0 sbx run --userns -- unshare -Ur id -u
        equal 0 "$output"
    }
    # Root of a namespace inside can't undo the mounts of the one around it.
    refuses_in_namespace() {
        run sbx run --userns -- unshare -Um ./probe try "$@"
        equal 1 "$status"
        like "$output" '^refused:'
    }
    refuses_in_namespace mount_setattr /
    refuses_in_namespace mount_setattr "$T/w"
    refuses_in_namespace remount /
    refuses_in_namespace umount "$HOME"
    refuses_in_namespace umount /tmp
    refuses_in_namespace umount /proc/kcore
    refuses_in_namespace write "$T/o"
}

# --- processes --------------------------------------------------------------------------------------

@test "the host's processes can't be seen or reached" {
    local word pid

    word=$(token)
    background "$PROBE" hold "$word" >/dev/null
    pid=$!
    wait_until is_marked "$word"
    control kill "$pid"
    refuses -- kill "$pid"
    run sbx run -- sh -c "cat /proc/$pid/cmdline; cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c '^hold$'"
    unlike "$output" "$word" '^[1-9]'
    refuses -- ptrace "$pid"
    refuses -- prlimit "$pid"
    refuses -- pidfd_getfd "$pid"
    kill -0 "$pid"
}

@test "a signal to the own process group hits nobody outside" {
    # The control: without sbx the caller's other process dies.
    cat >script <<'END'
sleep 100 & victim=$!
trap 'echo "caller hit"' TERM
"$@" ./probe try kill0
sleep 0.2
kill -0 $victim 2>/dev/null && echo "victim alive" || echo "victim dead"
kill -9 $victim 2>/dev/null
true
END
    run setsid -w sh script env
    like "$output" 'caller hit|victim dead'
    run setsid -w sh script "$SBX" run --
    like "$output" 'victim alive'
    unlike "$output" 'caller hit'
    run setsid -w sh script "$SBX" run --seccomp off --
    like "$output" 'victim alive'
    unlike "$output" 'caller hit'
    # As a member of a pipeline too.
    run setsid -w bash script bash -c '"$SBX" run -- ./probe try kill0 | cat'
    like "$output" 'victim alive'
}

@test "kill(-1) hits nobody outside" {
    local word

    word=$(token)
    background "$PROBE" hold "$word" >/dev/null
    wait_until is_marked "$word"
    run sbx run -- sh -c 'trap "" TERM; kill -TERM -1; kill -KILL -1; true'
    ((status != 125))
    is_marked "$word"
}

@test "pid 1 can't be limited, traced, read, robbed or killed" {
    # The control: in a pid namespace of our own, pid 1 is a process as any other.
    skip_unless userns "no user namespaces here"
    run -0 unshare -Urpf --mount-proc sh -c './probe try prlimit1; ./probe try ptrace1'
    equal 2 "$(grep -c '^done:' <<<"$output")"
    refuses -- prlimit1
    refuses -- ptrace1
    refuses -- read-memory 1
    refuses -- pidfd_getfd 1
    refuses -- read /proc/1/environ
    refuses -- read /proc/1/mem
    refuses --seccomp off -- ptrace1
    refuses --seccomp off -- read-memory 1
    refuses --seccomp off -- pidfd_getfd 1
    refuses --seccomp off -- read /proc/1/environ
    run -0 sbx run -- sh -c 'ls -l /proc/1/exe /proc/1/cwd /proc/1/root /proc/1/fd 2>&1; true'
    unlike "$output" '->'
    # Signals from inside mean nothing to it.
    run -9 sbx run -- sh -c 'for s in HUP INT TERM QUIT USR1 USR2 STOP KILL ALRM CHLD; do kill -$s 1; done 2>/dev/null; exit 9'
}

@test "/proc/1 shows nothing of the caller" {
    export SECRET_OF_CALLER=hunter2
    run sbx run -e VISIBLE=yes -- sh -c 'for f in environ cmdline comm maps cwd status; do cat /proc/1/$f; done 2>/dev/null | tr "\0" "\n"'
    unlike "$output" hunter2 SECRET_OF_CALLER 'VISIBLE' "$T/w" "$REPO"
}

@test "a process of one's own can be traced: debuggers work" {
    control ptrace-child
    permits -- ptrace-child
}

# --- sockets --------------------------------------------------------------------------------------------

@test "the host's loopback can't be reached" {
    local port

    background "$PROBE" listen-tcp >"$T/port"
    wait_until has_text "$T/port"
    port=$(cat "$T/port")
    control connect-tcp "$port"
    refuses -- connect-tcp "$port"
}

@test "abstract sockets can't be reached" {
    local name

    name=$(token)
    background "$PROBE" listen-abstract "$name" >"$T/ready"
    wait_until has_text "$T/ready"
    control connect-abstract "$name"
    refuses -- connect-abstract "$name"
    refuses --seccomp off -- connect-abstract "$name"
}

@test "sockets in /run can't be reached" {
    need_root "only root has a place in /run"
    local socket=/run/sbx-test-$$.socket

    background "$PROBE" listen-unix "$socket" >"$T/ready"
    wait_until has_text "$T/ready"
    run "$PROBE" try connect-unix "$socket"
    equal 0 "$status"
    run sbx run -- ./probe try connect-unix "$socket"
    rm -f "$socket"
    equal 1 "$status"
}

@test "sockets with a path elsewhere in the view can't be reached" {
    need_outside
    mkdir -p "$T/o/deep/er"
    background "$PROBE" listen-unix "$T/o/deep/er/socket" >"$T/ready"
    wait_until has_text "$T/ready"
    control connect-unix "$T/o/deep/er/socket"
    refuses -- connect-unix "$T/o/deep/er/socket"
    refuses --seccomp off -- connect-unix "$T/o/deep/er/socket"
}

@test "a socket in the working directory, read-only, can't be reached" {
    background "$PROBE" listen-unix "$T/w/socket" >"$T/ready"
    wait_until has_text "$T/ready"
    control connect-unix "$T/w/socket"
    refuses -- connect-unix "$T/w/socket"
}

@test "a socket with a link to it can't be reached by either" {
    need_outside
    background "$PROBE" listen-unix "$T/o/first" >"$T/ready"
    wait_until has_text "$T/ready"
    ln -s first "$T/o/link"
    control connect-unix "$T/o/link"
    refuses -- connect-unix "$T/o/first"
    refuses -- connect-unix "$T/o/link"
}

# /proc/net/unix has the name that a socket was bound to.  Where that tells no place, the plan says so.
names_lost_sockets() {
    run -0 sbx plan -- true
    like "$output" '^note: sockets of the host have a place that can.t be told'
}

@test "a socket that was bound by a relative name: the plan says that it may show" {
    cd "$T/o"
    background "$PROBE" listen-unix ./relative >"$T/ready"
    cd "$T/w"
    wait_until has_text "$T/ready"
    control connect-unix "$T/o/relative"
    names_lost_sockets
}

@test "a socket that was bound by a relative name in the working directory can't be reached" {
    background "$PROBE" listen-unix ./relative >"$T/ready"
    wait_until has_text "$T/ready"
    control connect-unix "$T/w/relative"
    refuses -- connect-unix "$T/w/relative"
}

@test "a socket that was renamed after it was bound can't be reached" {
    need_outside
    background "$PROBE" listen-unix "$T/o/before" >"$T/ready"
    wait_until has_text "$T/ready"
    mv "$T/o/before" "$T/o/after"
    control connect-unix "$T/o/after"
    refuses -- connect-unix "$T/o/after"
}

@test "a socket's second hard link can't be reached" {
    need_outside
    background "$PROBE" listen-unix "$T/o/first" >"$T/ready"
    wait_until has_text "$T/ready"
    ln "$T/o/first" "$T/o/second"
    control connect-unix "$T/o/second"
    refuses -- connect-unix "$T/o/second"
}

@test "a socket that a process in another mount namespace bound: the plan says that it may show" {
    skip_unless mountns "no mount namespace can be made here"
    mkdir "$T/o/other"
    # Its name there is one that is nothing here.
    background in_mount_ns sh -c 'mount --bind "$T/o" /mnt && exec "$PROBE" listen-unix /mnt/other/socket' >"$T/ready"
    wait_until has_text "$T/ready"
    control connect-unix "$T/o/other/socket"
    names_lost_sockets
}

@test "sockets inside work: pathname, abstract, loopback" {
    run -0 sbx run -- sh -c './probe listen-unix /tmp/s >/tmp/ready & until [ -s /tmp/ready ]; do sleep 0.02; done; ./probe try connect-unix /tmp/s'
    run -0 sbx run -- sh -c './probe listen-abstract mine >/tmp/ready & until [ -s /tmp/ready ]; do sleep 0.02; done; ./probe try connect-abstract mine'
    permits -- loopback4
    permits -- socket 1
    permits -- socket 1 2
    permits -- socket 1 5
}

@test "exotic socket families are refused" {
    local family

    # vsock, alg, bluetooth, can, packet, rds, tipc, x25, ax25, netrom, smc, xdp
    for family in 40 38 31 29 17 21 30 9 3 6 43 44; do
        refuses -- socket "$family" 5
        refuses -- socket "$family" 3
        refuses -- socket "$family" 1
    done
    # The control, where the kernel has the family.
    "$PROBE" try socket 40 1 || "$PROBE" try socket 38 5 || ! is_root || control socket 17 3
}

# --- IPC and keys --------------------------------------------------------------------------------------

@test "System V shared memory of the host can't be reached" {
    skip_unless sysvipc "no System V IPC here"
    local key=0x5b$((1000 + RANDOM % 9000))

    "$PROBE" make-shm "$key"
    run "$PROBE" try shm "$key"
    equal 0 "$status"
    run sbx run -- ./probe try shm "$key"
    "$PROBE" remove-shm "$key"
    equal 1 "$status"
    # Inside it works.
    run -0 sbx run -- sh -c "./probe make-shm $key && ./probe try shm $key"
}

@test "the caller's keys can't be reached" {
    skip_unless keyring "no keyrings here"
    local name

    name=$(token)
    run -0 "$PROBE" with-key "$name" "$PROBE" try key "$name"
    run -0 "$PROBE" with-key "$name" "$PROBE" try request_key "$name"
    run -1 "$PROBE" with-key "$name" timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe try key "$name"
    run -1 "$PROBE" with-key "$name" timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe try request_key "$name"
    # Not by the filter alone: the session keyring is a new one.
    run -1 "$PROBE" with-key "$name" timeout $((60 * SBX_TEST_SLOW)) "$SBX" run --seccomp off -- ./probe try key "$name"
    run -1 "$PROBE" with-key "$name" timeout $((60 * SBX_TEST_SLOW)) "$SBX" run --seccomp off -- ./probe try request_key "$name"
    control keyctl
    refuses -- keyctl
}

# --- devices ----------------------------------------------------------------------------------------------

@test "block devices can't be made or opened" {
    need_root "an ordinary user can't make devices anywhere"
    local disk

    # The control: where root may, the node works (with the real root's right).
    control mknod-block "$T/o/block"
    control mknod-char "$T/o/char"
    refuses -- mknod-block /tmp/block
    refuses -- mknod-char /tmp/char
    refuses --rw "$T/o" -- mknod-block "$T/o/block"
    refuses --rw "$T/o" -- mknod-char "$T/o/char"
    refuses --seccomp off -- mknod-block /tmp/block
    # A node that is there already is of no use.
    for disk in /dev/vda /dev/sda /dev/nvme0n1 /dev/loop0; do
        [[ ! -b $disk ]] || refuses -- read "$disk"
    done
    mknod "$T/w/null" c 1 3
    control write "$T/w/null"
    refuses -- write "$T/w/null"
    refuses --rw . -- write "$T/w/null"
    refuses --rw . -- read "$T/w/null"
}

@test "no device of the host is in /dev, unless asked for" {
    run -0 sbx run -- sh -c 'for d in kmsg kvm fuse mem port kcore loop-control mapper sda vda input snd dri net/tun vsock vhost-net; do [ -e /dev/$d ] && echo $d; done; true'
    equal "" "$output"
    facts
    equal "tmpfs" "$(fact '[.mounts[] | select(.target == "/dev")] | last | .type')"
}

# --- descriptors 0, 1, 2 -----------------------------------------------------------------------------------

@test "a file given as stdin isn't overwritten through /proc/self/fd/0" {
    skip_unless landlock "no Landlock here"
    echo precious >"$T/o/file"
    cp "$T/o/file" "$T/o/victim"
    run -0 bash -c '"$PROBE" try reopen-stdin-write <"$T/o/victim"'
    equal 0 "$(stat -c %s "$T/o/victim")"
    run -1 bash -c 'sbx run -- ./probe try reopen-stdin-write <"$T/o/file"'
    equal precious "$(cat "$T/o/file")"
    run bash -c 'sbx run -- sh -c "echo x >/dev/stdin" <"$T/o/file"'
    equal precious "$(cat "$T/o/file")"
    # A file that is in a writable place may be written to, that is no way out.
    run -0 bash -c 'sbx run --rw "$T/o" -- ./probe try reopen-stdin-write <"$T/o/victim"'
}

@test "a file given as stdin isn't emptied through /proc/self/fd/0 without writing" {
    local how

    skip_unless landlock "no Landlock here"
    for how in truncate read ioctl; do
        echo precious >"$T/o/victim"
        cp "$T/o/victim" "$T/o/file"
        run -0 bash -c '"$PROBE" try empty-stdin "$1" <"$T/o/victim"' - "$how"
        equal 0 "$(stat -c %s "$T/o/victim")"
        run -1 bash -c 'sbx run --report r.json -- ./probe try empty-stdin "$1" <"$T/o/file"' - "$how"
        equal precious "$(cat "$T/o/file")"
        run -1 bash -c 'sbx run -- ./probe try empty-stdin "$1" 5<"$T/o/file" <&5' - "$how"
        equal precious "$(cat "$T/o/file")"
    done
    jq -e '.degraded | map(select(test("emptied"))) | length == 0' r.json
}

@test "a file given by --keep-fd isn't emptied through its link" {
    skip_unless landlock "no Landlock here"
    echo precious >"$T/o/file"
    run bash -c 'sbx run --keep-fd 5 -- python3 -c "import os; os.truncate(\"/proc/self/fd/5\", 0)" 5<"$T/o/file"'
    ((status == 1))
    like "$output" 'PermissionError'
    equal precious "$(cat "$T/o/file")"
    bash -c 'python3 -c "import os; os.truncate(\"/proc/self/fd/5\", 0)" 5<"$T/o/file"'
    equal "" "$(cat "$T/o/file")"
}

@test "a directory as stdin, stdout or stderr is refused, and says so" {
    local fd

    run -0 bash -c '"$PROBE" try openat-up 0 <"$T/w"'
    for fd in 0 1 2; do
        run -125 bash -c "sbx run -- ./probe try openat-up $fd $fd<\"\$T/w\""
        [[ $fd == 2 ]] || like "$output" 'hint:' 'directory'
    done
}

@test "an O_PATH descriptor as stdin is refused, and says so" {
    local fd

    for fd in 0 1; do
        run -125 "$PROBE" with-opath "$fd" /etc/passwd timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- true
        run -125 "$PROBE" with-opath "$fd" "$T/o" timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- true
    done
    run -125 "$PROBE" with-opath 0 /etc/passwd timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- true
    like "$output" 'hint:'
}

@test "no descriptor inside leads to a directory of the host" {
    run -0 "$PROBE" leak-fds 10 timeout $((60 * SBX_TEST_SLOW)) "$SBX" run -- sh -c 'for fd in /proc/[0-9]*/fd/*; do [ -d "$fd" ] && ls -l "$fd"; done 2>/dev/null; true'
    equal "" "$output"
    refuses -- openat-up 3
}

# --- the terminal ---------------------------------------------------------------------------------------------

@test "typing into the terminal (TIOCSTI) is refused, with high bits too" {
    skip_unless tiocsti "this kernel has TIOCSTI off"
    run -1 "$PROBE" pty timeout --foreground $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe try tiocsti
    like "$output" 'refused: ioctl'
    run -1 "$PROBE" pty timeout --foreground $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe try tiocsti highbits
    like "$output" 'refused: ioctl'
    run -1 "$PROBE" pty timeout --foreground $((60 * SBX_TEST_SLOW)) "$SBX" run --seccomp strict -- ./probe try tiocsti highbits
    # What would have been typed: the shell around sbx gets nothing.
    run "$PROBE" pty bash -c 'timeout --foreground $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe try tiocsti highbits; read -r -t 1 line; echo "got <$line>"'
    like "$output" 'got <>'
    # The control.
    run "$PROBE" pty bash -c './probe try tiocsti; read -r -t 1 line; echo "got <$line>"'
    like "$output" 'got <touch INJECTED>'
}

@test "TIOCLINUX is refused, with high bits too" {
    run -0 "$PROBE" pty "$PROBE" try tioclinux
    run -1 "$PROBE" pty timeout --foreground $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe try tioclinux
    like "$output" EPERM
    run -1 "$PROBE" pty timeout --foreground $((60 * SBX_TEST_SLOW)) "$SBX" run -- ./probe try tioclinux highbits
    like "$output" EPERM
}

# --- system calls ---------------------------------------------------------------------------------------------

@test "system calls that reach deep into the kernel are refused" {
    local name

    for name in mount umount2 pivot_root chroot setns mount_setattr open_tree move_mount fsopen fsmount fsconfig \
        fspick io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key bpf userfaultfd \
        perf_event_open kexec_load kexec_file_load init_module finit_module delete_module open_by_handle_at \
        swapon swapoff reboot settimeofday acct quotactl sethostname setdomainname fanotify_init; do
        refuses -- syscall "$name"
    done
    # The controls: with all rights the kernel takes the call (and finds fault with its arguments).
    if is_root; then
        for name in mount umount2 pivot_root chroot setns mount_setattr open_tree move_mount fsopen \
            perf_event_open open_by_handle_at swapon; do
            control syscall "$name"
        done
    fi
    control syscall keyctl
}

@test "EPERM for what is known and refused, ENOSYS for what isn't known and for clone3" {
    refuses -- syscall mount
    like "$output" EPERM
    refuses -- syscall keyctl
    like "$output" EPERM
    refuses -- syscall bpf
    like "$output" EPERM
    refuses -- syscall clone3
    like "$output" ENOSYS
    control syscall clone3
    refuses -- syscall 1000
    like "$output" ENOSYS
    permits -- syscall getpid
}

@test "foreign architectures kill" {
    if [[ $(uname -m) != x86_64 ]]; then
        skip "this is about x86-64"
    fi
    refuses -- int80
    refuses -- x32
    if has_int80 >/dev/null; then
        run -1 sbx run -- ./probe try int80
        like "$output" 'killed SIGSYS'
        run -159 sbx run --allow-syscall getpid -- bash -c './probe try int80 >/dev/null; [[ $? == 1 ]] && exit 159'
    fi
    if has_x32 >/dev/null; then
        run -1 sbx run -- ./probe try x32
        like "$output" 'killed SIGSYS'
    fi
}

@test "no capability and no other id can be had" {
    refuses -- capset
    refuses -- setgroups
    refuses -- setuid 1
    refuses --seccomp off -- capset
    refuses --seccomp off -- setgroups
    refuses --seccomp off -- setuid 1
    ! is_root || control capset
    ! is_root || control setuid 1
}

@test "RLIMIT_CORE stays 1, whatever the command sets: no core_pattern helper starts" {
    refuses -- core-zero
    like "$output" 'setrlimit said 0'
    control core-zero
    run -0 sbx run -- bash -c 'ulimit -c 0; ulimit -Hc; ulimit -c unlimited; ./probe facts'
    equal "[1,1]" "$(sed -n '/^{/,$p' <<<"$output" | jq -c .rlimits.core)"
}

# --- root -------------------------------------------------------------------------------------------------------

@test "started by root: its secrets are hidden" {
    need_root
    local file

    for file in /etc/shadow /etc/shadow- /etc/gshadow /etc/sudoers /etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ed25519_key; do
        [[ -s $file ]] || continue
        control read "$file"
        refuses -- read "$file"
    done
    [[ ! -d /etc/ssl/private ]] || equal "" "$(sbx run -- ls -A /etc/ssl/private)"
    [[ ! -d /etc/sudoers.d ]] || equal "" "$(sbx run -- ls -A /etc/sudoers.d)"
    [[ ! -d /var/spool/cron ]] || equal "" "$(sbx run -- ls -A /var/spool/cron)"
    control read /etc/shadow
}

@test "started by root: /etc/shadow isn't there by another mount or name either" {
    need_root
    cat >script <<'END'
mkdir "$T/o/etc" "$T/o/root"
mount --bind /etc "$T/o/etc"
mount --bind / "$T/o/root"
./probe try read "$T/o/etc/shadow"
for path in "$T/o/etc/shadow" "$T/o/root/etc/shadow" /proc/self/root/etc/shadow /etc/../etc/shadow; do
    sbx run -- ./probe try read "$path" && echo "SHOWN $path"
done
true
END
    run -0 in_mount_ns bash -eu script
    like "$output" '^done: read'
    unlike "$output" SHOWN
}

@test "started by root: files of others can't be written or owned" {
    need_root
    mkdir -m 777 theirs
    touch theirs/file
    chown 65534:65534 theirs theirs/file
    chmod 600 theirs/file
    control write "$T/w/theirs/file"
    refuses --rw . -- write "$T/w/theirs/file"
    touch mine
    refuses --rw . -- chown "$T/w/mine" 1
    control chown "$T/w/mine" 0
}

@test "an ordinary user's sandbox reads what the user reads, no more" {
    need_user
    refuses -- read /etc/shadow
}

# --- links planted for the next run (CVE-2026-87766) ----------------------------------------------------------------

# Each of these, planted as $PLANT in the writable directory, points out of the view; the next run's
# options use it as a mount point or a source.
planted_targets() {
    local fd

    printf '%s\n' "/oldroot$T/o" "/newroot$T/o" "/old$T/o" "/.old$T/o" "/put_old$T/o" "/tmp/oldroot$T/o" \
        "/proc/self/root$T/o" "/proc/1/root$T/o" "/proc/self/cwd/../o" "/proc/self/cwd/../../o" "$T/o" \
        "../o" "../../../../../../../../../../../../../../../..$T/o" "../../o" "/dev/fd/0/../../o" \
        "/run$T/o" "/staging$T/o" "/root$T/o" "/mnt$T/o" "/tmp$T/o" "/.sbx$T/o" "."
    for fd in {0..20}; do
        printf '%s\n' "/proc/self/fd/$fd$T/o" "/proc/self/fd/$fd/../o" "/proc/self/fd/$fd"
    done
}

# outside_is_untouched: what was in $T/o is there, nothing else, and as it was
outside_is_untouched() {
    equal "victim" "$(ls -A "$T/o")"
    equal "original" "$(cat "$T/o/victim")"
    equal "600" "$(stat -c %a "$T/o/victim")"
}

@test "a planted link never makes the next run's set-up write outside" {
    local target

    echo original >"$T/o/victim"
    chmod 600 "$T/o/victim"
    echo content >source
    mkdir sourcedir
    while IFS= read -r target; do
        rm -rf jail
        mkdir jail
        # The first run plants it, as hostile code would.
        sbx run --rw jail -- ln -s "$target" jail/link
        [[ -L jail/link ]]
        # The second trips over it, or not: what matters is what happens outside.
        sbx run --rw jail --tmpfs jail/link/new -- touch jail/link/new/x || (($? != 124 && $? < 128))
        sbx run --rw jail --tmpfs jail/link -- touch jail/link/x || (($? != 124 && $? < 128))
        sbx run --rw jail --file jail/link/new=source -- true || true
        sbx run --rw jail --file jail/link/victim=source -- true || true
        sbx run --rw jail --file jail/link=source -- true || true
        sbx run --rw jail --ro sourcedir:jail/link/new -- true || true
        sbx run --rw jail --rw sourcedir:jail/link/victim -- true || true
        sbx run --rw jail --hide jail/link/victim -- true || true
        sbx run --rw jail --home jail/link -- true || true
        sbx run --rw jail -C jail/link -- sh -c 'echo x >written; echo x >victim' || true
        outside_is_untouched || fail "the link was: $target"
    done < <(planted_targets) 2>/dev/null
}

@test "a planted link as a --file of the home, or in a private place, stays inside" {
    echo original >"$T/o/victim"
    chmod 600 "$T/o/victim"
    mkdir jail
    echo content >source
    sbx run --rw jail -- ln -s "$T/o/victim" jail/config
    sbx run --rw jail --file jail/config=source -- true || true
    outside_is_untouched
    sbx run --rw jail -- sh -c 'rm jail/config; mkdir jail/dir; ln -s /oldroot'"$T"'/o jail/dir/sub'
    sbx run --home jail --file "$HOME/dir/sub/victim=source" -- true || true
    sbx run --home jail --tmpfs "$HOME/dir/sub" -- sh -c 'echo x >"$HOME/dir/sub/victim"' || true
    outside_is_untouched
}

@test "a planted link as the report's place: the report doesn't follow it" {
    echo original >"$T/o/victim"
    chmod 600 "$T/o/victim"
    mkdir jail
    sbx run --rw jail -- ln -s "$T/o/victim" jail/report.json
    sbx run --rw jail --report jail/report.json -- true || true
    outside_is_untouched
}

@test "a writable directory that the command replaces by a link: the next run takes what the caller named" {
    echo original >"$T/o/victim"
    chmod 600 "$T/o/victim"
    mkdir -p jail/out
    # The first run swaps the directory for a link to a place outside its reach.
    sbx run --rw jail -- sh -c "rmdir jail/out; ln -s '$T/o' jail/out"
    # The caller's own paths are the caller's to resolve: a source may be a link (as for any program),
    # but the first run itself could not write there.
    refuses --rw jail -- write "$T/w/jail/out/victim"
    outside_is_untouched
}
