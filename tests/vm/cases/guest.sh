# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# The guest itself is what the other cases take for granted: without it their refusals say nothing.
# shellcheck source=/dev/null
. "$VM_LIB"

check "an ordinary user namespace can be made" unshare -Ur true
check "one with its own mounts and processes too" unshare -Urmpf --mount-proc true
# EPERM here means: the guest's root is a chroot, or an initramfs.
check "the whole tree can be copied there" \
    unshare -Urm sh -c '"$PROBE" try open_tree /'
check "mounts work there" unshare -Urm sh -c '"$PROBE" try mount /mnt'

for path in /tmp /var/tmp /dev/shm "$HOME" "$HOME/work"; do
    check "$path can be written to" "$PROBE" try write "$path"
done
refused "the host's tree can't" "$PROBE" try write /usr
check "there is a mount below /proc" grep -q ' /proc/sys/fs/binfmt_misc ' /proc/self/mountinfo
check "mounts spread" grep -q ' / / .* shared:' /proc/self/mountinfo
same "the user is who it should be" "$VM_USER" "$(id -un)"
check "IPv4 loopback works" "$PROBE" try loopback4
check "IPv6 loopback works" "$PROBE" try loopback6
finish
