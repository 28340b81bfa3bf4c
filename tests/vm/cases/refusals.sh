# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# What the command tries and must not be able to do.  Where a try works outside, a control shows it.
# shellcheck source=/dev/null
. "$VM_LIB"

inside() {
    "$SBX" run -- "$@" </dev/null 2>&1
}

"$PROBE" listen-unix "$HOME/work/socket" >"$HOME/unix.out" 2>&1 </dev/null &
unix_pid=$!
"$PROBE" listen-abstract vm-abstract >"$HOME/abstract.out" 2>&1 </dev/null &
abstract_pid=$!
"$PROBE" listen-tcp >"$HOME/tcp.out" 2>&1 </dev/null &
tcp_pid=$!
check "the listeners are ready" wait_for test -s "$HOME/unix.out" -a -s "$HOME/abstract.out" \
    -a -s "$HOME/tcp.out"
port=$(cat "$HOME/tcp.out")
"$PROBE" make-shm 4711 >/dev/null

# All in one sandbox, one try a line: an emulated processor takes its time to make each.
cat >"$HOME/tries" <<TRIES
connect-unix $HOME/work/socket
connect-abstract vm-abstract
connect-tcp $port
shm 4711
TRIES
while read -r try; do
    # shellcheck disable=SC2086 # the words of a try
    check "outside: $try" "$PROBE" try $try
done <"$HOME/tries"

cat >>"$HOME/tries" <<TRIES
find /etc/shadow VM-SHADOW-SECRET
find $HOME/.ssh/id VM-HOME-SECRET
find /..$HOME/.ssh/id VM-HOME-SECRET
find /proc/1/root/..$HOME/.ssh/id VM-HOME-SECRET
find /proc/self/root/..$HOME/.ssh/id VM-HOME-SECRET
remount /
remount /usr
remount /proc
mount_setattr /
mount_setattr /usr
mount_setattr /proc
mount /tmp
bind /tmp /mnt
umount /tmp
umount /proc
umount $HOME
open_tree /
fsopen tmpfs
chroot /tmp
userns-unshare
userns-clone
userns-clone3
unshare 0x00020000
setns /proc/self/ns/mnt
write /
write /usr
write /etc/passwd
mknod-block /tmp/node
mknod-char /tmp/node
capset
setgroups
core-zero
ptrace1
prlimit1
pidfd_getfd 1
keyctl
int80
x32
socket 40
socket 38 5
socket 17 3
syscall bpf
syscall io_uring_setup
syscall userfaultfd
syscall perf_event_open
syscall open_by_handle_at
syscall kexec_load
syscall init_module
syscall mount
syscall move_mount
syscall pivot_root
syscall add_key
syscall reboot
syscall sethostname
TRIES
check "outside: $VM_USER reads its home" "$PROBE" try find "/..$HOME/.ssh/id" VM-HOME-SECRET
if [ "$VM_USER" = root ]; then
    check "outside: root reads /etc/shadow" "$PROBE" try find /etc/shadow VM-SHADOW-SECRET
    check "outside: root makes block devices" "$PROBE" try mknod-block /home/node
fi

inside sh -c 'while read -r try; do
        said=$("$0" try $try 2>&1 </dev/null); echo "$?" $said
    done <<END
'"$(cat "$HOME/tries")"'
END' "$PROBE" >"$HOME/results"

number=0
while read -r try; do
    number=$((number + 1))
    answer=$(sed -n "${number}p" "$HOME/results")
    case $answer in
    "1 "*) verdict 0 "$try" "" ;;
    *) verdict 1 "$try" "inside, it should be refused: ${answer:-no answer}" ;;
    esac
done <"$HOME/tries"
same "every try gave one answer" "$number" "$(wc -l <"$HOME/results")"

# With the host's network only Landlock's scope (6.12) keeps abstract sockets closed.
case $(uname -r) in
6.1.*)
    expect 125 "--net host is refused where abstract sockets can't be closed" \
        "$SBX" run --net host -- true
    check "--net host-abstract is the word for it" \
        "$SBX" run --net host-abstract -- "$PROBE" try connect-abstract vm-abstract
    ;;
*)
    check "--net host reaches the host's loopback" \
        "$SBX" run --net host -- "$PROBE" try connect-tcp "$port"
    refused "--net host keeps abstract sockets closed" \
        "$SBX" run --net host -- "$PROBE" try connect-abstract vm-abstract
    ;;
esac
kill "$unix_pid" "$abstract_pid" "$tcp_pid"
"$PROBE" remove-shm 4711 >/dev/null
rm -f "$HOME/work/socket"

check "a child of one's own can be traced" inside "$PROBE" try ptrace-child
# The inner shell is the caller, with a group of its own; a signal to the group would end it.
same "kill(0, SIGTERM) hits nobody outside" "survived" \
    "$(setsid -w sh -c '"$SBX" run -- "$PROBE" try kill0 >/dev/null 2>&1 </dev/null; echo survived')"

echo precious >stdin-file
"$SBX" run -- "$PROBE" try reopen-stdin-write <stdin-file >/dev/null 2>&1
same "a file that is standard input isn't emptied" "precious" "$(cat stdin-file)"
"$PROBE" try reopen-stdin-write <stdin-file >/dev/null 2>&1
same "outside, it is" "" "$(cat stdin-file)"
rm -f stdin-file

"$SBX" run -- true </ >/dev/null 2>&1
same "a directory as standard input is refused" 125 $?
finish
