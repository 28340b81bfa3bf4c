#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sbx fs: what paths lie on. What the host doesn't have is made in a namespace of the test's own.
# bats file_tags=fs
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

has_overlay() {
    in_mount_ns sh -c 'mount -t tmpfs x "$T/o" && cd "$T/o" && mkdir a b c &&
        mount -t overlay x -o lowerdir=a:b c'
}
has_fuse() { in_mount_ns "$PROBE" silent-fuse "$T/o" true; }
# a user namespace below the one that tests mount in
has_nested() { in_mount_ns unshare -Urm true; }

# answers FILTER PATH...: of `sbx fs --json`, through jq
answers() {
    local filter=$1

    shift
    sbx fs --json "$@" | jq -cr "$filter"
}

# As an ordinary user sees it: root gives itself up in between.
as_user() {
    if is_root; then
        setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
    else
        "$@"
    fi
}

# Where the ordinary user can execute it.
copy_programs() {
    copy_sbx "$T"
    cp "$PROBE" "$T/probe"
    chmod 755 "$T"/sbx* "$T/probe"
}

@test "depths of the host's own file systems" {
    skip_unless overlay "no overlay can be mounted here"
    run -0 answers '.[] | "\(.path) \(.depth) \(.error)"' /proc /sys /dev / /proc/sys
    equal $'/proc 2 null\n/sys 0 null\n/dev 0 null\n/ 0 null\n/proc/sys 2 null' "$output"
}

@test "depths as an ordinary user, who gets the same" {
    need_root "the test itself is run by an ordinary user"
    skip_unless overlay "no overlay can be mounted here"
    copy_programs
    run -0 as_user "$T/sbx" fs --json /proc /sys /dev / /proc/sys
    equal '[2,0,0,0,2]' "$(jq -c 'map(.depth)' <<<"$output")"
    equal '["no","no","no","no","no"]' "$(jq -c 'map(.overlay_layer.answer)' <<<"$output")"
    # and the reasons are different ones
    like "$(jq -r '.[0].overlay_layer.because' <<<"$output")" 'depth is 2'
    like "$(jq -r '.[1].overlay_layer.because' <<<"$output")" 'mounts? below .* locked .* ordinary user'
    like "$(jq -r '.[3].overlay_layer.hint' <<<"$output")" root
}

@test "overlay on tmpfs 1, overlay on overlay 2; what it says of layers is so" {
    skip_unless overlay "no overlay can be mounted here"
    cat >script <<'END'
mount -t tmpfs x "$T/o"
cd "$T/o"
mkdir plain empty one two
mount -t overlay x -o lowerdir=plain:empty one
mount -t overlay x -o lowerdir=one:empty two
"$SBX" fs --json plain one two >"$T/answers"
for layer in plain one two; do
    mkdir "try-$layer"
    if mount -t overlay x -o "lowerdir=$layer:empty" "try-$layer" 2>/dev/null; then
        echo "$layer yes"
    else
        echo "$layer no"
    fi
done
END
    run -0 in_mount_ns bash -eu script
    equal $'plain yes\none yes\ntwo no' "$output"
    equal $'0 yes\n1 yes\n2 no' "$(jq -r '.[] | "\(.depth) \(.overlay_layer.answer)"' "$T/answers")"
    like "$(jq -r '.[1].overlay_layer.because' "$T/answers")" "can't be a layer itself"
}

@test "the text for /proc: depth, reason, explanation, and the way out" {
    skip_unless overlay "no overlay can be mounted here"
    run -0 --separate-stderr sbx fs /proc
    equal "" "$stderr"
    like "$output" '^/proc$' '^  type +proc, device' '^  depth +2: ' '^  overlay layer +no, because' \
        'sbx run --proc rw' '^  why +.*procfs'
    run -0 sbx fs /
    unlike "$output" '^  why'
}

@test "a directory that overlays don't take, and the depth of its file system all the same" {
    skip_unless overlay "no overlay can be mounted here"
    run -0 answers '.[] | "\(.depth) \(.overlay_layer.answer)"' /proc/sys/kernel
    equal '2 no' "$output"
}

@test "files: the depth of their file system, but no layer" {
    skip_unless overlay "no overlay can be mounted here"
    cat >script <<'END'
mount -t tmpfs x "$T/o"
cd "$T/o"
mkdir a b c
echo >a/file
touch "$T/w/target"
mount -t overlay x -o lowerdir=a:b c
mount --bind c/file "$T/w/target"
"$SBX" fs --json c/file "$T/w/target" /dev/null "$T/w/script"
END
    run -0 in_mount_ns bash -eu script
    equal $'1 no file\n1 no file\n0 no device\n0 no file' \
        "$(jq -r '.[] | "\(.depth) \(.overlay_layer.answer) \(.kind)"' <<<"$output")"
    like "$(jq -r '.[0].overlay_layer.because' <<<"$output")" 'a layer is a directory'
    # a bind of a file: the mount is the file's own, its root is named
    equal "$T/w/target /file" "$(jq -r '.[1].mount | "\(.point) \(.root)"' <<<"$output")"
}

@test "nothing is left: no mount, no process, no change of propagation" {
    local before

    before=$(grep -v "$T" /proc/self/mountinfo)
    run -0 sbx fs / /proc /dev
    equal "$before" "$(grep -v "$T" /proc/self/mountinfo)"
}

@test "nothing is left where the host's mounts are shared, as systemd has them" {
    need_root
    run -0 unshare -m --propagation shared bash -euc '
        before=$(cat /proc/self/mountinfo)
        "$SBX" fs / /proc /dev >/dev/null
        [[ $before == "$(cat /proc/self/mountinfo)" ]]
        mount -t tmpfs control "$T/o"
        [[ $before != "$(cat /proc/self/mountinfo)" ]]'
}

# --- the list of mounts -----------------------------------------------------------------------

# Mounts of all kinds, then "$@" in them.
in_mounts() {
    cat >"$T/mounts" <<'END'
mount -t tmpfs -o size=64k,nosuid "my source" "$T/o"
cd "$T/o"
mkdir a b c d e f "sp ace" $'new\nline' $'tab\tback\\slash' x:y,z
mount -t tmpfs -o ro,noexec,nodev,noatime x a
mkdir b/1 b/2
mount -t tmpfs x b/1
mount -t tmpfs x b/1
mount --bind b/2 c
mount -t tmpfs x d
mount --make-shared d
mount --bind d e
mount --make-slave e
mount --bind d f
mount --make-slave f
mount --make-shared f
for name in "sp ace" $'new\nline' $'tab\tback\\slash' x:y,z; do
    mount -t tmpfs "in $name" "$name"
    mkdir "$name/sub"
done
exec "$@"
END
    in_mount_ns bash -eu "$T/mounts" "$@"
}

@test "flags, source, propagation and submounts as findmnt has them" {
    skip_unless mountns "no mount namespace can be made here"
    run -0 in_mounts "$SBX" fs --json . a b b/1 c d e f
    jq -e . <<<"$output" >answers
    q() { jq -cr "$1" answers; }
    equal '["my source","tmpfs"]' "$(q '.[0].file_system | [.source, .type]')"
    like "$(q '.[0].file_system.options')" 'size=64k'
    equal "$T/o" "$(q '.[0].mount.point')"
    equal '["ro","nodev","noexec","noatime"]' "$(q '.[1].mount.flags')"
    equal '["rw","nosuid","relatime"]' "$(q '.[0].mount.flags')"
    equal 11 "$(q '.[0].submounts | length')"
    equal '[["'"$T"'/o/b/1",1,true],["'"$T"'/o/b/1",2,false]]' \
        "$(q '.[2].submounts | map([.point, .level, .covered])')"
    equal '[]' "$(q '.[3].submounts')"
    equal "$T/o/c /b/2" "$(q '.[4].mount | "\(.point) \(.root)"')"
    equal '["private","shared","slave","shared slave"]' "$(q '[.[0,5,6,7].mount.propagation]')"
    equal true "$(q '.[5].mount.peer_group == .[6].mount.master')"
}

@test "statmount and mountinfo give the same answer" {
    skip_unless mountns "no mount namespace can be made here"
    local with without

    with=$(in_mounts "$SBX" fs --json / . a b c d e f /proc /sys /dev)
    without=$(in_mounts "$PROBE" with-answer statmount,listmount 38 "$SBX" fs --json / . a b c d e f /proc /sys /dev)
    # ids, devices and groups are those of two namespaces
    norm() {
        jq 'del(.. | .id?, .device?, .peer_group?, .master?)' <<<"$1"
    }
    equal "$(norm "$with")" "$(norm "$without")"
    like "$with" '"depth"' '"my source"'
    # on the same mounts, all of it
    equal "$(sbx fs --json / /proc /dev "$T")" \
        "$("$PROBE" with-answer statmount,listmount 38 "$SBX" fs --json / /proc /dev "$T")"
}

@test "without /proc: statmount tells as much, or it says what it lacks" {
    skip_unless mountns "no mount namespace can be made here"
    run in_mount_ns bash -c 'mount -t tmpfs x /proc && exec "$SBX" fs --json /usr'
    if ((status == 0)); then
        equal '["/usr","/usr"]' "$(jq -c '.[0] | [.path, .real_path]' <<<"$output")"
    else
        equal 125 "$status"
        like "$output" 'list of mounts'
    fi
}

@test "paths with spaces, newlines, colons and commas" {
    skip_unless mountns "no mount namespace can be made here"
    local name

    run -0 in_mounts "$SBX" fs --json 'sp ace' $'new\nline' $'tab\tback\\slash' x:y,z/sub
    jq -e . <<<"$output" >answers
    equal '["directory"]' "$(jq -c 'map(.kind) | unique' answers)"
    for name in 'sp ace' $'new\nline' $'tab\tback\\slash'; do
        equal "$T/o/$name" "$(jq -r --arg name "$name" '.[] | select(.path == $name) | .mount.point' answers)"
    done
    equal 'in x:y,z' "$(jq -r '.[3].file_system.source' answers)"
    ! has_overlay || equal '[0,0,0,0]' "$(jq -c 'map(.depth)' answers)"
    # the words for sbx run are those that its own parser reads back
    like "$(jq -r '.[3].sandbox.writable[1]' answers)" 'x\\:y,z/sub$'
    # on a terminal nothing of a name can start a line
    run -0 in_mounts "$SBX" fs . $'new\nline'
    like "$output" '^new\\nline$' 'new\\nline  tmpfs' "writable +sbx run -w \\$'.*new\\\\x0aline'"
    unlike "$output" '^line'
}

@test "a name that is not UTF-8, and one that steers a terminal" {
    local name=$'esc\e[31m' bytes=$'\xff\xfe'

    mkdir "$name" "$bytes"
    run -0 sbx fs "$name" "$bytes"
    unlike "$output" $'\e'
    like "$output" '^esc\\x1b\[31m$' '^\\xff\\xfe$'
    run -0 sbx fs --json "$name" "$bytes"
    equal '\xff\xfe' "$(jq -r '.[1].path' <<<"$output")"
}

@test "10,000 mounts: all in JSON, counted in text" {
    skip_unless mountns "no mount namespace can be made here"
    run -0 in_mount_ns bash -euc 'mount -t tmpfs x "$T/o"
        "$PROBE" mounts 10000 "$T/o" >/dev/null
        "$SBX" fs --json "$T/o" >answers
        "$SBX" fs "$T/o"'
    equal 10000 "$(jq '.[0].submounts | length' answers)"
    ((${#lines[@]} < 50)) || fail "${#lines[@]} lines"
    like "$output" '^  submounts +10000$' 'and [0-9]+ more: [0-9]+ tmpfs$'
}

@test "links are followed, and said so; a path by /proc/self" {
    ln -s "$T/o" link
    run -0 sbx fs link
    like "$output" '^link$' "^  leads to +$T/o\$"
    run -0 answers '.[0].mount.point' /proc/self
    equal /proc "$output"
}

# --- locks, id maps ---------------------------------------------------------------------------

@test "locked flags are those that a user namespace can't take off" {
    skip_unless nested "no user namespace in a user namespace here"
    cat >script <<'END'
mount -t tmpfs -o ro,nosuid,nodev x "$T/o"
"$SBX" fs --json "$T/o" >answers
for flag in ro nosuid nodev; do
    case $flag in ro) off=rw ;; *) off=${flag#no} ;; esac
    options=$(printf '%s\n' ro nosuid nodev | grep -vx "$flag" | paste -sd,)
    unshare -Urm mount -o "remount,bind,$options,$off" x "$T/o" 2>/dev/null && echo "$flag is not locked"
    mount -o "remount,bind,$options,$off" x "$T/o" || echo "the control failed"
    mount -o remount,bind,ro,nosuid,nodev x "$T/o"
done
true
END
    run -0 in_mount_ns bash -eu script
    equal "" "$output"
    equal '["ro","nosuid","nodev","atime"]' "$(jq -c '.[0].mount.locked' answers)"
}

@test "id maps: root's own file systems take one, procfs never does" {
    run -0 answers '.[0].idmap | "\(.answer) \(.because)"' /proc
    like "$output" "^no .*doesn't support"
    skip_unless mountns "no mount namespace can be made here"
    run -0 in_mount_ns bash -euc 'mount -t tmpfs x "$T/o"; "$SBX" fs --json "$T/o"'
    case $(jq -r '.[0].idmap.answer' <<<"$output") in
    yes) ;;
    no) like "$(jq -r '.[0].idmap.because' <<<"$output")" "doesn't support" ;; # tmpfs before 6.3
    *) fail "$output" ;;
    esac
    need_root
    copy_programs
    run -0 as_user "$T/sbx" fs --json /
    equal no "$(jq -r '.[0].idmap.answer' <<<"$output")"
}

@test "an unbindable mount is no layer, whatever its depth" {
    skip_unless overlay "no overlay can be mounted here"
    run -0 in_mount_ns bash -euc 'mount -t tmpfs x "$T/o"; mkdir "$T/o/e"
        mkdir "$T/o/f" "$T/o/g"
        mount -t overlay x -o lowerdir="$T/o/f:$T/o/e" "$T/o/g" # the control
        umount "$T/o/g"
        mount --make-unbindable "$T/o"; "$SBX" fs --json "$T/o/f"
        ! mount -t overlay x -o lowerdir="$T/o/f:$T/o/e" "$T/o/g" 2>/dev/null'
    equal 'unbindable 0 no' \
        "$(jq -r '.[0] | "\(.mount.propagation) \(.depth) \(.overlay_layer.answer)"' <<<"$output")"
    like "$output" 'unbindable'
}

# --- where it can't be known ------------------------------------------------------------------

@test "no user namespaces: unknown, why, and what to do" {
    skip_unless userns "no user namespaces here"
    copy_programs
    run -0 unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
        exec setpriv --bounding-set -all --inh-caps -all "$T/sbx" fs --json /usr'
    equal 'null unknown unknown null' \
        "$(jq -r '.[0] | "\(.depth) \(.overlay_layer.answer) \(.idmap.answer) \(.mount.locked)"' <<<"$output")"
    like "$(jq -r '.[0].depth_because' <<<"$output")" 'namespaces'
    like "$(jq -r '.[0].depth_hint' <<<"$output")" 'max_user_namespaces'
    # the control: what the list of mounts says is there
    like "$(jq -r '.[0].file_system.type' <<<"$output")" .
}

@test "under a container's system-call filter: unknown, and the filter is named" {
    run -0 "$PROBE" with-seccomp "$SBX" fs --json /usr
    equal 'null unknown' "$(jq -r '.[0] | "\(.depth) \(.overlay_layer.answer)"' <<<"$output")"
    like "$output" 'filter'
    unlike "$(jq -r '.[0].depth_because' <<<"$output")" 'chroot'
}

@test "in a chroot: unknown, and nothing is mounted over the host's root" {
    need_root
    mkdir root
    copy_sbx root
    mkdir root/proc
    run -0 unshare -m --propagation shared bash -euc 'mount -t proc x root/proc
        before=$(cat /proc/self/mountinfo)
        chroot root /sbx fs --json /proc
        [[ $before == "$(cat /proc/self/mountinfo)" ]]'
    equal 'null unknown' "$(jq -r '.[0] | "\(.depth) \(.overlay_layer.answer)"' <<<"$output")"
    like "$output" 'chroot'
    # and where its mount can't be seen at all, that is an error
    run -1 unshare -m bash -euc 'mount -t proc x root/proc; chroot root /sbx fs --json /'
    like "$output" 'not in this process.s list of mounts'
    run -125 chroot root /sbx fs /
    like "$output" 'list of mounts' 'hint: /proc is not mounted'
}

@test "a FUSE mount that never answers: its own mount point is told, with what is unknown" {
    skip_unless fuse "no FUSE file system can be mounted here"
    local began=$SECONDS

    run -0 in_mount_ns "$PROBE" silent-fuse "$T/o" "$SBX" fs --json "$T/o"
    ((SECONDS - began < 12 * SBX_TEST_SLOW)) || fail "it took $((SECONDS - began)) s"
    equal 'fuse.silent null unknown' \
        "$(jq -r '.[0] | "\(.file_system.type) \(.depth) \(.overlay_layer.answer)"' <<<"$output")"
    like "$(jq -r '.[0].depth_because' <<<"$output")" 'did not answer within 2 s'
}

@test "below a FUSE mount that never answers: exit 1, a message, and the other paths" {
    skip_unless fuse "no FUSE file system can be mounted here"
    local began=$SECONDS

    run -1 --separate-stderr in_mount_ns "$PROBE" silent-fuse "$T/o" "$SBX" fs "$T/o/x/y" /proc
    ((SECONDS - began < 12 * SBX_TEST_SLOW)) || fail "it took $((SECONDS - began)) s"
    like "$output" '^/proc$'
    like "$stderr" "^sbx: '$T/o/x/y' did not answer within 2 s: " "^hint: .*mount $T/o \(fuse.silent\)"
    # a mount below that hangs is no reason not to answer for what is above
    run -0 in_mount_ns "$PROBE" silent-fuse "$T/o" "$SBX" fs --json "$T"
    equal '["fuse.silent"]' "$(jq -c '.[0].submounts | map(.type)' <<<"$output")"
    ! has_overlay || equal 0 "$(jq '.[0].depth' <<<"$output")"
}

@test "a path that hangs does not keep a pipe open" {
    skip_unless fuse "no FUSE file system can be mounted here"
    local began=$SECONDS

    run -0 in_mount_ns "$PROBE" silent-fuse "$T/o" bash -c '"$SBX" fs --json "$T/o" "$T/o/x" 3>&- | cat; echo over'
    ((SECONDS - began < 15 * SBX_TEST_SLOW)) || fail "it took $((SECONDS - began)) s"
    like "$output" '^over$' '"fuse.silent"'
}

# --- the command line -------------------------------------------------------------------------

@test "what can't be looked at: exit 1, the others are told all the same" {
    run -1 --separate-stderr sbx fs /nonexistent /usr
    like "$output" '^/usr$'
    like "$stderr" "^sbx: cannot reach '/nonexistent': No such file"
    run -1 --separate-stderr sbx fs --json /nonexistent /usr ''
    equal '["error","path"]' "$(jq -c '.[0] | keys' <<<"$output")"
    equal '[2,null,2]' "$(jq -c 'map(.error.errno)' <<<"$output")"
    like "$stderr" 'nonexistent'
    # descriptors of the caller by their names
    run -0 bash -c '"$SBX" fs --json /dev/stdin </usr'
    equal "$(answers '.[0].mount.point' /usr)" "$(jq -r '.[0].mount.point' <<<"$output")"
    # a pipe is on no mount of the list
    run -1 bash -c 'true | "$SBX" fs /dev/stdin'
    like "$output" 'list of mounts'
    run -1 bash -c 'mkdir gone && cd gone && rmdir ../gone && "$SBX" fs ./x'
    like "$output" 'No such file'
}

@test "usage: 125 and a hint" {
    sbx_fails 'no path' -- fs
    sbx_fails 'no path' -- fs --json
    sbx_fails "unknown option '--jsn'" -- fs --jsn /
    sbx_fails "unknown option '-x'" -- fs / -x
    mkdir -- --json
    run -0 sbx fs -- --json
    like "$output" '^--json$'
    run -0 sbx fs --help
    like "$output" '^Usage: sbx fs ' 'sbx-fs\(1\)'
    run -0 sbx fs / --json
    jq -e 'length == 1' <<<"$output"
    run -125 bash -c '"$SBX" fs / >/dev/full'
    like "$output" 'could not be written'
    run -125 bash -c '"$SBX" fs --json / >/dev/full'
    like "$output" 'could not be written'
}

@test "a /proc that is covered in parts: it says that a fresh one may be refused" {
    skip_unless mountns "no mount namespace can be made here"
    like "$(answers '.[0].sandbox.shown' /proc)" '^a fresh procfs'
    run -0 in_mount_ns bash -euc 'echo 1 >up; mount --bind up /proc/uptime; "$SBX" fs --json /proc'
    like "$(jq -r '.[0].sandbox.shown' <<<"$output")" 'covered'
    # The host may have more there: binfmt_misc.
    jq -e '.[0].submounts | map(.point) | index("/proc/uptime")' <<<"$output"
}

# --- in a sandbox: what it says is tried ------------------------------------------------------

# word KEY PATH: the options of that answer, ready for a shell
options_for() {
    sbx fs --json "$2" | jq -r ".[0].sandbox.$1 | if . == null then \"none\" else @sh end"
}

# shows_writable PATH OPTION...: can a file in PATH be made inside?
try_write() {
    local path=$1

    shift
    run sbx run "$@" -- "$T/w/probe" try write "$path"
}

@test "the options for a path do what it says" {
    need_outside
    mkdir "$T/o/x" "$HOME/x" "$HOME/with:colon"
    local path
    local -a options

    for path in "$T/o/x" "$HOME/x" "$HOME/with:colon"; do
        eval "options=($(options_for read_only "$path"))"
        run -0 sbx run "${options[@]}" -- ls "$path"
        try_write "$path" "${options[@]}"
        equal 1 "$status"
        eval "options=($(options_for writable "$path"))"
        try_write "$path" "${options[@]}"
        equal 0 "$status"
    done
    # by itself: there or not there, as it says
    like "$(answers '.[0].sandbox.shown' "$T/o/x")" "^the host's"
    run -0 sbx run -- ls -d "$T/o/x"
    like "$(answers '.[0].sandbox.shown' "$HOME/x")" '^nothing'
    run ! sbx run -- ls -d "$HOME/x"
}

@test "/proc: fresh and read-only by itself, writable by the option that it names" {
    equal '' "$(options_for read_only /proc)"
    equal "'--proc' 'rw'" "$(options_for writable /proc)"
    equal none "$(options_for writable /proc/sys)"
    run sbx run -- sh -c 'echo 1 >/proc/self/oom_score_adj'
    ((status != 0))
    run -0 sbx run --proc rw -- sh -c 'echo 1000 >/proc/self/oom_score_adj'
    run sbx run --proc rw -- sh -c 'cat /proc/sys/kernel/domainname >/proc/sys/kernel/domainname'
    ((status != 0))
}
