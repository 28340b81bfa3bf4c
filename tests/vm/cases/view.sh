# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# The default view.
# shellcheck source=/dev/null
. "$VM_LIB"

inside() {
    "$SBX" run -- "$@" </dev/null 2>&1
}

# Private mounts, whose content is gone with the sandbox.
is_private() {
    case $1 in
    /tmp | /var/tmp | /dev/shm | /run | /run/lock | "/run/user/$(id -u)" | "$HOME") return 0 ;;
    esac
    return 1
}

# not_private: of the paths on standard input, those that aren't private.
not_private() {
    while read -r path; do
        is_private "$path" || echo "$path"
    done
}

# One run shows it all: on an emulated processor each takes a good part of a second.
# `try` and `show` each make a section of the answer: "@name", the output, "@end" and the exit code.
cat >"$HOME/look" <<'LOOK'
show() {
    echo "@$1"
    shift
    "$@" 2>&1
    echo "@end $?"
}
try() {
    name=$1
    shift
    show "$name" "$PROBE" try "$@"
}
small_device() {
    echo x >/dev/null && head -c 1 /dev/zero >/dev/full
    test $? = 1
}
PROBE=$1
secret=$2
show writables "$PROBE" writables
for path in /tmp /var/tmp /dev/shm "$HOME"; do
    try "write $path" write "$path"
done
show mounts cat /proc/self/mountinfo
show pwd pwd
show work ls
try "write ." write .
try "read home" read "$HOME/.ssh/id"
try "read tmp" read "$secret"
show processes sh -c 'ls /proc | grep -c "^[0-9]"'
show binfmt cat /proc/sys/fs/binfmt_misc/status
for path in kallsyms timer_list kcore sysrq-trigger; do
    show "$path" sh -c "head -c 1 /proc/$path 2>/dev/null | wc -c"
done
try "write proc" write /proc/sys/kernel/hostname
for path in debug security; do
    show "$path" sh -c "ls /sys/kernel/$path 2>/dev/null"
done
show dev ls /dev
show devices small_device
show pty "$PROBE" pty true
show hostname uname -n
show ids sh -c 'echo $(id -u):$(id -g)'
show name id -un
show interfaces sed -n 's/^ *\([^ :]*\):.*/\1/p' /proc/net/dev
try loopback4 loopback4
try loopback6 loopback6
try route route
show facts "$PROBE" facts
LOOK

# seen NAME: what the section holds; status_of NAME: its exit code.
seen() {
    awk -v name="@$1" '$0 == name { on = 1; next } /^@end / { on = 0 } on' "$HOME/seen"
}
status_of() {
    awk -v name="@$1" '$0 == name { on = 1 } /^@end / && on { print $2; exit }' "$HOME/seen"
}
works() {
    same "$1" 0 "$(status_of "$2")"
}
is_refused() {
    same "$1" 1 "$(status_of "$2")"
}

touch file
echo VM-TMP-SECRET >/tmp/vm-secret
check "outside, the home's secret is there" "$PROBE" try read "$HOME/.ssh/id"
check "outside, that of /tmp too" "$PROBE" try read /tmp/vm-secret
inside sh -c "$(cat "$HOME/look")" sh "$PROBE" /tmp/vm-secret >"$HOME/seen"

same "only private mounts can be written to" "" "$(seen writables | not_private)"
for path in /tmp /var/tmp /dev/shm "$HOME"; do
    works "$path can" "write $path"
done
# Devices are the exception: a read-only mount means nothing to a device.
same "every other mount is read-only" "" \
    "$(seen mounts | awk '$6 !~ /^ro(,|$)/ && $5 !~ /^\/dev\// {print $5}' | not_private)"
same "no mount takes set-user-id programs" "" \
    "$(seen mounts | awk '$6 !~ /(^|,)nosuid(,|$)/ {print $5}')"
contains "the mounts were seen" "$(seen mounts)" " / / "

same "the working directory stays" "$HOME/work" "$(seen pwd)"
same "with what lies in it" "file" "$(seen work)"
is_refused "it is read-only" "write ."
is_refused "the home is an empty one" "read home"
is_refused "the host's /tmp isn't there" "read tmp"
"$SBX" run --rw . -- touch written </dev/null
check "--rw . makes the working directory writable" test -e written
rm -f written
mkdir -p /tmp/vm-dir
touch /tmp/vm-dir/file
same "a working directory in /tmp stays" "file" \
    "$(cd /tmp/vm-dir && "$SBX" run -- ls 2>&1 </dev/null)"
rm -rf /tmp/vm-dir /tmp/vm-secret

# init, the shell, and the pipe of three that counts them.
check "/proc shows the sandbox alone" test "$(seen processes)" -le 6
contains "what was mounted below /proc is there" "$(seen binfmt)" "abled"
for path in kallsyms timer_list kcore sysrq-trigger; do
    [ ! -e "/proc/$path" ] || same "/proc/$path is masked" "0" "$(seen "$path")"
done
is_refused "/proc can't be written to" "write proc"
same "/sys/kernel/debug is empty" "" "$(seen debug)"
same "/sys/kernel/security is empty" "" "$(seen security)"
same "/dev is the small one" "" \
    "$(seen dev | grep -v -x -e null -e zero -e full -e random -e urandom -e tty -e ptmx \
        -e pts -e shm -e fd -e stdin -e stdout -e stderr -e console -e mqueue)"
works "devices work" devices
works "a terminal can be made" pty

same "the host's name" "sbx" "$(seen hostname)"
same "the user keeps its id" "$(id -u):$(id -g)" "$(seen ids)"
same "and its name" "$VM_USER" "$(seen name)"
same "the network is a loopback alone" "lo" "$(seen interfaces)"
works "IPv4 loopback works" loopback4
works "IPv6 loopback works" loopback6
is_refused "there is no way to the world" route
facts=$(seen facts | grep -e '^"caps"' -e '^"no_new_privs"' -e '^"seccomp"')
contains "no capability is left" "$facts" '"caps": {"inheritable": "0000000000000000", '\
'"permitted": "0000000000000000", "effective": "0000000000000000", '\
'"bounding": "0000000000000000", "ambient": "0000000000000000"}'
contains "no_new_privs is set" "$facts" '"no_new_privs": 1'
contains "a system-call filter is set" "$facts" '"seccomp": 2'

# Only root can mount on the guest's own tree.
if [ "$VM_USER" = root ]; then
    mount -t tmpfs vm-tree /mnt
    mkdir "/mnt/with space" /mnt/many
    mount -t tmpfs vm-space "/mnt/with space"
    touch "/mnt/with space/file"
    "$PROBE" mounts 100 /mnt/many
    same "a tree of mounts is there" "file" "$(inside ls "/mnt/with space")"
    same "all of it" "$(grep -c ' /mnt' /proc/self/mountinfo)" \
        "$(inside grep -c ' /mnt' /proc/self/mountinfo)"
    lacks "none of it can be written to" "$(inside "$PROBE" writables)" /mnt
    mkdir /mnt/late
    for user in root tester; do
        # Mounted while a sandbox runs: it must not come to be seen there.  /go is a file of the
        # guest's own root, so the command sees it appear.
        "$SBX" run --as "$user" -C / -- sh -c 'echo ready; until [ -e /go ]; do sleep 0.1; done
            ls /mnt/late; exec "$0" writables' "$PROBE" >/tmp/late.out 2>&1 </dev/null &
        check "sbx as $user: it runs" wait_for grep -q ready /tmp/late.out
        mount -t tmpfs -o mode=1777 vm-late /mnt/late
        touch /mnt/late/file /go
        wait $!
        contains "sbx as $user: it saw the signal" "$(cat /tmp/late.out)" /dev/shm
        lacks "sbx as $user: a later mount stays outside" "$(cat /tmp/late.out)" file
        lacks "sbx as $user: nothing below /mnt can be written to" "$(cat /tmp/late.out)" /mnt
        umount /mnt/late
        rm /tmp/late.out /go
    done
    umount -R /mnt
    same "--as makes it an ordinary user" "1000" "$("$SBX" run --as tester -C / -- id -u 2>&1)"
fi
finish
