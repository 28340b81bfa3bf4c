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

touch file
writables=$(inside "$PROBE" writables)
same "only private mounts can be written to" "" "$(echo "$writables" | not_private)"
for path in /tmp /var/tmp /dev/shm "$HOME"; do
    check "$path can" inside "$PROBE" try write "$path"
done
# Devices are the exception: a read-only mount means nothing to a device.
same "every other mount is read-only" "" \
    "$(inside cat /proc/self/mountinfo | awk '$6 !~ /^ro(,|$)/ && $5 !~ /^\/dev\// {print $5}' |
        not_private)"
same "no mount takes set-user-id programs" "" \
    "$(inside cat /proc/self/mountinfo | awk '$6 !~ /(^|,)nosuid(,|$)/ {print $5}')"

same "the working directory stays" "$HOME/work" "$(inside pwd)"
same "with what lies in it" "file" "$(inside ls)"
refused "it is read-only" inside "$PROBE" try write .
refused "the home is an empty one" inside "$PROBE" try read "$HOME/.ssh/id"
check "outside, the secret is there" "$PROBE" try read "$HOME/.ssh/id"
"$SBX" run --rw . -- touch written </dev/null
check "--rw . makes the working directory writable" test -e written
rm -f written

mkdir -p /tmp/vm-dir
touch /tmp/vm-dir/file /tmp/vm-secret
same "a working directory in /tmp stays" "file" \
    "$(cd /tmp/vm-dir && "$SBX" run -- ls 2>&1 </dev/null)"
refused "the rest of the host's /tmp doesn't" inside "$PROBE" try read /tmp/vm-secret
rm -rf /tmp/vm-dir /tmp/vm-secret

same "/proc shows the sandbox alone" "3" \
    "$(inside sh -c 'n=0; for p in /proc/[0-9]*; do n=$((n+1)); done; echo $((n < 4 ? 3 : n))')"
contains "what was mounted below /proc is there" \
    "$(inside cat /proc/sys/fs/binfmt_misc/status)" "abled"
for path in kallsyms timer_list kcore sysrq-trigger; do
    [ -e "/proc/$path" ] || continue
    same "/proc/$path is masked" "0" "$(inside sh -c "head -c 1 /proc/$path 2>/dev/null | wc -c")"
done
refused "/proc can't be written to" inside "$PROBE" try write /proc/sys/kernel/hostname
same "/sys/kernel/debug is empty" "" "$(inside sh -c 'ls /sys/kernel/debug 2>/dev/null')"
same "/sys/kernel/security is empty" "" "$(inside sh -c 'ls /sys/kernel/security 2>/dev/null')"
same "/dev is the small one" "" \
    "$(inside ls /dev | grep -v -x -e null -e zero -e full -e random -e urandom -e tty -e ptmx \
        -e pts -e shm -e fd -e stdin -e stdout -e stderr -e console -e mqueue)"
check "devices work" inside sh -c 'echo x >/dev/null && head -c 1 /dev/zero >/dev/full; test $? = 1'
check "a terminal can be made" inside "$PROBE" pty true

same "the host's name" "sbx" "$(inside uname -n)"
same "the user keeps its id" "$(id -u):$(id -g)" "$(inside sh -c 'echo $(id -u):$(id -g)')"
same "and its name" "$VM_USER" "$(inside id -un)"
same "the network is a loopback alone" "lo" \
    "$(inside sed -n 's/^ *\([^ :]*\):.*/\1/p' /proc/net/dev)"
check "IPv4 loopback works" inside "$PROBE" try loopback4
check "IPv6 loopback works" inside "$PROBE" try loopback6
refused "there is no way to the world" inside "$PROBE" try route
facts=$(inside "$PROBE" facts | grep -e '^"caps"' -e '^"no_new_privs"' -e '^"seccomp"')
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
    for user in root tester; do
        # Mounted while a sandbox runs: it must not come to be seen there.
        "$SBX" run --as "$user" -C / -- sh -c 'echo ready; sleep 3; ls /mnt/late; exec "$0" writables' \
            "$PROBE" >/tmp/late.out 2>&1 </dev/null &
        mkdir -p /mnt/late
        wait_for grep -q ready /tmp/late.out
        mount -t tmpfs -o mode=1777 vm-late /mnt/late
        touch /mnt/late/file
        wait $!
        check "sbx as $user: it ran" grep -q ready /tmp/late.out
        lacks "sbx as $user: a later mount stays outside" "$(cat /tmp/late.out)" file
        lacks "sbx as $user: nothing below /mnt can be written to" "$(cat /tmp/late.out)" /mnt
        umount /mnt/late
        rmdir /mnt/late
        rm /tmp/late.out
    done
    umount -R /mnt
    same "--as makes it an ordinary user" "1000" "$("$SBX" run --as tester -C / -- id -u 2>&1)"
fi
finish
