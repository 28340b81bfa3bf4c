# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# A tree as the root (--root), and a /proc that is covered.
# shellcheck source=/dev/null
. "$VM_LIB"

tree=$HOME/tree
mkdir -p "$tree/home" "$tree/etc"
cp "$PROBE" "$tree/probe"
ln -s "$HOME/.ssh/id" "$tree/etc/passwd"

inside() {
    "$SBX" run --root "$tree" "$@"
}

check "a tree of one program runs it" inside -- /probe try read /proc/self/status
check "/sys is there" inside -- /probe try read /sys/kernel/mm/transparent_hugepage/enabled
check "/dev is there" inside -- /probe try read /dev/zero
for path in / /home /etc /dev /sys /proc; do
    refused "$path is read-only" inside -- /probe try write "$path"
    refused "$path can't be remounted" inside -- /probe try remount "$path"
done
check "/tmp can be written to" inside -- /probe try write /tmp
refused "no link leads out of the tree" inside -- /probe try find /etc/passwd VM-HOME-SECRET
check "outside, it does" "$PROBE" try find "$tree/etc/passwd" VM-HOME-SECRET
cp "$PROBE" probe-of-mine
check "the working directory at its own place" inside -w . -- ./probe-of-mine try write .
check "-w / lets write" inside -w / -- /probe try create /new
same "to the tree itself" yes "$([ -e "$tree/new" ] && echo yes)"
lacks "nothing of it is left mounted" "$(cat /proc/self/mountinfo)" "$tree"

if [ "$VM_USER" = root ]; then
    # not in the home: what that shows elsewhere is hidden with it
    echo "1 1" >/run/uptime
    same "root whose /proc is covered gets a fresh one, and the mirrors" "1 1
pid 3
refused: uptime" "$(unshare -m sh -c 'mount --bind /run/uptime /proc/uptime
        "$SBX" run -- sh -c "cat /proc/uptime; echo pid \$\$; echo x 2>/dev/null >/proc/uptime || echo refused: uptime"' 2>&1 </dev/null)"
    same "nested user namespaces are refused there too" 1 \
        "$(unshare -m sh -c 'mount --bind /run/uptime /proc/uptime
        "$SBX" run -- "$PROBE" try userns' >/dev/null 2>&1 </dev/null; echo $?)"
    same "and with a tree" "1 1" "$(unshare -m sh -c 'mount --bind /run/uptime /proc/uptime
        "$SBX" run --root "$0" --ro /vm/busybox:/busybox -- /busybox cat /proc/uptime' "$tree" 2>&1 </dev/null)"
    same "what a home shows elsewhere is hidden with a tree, too" 1 "$(unshare -m sh -c '
        echo VM-HOME-SECRET >uptime; mount --bind uptime /proc/uptime
        "$SBX" run --root "$0" -- /probe try find /proc/uptime VM-HOME-SECRET' "$tree" >/dev/null 2>&1 </dev/null
        echo $?)"
    rm -f uptime /run/uptime
fi
rm -rf "$tree" probe-of-mine
finish
