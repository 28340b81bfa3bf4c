# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # shells inside expand what is in single quotes
# sbx fs: what is found by trying is the same on kernels that tell less.
# shellcheck source=/dev/null
. "$VM_LIB"

# mounting COMMAND: a shell with the right to mount, as root or in a user namespace
mounting() {
    if [ "$VM_USER" = root ]; then
        unshare -m --propagation private sh -euc "$1" 2>&1
    else
        unshare -Urm --propagation private sh -euc "$1" 2>&1
    fi
}

# lines PATH...: "PATH DEPTH LAYER IDMAP" for each
lines() {
    "$SBX" fs "$@" 2>&1 | awk '
        /^[^ ]/ { path = $0 }
        $1 == "depth" { depth = $2; sub(/[:,]/, "", depth) }
        $1 == "overlay" && $2 == "layer" { layer = $3; sub(/,/, "", layer) }
        $1 == "id" && $2 == "map" { map = $3; sub(/,/, "", map); print path, depth, layer, map }'
}

layers=no
[ "$VM_USER" != root ] || layers=yes
same "the host's own file systems" "/proc 2 no no
/sys 0 $layers no
/dev 0 $layers no
/proc/sys 2 no no
/proc/sys/kernel 2 no no" "$(lines /proc /sys /dev /proc/sys /proc/sys/kernel)"
contains "locked submounts are the reason, or none is" "$("$SBX" fs /sys)" \
    "$([ "$VM_USER" = root ] && echo 'without the mounts below it' || echo 'locked to it')"

same "overlay on tmpfs 1, overlay on overlay 2" "plain 0 yes
one 1 yes
two 2 no" "$(mounting 'mkdir -p stack && mount -t tmpfs x stack && cd stack && mkdir plain empty one two
mount -t overlay x -o lowerdir=plain:empty one
mount -t overlay x -o lowerdir=one:empty two
"$SBX" fs plain one two' | awk '/^[^ ]/ { path = $1 }
    $1 == "depth" { depth = $2; sub(/:/, "", depth) }
    $1 == "overlay" && $2 == "layer" { layer = $3; sub(/,/, "", layer); print path, depth, layer }')"

contains "flags of a mount of the host's are locked" "$("$SBX" fs /proc | grep locked)" nosuid,nodev,noexec
contains "those of one's own tmpfs are, for a user namespace below" "$(mounting 'mkdir -p own &&
    mount -t tmpfs -o nodev x own && "$SBX" fs own | grep locked')" nodev

# by statmount or by mountinfo, whichever this kernel has
same "with and without statmount the same" "$("$SBX" fs / /proc /dev)" \
    "$("$PROBE" with-answer statmount,listmount 38 "$SBX" fs / /proc /dev)"

rm -rf own stack # other cases look at this directory
finish
