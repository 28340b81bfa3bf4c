#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The default view, row by row: what the command sees of the host's tree.
# bats file_tags=view
# shellcheck disable=SC2016,SC2012,SC2154 # what stands in single quotes is meant for the shell inside

load common

# What may be written to: the private places (the account's home is one where $HOME is elsewhere).
private_places() {
    printf '%s\n' "$HOME" /tmp /var/tmp /run /dev/shm "$@"
    getent passwd "$(id -u)" | cut -d: -f6
}

# --- / ------------------------------------------------------------------------------------------

@test "every mount is read-only that isn't private" {
    facts
    fact '.mounts[] | select(.options | index("rw")) | .target' | sort -u >writable
    private_places /dev/pts | sort -u >allowed
    run -0 comm -23 writable allowed
    equal "" "$output"
}

@test "no mount lets setuid programs or devices in, but the device nodes themselves" {
    facts
    equal "" "$(fact '.mounts[] | select(.options | index("nosuid") | not) | .target')"
    fact '.mounts[] | select(.options | index("nodev") | not) | .target' >devices
    unlike "$(cat devices)" '^/$' '^/[^d]' '^/d[^e]' '^/dev/shm$' '^/dev$'
}

@test "every mount is cut off from the host's: no propagation" {
    facts
    equal "" "$(fact '.mounts[] | select(.propagation | length > 0) | .target')"
}

@test "the only places that take a new file are the private ones" {
    run -0 sbx run -- ./probe writables
    sort -u <<<"$output" >writable
    private_places | sort -u >allowed
    run -0 comm -23 writable allowed
    equal "" "$output"
    like "$(cat writable)" '^/tmp$' '^/var/tmp$' '^/dev/shm$' "^$HOME\$"
}

@test "the host's tree is there, whole" {
    local dir

    for dir in / /usr /usr/bin /etc /var/lib; do
        [[ -d $dir ]] || continue
        equal "$(ls "$dir")" "$(sbx run -- ls "$dir")"
    done
    equal "$(sha256sum </etc/os-release)" "$(sbx run -- sha256sum </etc/os-release)"
    equal "$(sha256sum /etc/os-release)" "$(sbx run -- sha256sum /etc/os-release)"
}

@test "nothing on the host changes: files, times, modes" {
    need_outside
    echo kept >"$T/o/file"
    refuses -- write "$T/o"
    refuses -- write "$T/o/file"
    refuses -- truncate "$T/o/file"
    refuses -- create "$T/o/new"
    refuses -- unlink "$T/o/file"
    refuses -- chmod "$T/o/file"
    refuses -- utimes "$T/o/file"
    refuses -- write "$T/w"
    refuses -- write /etc
    refuses -- write /usr
    refuses -- write /
    refuses -- write /var/lib
    equal kept "$(cat "$T/o/file")"
    control write "$T/o"
    control write "$T/o/file"
    control chmod "$T/o/file"
    control utimes "$T/o/file"
}

@test "nothing shows where the old root was" {
    local word

    run -0 sbx run -- sh -c 'ls -A /tmp /run /dev /mnt; cut -d" " -f5,10 /proc/self/mountinfo'
    for word in oldroot newroot old_root new_root put_old staging; do
        # The host may have a mount of such a name, which is no trace.
        grep -q "$word" /proc/self/mountinfo || unlike "$output" "$word"
    done
    equal "$(ls -A / | sort)" "$(sbx run -- ls -A / | sort)"
}

# --- /proc -----------------------------------------------------------------------------------------

@test "/proc is a fresh read-only procfs" {
    facts
    equal '["proc"]' "$(fact '[.mounts[] | select(.target == "/proc" and .root == "/") | .type] | unique')"
    fact '[.mounts[] | select(.target == "/proc")] | last | .options[]' >options
    like "$(cat options)" '^ro$' '^nosuid$' '^nodev$' '^noexec$'
    refuses -- write /proc/self/oom_score_adj
    control write /proc/self/oom_score_adj
    refuses -- write /proc/sys/kernel/hostname
    refuses -- write /proc/sys/vm/drop_caches
}

@test "/proc shows the sandbox's processes only" {
    run -0 sbx run -- sh -c 'cd /proc && echo [0-9]*'
    (($(wc -w <<<"$output") <= 4))
    like "$output" '^1 '
    # The control: the host has more than that.
    (($(echo /proc/[0-9]* | wc -w) > 4))
}

@test "what tells of the machine in /proc is masked" {
    local file

    for file in kcore keys key-users kmsg sysrq-trigger timer_list kallsyms interrupts modules \
        slabinfo vmallocinfo config.gz sched_debug; do
        [[ -e /proc/$file ]] || continue
        refuses -- read "/proc/$file"
    done
    refuses -- write /proc/sysrq-trigger
    for file in acpi scsi asound bus dynamic_debug; do
        [[ -d /proc/$file ]] || continue
        run sbx run -- ls -A "/proc/$file"
        equal "" "$output"
    done
    # The controls, of what anybody may read outside.
    control read /proc/kallsyms
    [[ ! -r /proc/timer_list ]] || ! is_root || control read /proc/timer_list
}

@test "what the host mounted below its /proc is mirrored, read-only" {
    skip_unless binfmt "binfmt_misc can't be mounted here"
    run -0 unshare -m --propagation private bash -euc '
        mount -t binfmt_misc x /proc/sys/fs/binfmt_misc
        sbx run -- sh -c "ls /proc/sys/fs/binfmt_misc; ./probe try write /proc/sys/fs/binfmt_misc/register || true"'
    like "$output" '^register$' '^status$' '^refused:'
}

@test "--proc rw: writable, still with its masks" {
    permits --proc rw -- write /proc/self/oom_score_adj
    refuses --proc rw -- write /proc/sysrq-trigger
    refuses --proc rw -- read /proc/kallsyms
    refuses --proc rw -- write /proc/sys/kernel/core_pattern
    refuses --proc rw -- write /proc/sys/kernel/modprobe
}

# --- /sys -------------------------------------------------------------------------------------------

@test "/sys is there, read-only, without firmware, debug, tracing, security, cgroups" {
    local dir

    run -0 sbx run -- ls /sys/devices/system/cpu
    like "$output" 'online'
    for dir in firmware kernel/debug kernel/tracing kernel/security fs/cgroup fs/bpf fs/pstore; do
        [[ -d /sys/$dir ]] || continue
        equal "" "$(sbx run -- ls -A "/sys/$dir")"
    done
    facts
    equal "0::/" "$(fact '.cgroup | split("\n") | last')"
    equal "" "$(fact '.mounts[] | select(.target | startswith("/sys")) | select(.options | index("rw")) | .target')"
}

@test "the host's cgroups can't be seen or written to" {
    local file

    file=$(find /sys/fs/cgroup -name cgroup.procs 2>/dev/null | head -n 1)
    [[ -n $file ]] || skip "no cgroups mounted"
    control read "$file"
    refuses -- read "$file"
    run -0 sbx run -- ./probe facts
    # No path of the host's hierarchy in /proc/self/cgroup.
    unlike "$(jq -r .cgroup <<<"$output")" ':/[^.]'
}

# --- /dev -------------------------------------------------------------------------------------------

@test "/dev has what programs need, and nothing else" {
    run -0 sbx run -- ls -A /dev
    equal "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero" "$(sort <<<"$output" | xargs)"
    equal "" "$(sbx run -- find /dev -type b)"
    refuses -- write /dev
    refuses -- create /dev/new
    refuses -- unlink /dev/null
    equal "directory" "$(sbx run -- stat -c %F /dev/shm)"
}

@test "the devices work" {
    run -0 sbx run -- sh -c 'echo x >/dev/null && head -c 5 /dev/zero | od -An -tx1 && head -c 8 /dev/urandom | wc -c &&
        head -c 8 /dev/random | wc -c'
    equal "00 00 00 00 00 8 8" "$(xargs <<<"$output")"
    run -0 sbx run -- sh -c 'echo x 2>/dev/null >/dev/full || echo full'
    equal "full" "$output"
    run -0 sbx run -- ./probe pty ./probe facts
    like "$(tr -d '\r' <<<"$output" | jq -r .tty)" '^/dev/pts/0$'
}

@test "/dev/stdin, /dev/stdout, /dev/stderr, /dev/fd" {
    run -0 --separate-stderr bash -c 'echo through | sbx run -- sh -c "cat /dev/stdin >/dev/stdout; echo err >/dev/stderr; cat /dev/fd/0"'
    equal "through" "$output"
    equal "err" "$stderr"
    run -0 sbx run -- bash -c 'cat <(echo substitution)'
    equal "substitution" "$output"
    sbx run -- sh -c 'echo one >/dev/stdout; echo two >>/dev/stdout' >file
    like "$(cat file)" two
}

# --- private places -----------------------------------------------------------------------------------

@test "/tmp /var/tmp /dev/shm /run are private and writable" {
    local dir mine

    for dir in /tmp /var/tmp /dev/shm; do
        [[ -d $dir && -w $dir ]] || continue
        mine=$(mktemp "$dir/sbx-test.XXXXXXXX")
        run -0 sbx run -- sh -c "ls -A $dir; echo inside >$dir/sbx-inside-$$; cat $dir/sbx-inside-$$; stat -c %a $dir"
        rm -f "$mine"
        unlike "$output" sbx-test
        equal "inside 1777" "$(xargs <<<"$output")"
        [[ ! -e $dir/sbx-inside-$$ ]]
    done
    run -0 sbx run -- ls -A /run
    unlike "$output" 'dbus' 'docker' 'systemd'
}

@test "/run/lock and /run/user/UID are there" {
    run -0 sbx run -- sh -c 'touch /run/lock/x && touch "/run/user/$(id -u)/x" && stat -c "%a %u" "/run/user/$(id -u)"'
    equal "700 $(id -u)" "$output"
}

@test "the private places have size limits" {
    local place

    facts
    for place in /tmp /var/tmp /dev/shm /run "$HOME"; do
        [[ -d $place ]] || continue
        like "$(fact --arg place "$place" '[.mounts[] | select(.target == $place)] | last | .super_options[]')" '^size=[0-9]+[kmg]?$'
    done
    # And one that is asked for holds.
    run sbx run --tmpfs /mnt:size=1M -- sh -c 'head -c 2M /dev/zero >/mnt/file; stat -c %s /mnt/file'
    like "$output" '^10[0-9]{5}$'
}

@test "a run leaves nothing for the next one" {
    sbx run -- sh -c 'echo x >/tmp/left; echo x >"$HOME/left"; echo x >/dev/shm/left'
    run -0 sbx run -- sh -c 'ls -A /tmp /dev/shm "$HOME"'
    unlike "$output" left
}

# --- $HOME ------------------------------------------------------------------------------------------

@test "the home is empty, private and writable" {
    echo secret >"$HOME/.netrc"
    mkdir "$HOME/.ssh"
    run -0 sbx run -- sh -c 'ls -A "$HOME"; echo x >"$HOME/new" && cat "$HOME/new"; echo "$HOME"'
    equal "x $HOME" "$(xargs <<<"$output")"
    [[ ! -e $HOME/new ]]
    control read "$HOME/.netrc"
    refuses -- read "$HOME/.netrc"
}

@test "a working directory below the home is put back, read-only, and nothing beside it" {
    mkdir -p "$HOME/work/sub" "$HOME/other"
    echo here >"$HOME/work/sub/file"
    echo there >"$HOME/other/file"
    cp probe "$HOME/work/sub/"
    cd "$HOME/work/sub"
    run -0 sbx run -- sh -c 'pwd; cat file; ls -A "$HOME" "$HOME/work"'
    like "$output" "^$HOME/work/sub\$" '^here$'
    unlike "$output" other
    run -1 sbx run -- ./probe try write .
    run -1 sbx run -- ./probe try read "$HOME/other/file"
    run -0 sbx run -- ./probe try write "$HOME"
}

@test "directories of PATH below the home are put back, with what their links point to" {
    mkdir -p "$HOME/bin" "$HOME/lib/tool" "$HOME/secret"
    printf '#!/bin/sh\necho tool; cat "$(dirname "$(readlink -f "$0")")/data"\n' >"$HOME/lib/tool/tool"
    chmod +x "$HOME/lib/tool/tool"
    echo data >"$HOME/lib/tool/data"
    ln -s ../lib/tool/tool "$HOME/bin/tool"
    PATH=$HOME/bin:$PATH run sbx run -- tool
    like "$output" '^tool$'
    PATH=$HOME/bin:$PATH run -0 sbx run -- sh -c 'ls -A "$HOME"; ./probe try write "$HOME/bin" || true'
    like "$output" '^bin$' '^refused:'
    unlike "$output" secret
}

@test "a chain of links in PATH is followed to its end" {
    mkdir -p "$HOME/bin" "$HOME/a" "$HOME/b"
    printf '#!/bin/sh\necho end of the chain\n' >"$HOME/b/real"
    chmod +x "$HOME/b/real"
    ln -s "$HOME/b/real" "$HOME/a/middle"
    ln -s ../a/middle "$HOME/bin/chained"
    PATH=$HOME/bin:$PATH run -0 sbx run -- chained
    equal "end of the chain" "$output"
}

@test "a script in \$HOME/bin whose interpreter lies in \$HOME too" {
    mkdir -p "$HOME/bin" "$HOME/opt/inter"
    cp "$(readlink -f /bin/sh)" "$HOME/opt/inter/mysh"
    printf '#!%s\necho it runs "$@"\n' "$HOME/opt/inter/mysh" >"$HOME/bin/script"
    chmod +x "$HOME/bin/script"
    echo secret >"$HOME/opt/secret"
    run -0 sbx run -- "$HOME/bin/script" well
    equal "it runs well" "$output"
    PATH=$HOME/bin:$PATH run -0 sbx run -- script well
    equal "it runs well" "$output"
    cd "$HOME"
    PATH=$HOME/bin:$PATH run -0 sbx run -- script well
    equal "it runs well" "$output"
    run -0 sbx run -- bin/script well
    equal "it runs well" "$output"
    cd "$T/w"
    run -1 sbx run -- ./probe try read "$HOME/opt/secret"
}

@test "a program in the home, named by its path" {
    mkdir "$HOME/x"
    cp probe "$HOME/x/probe"
    run -0 sbx run -- "$HOME/x/probe" facts
    equal "$HOME/x/probe" "$(jq -r .exe <<<"$output")"
    ln -s "$HOME/x/probe" "$T/w/linked"
    run -0 sbx run -- ./linked facts
}

@test "from a subdirectory of a git worktree: the worktree's root is there" {
    skip_unless git "git isn't installed"
    mkdir -p "$HOME/project/src/deep" "$HOME/private"
    cd "$HOME/project"
    git init -q .
    echo tracked >file
    git -c user.name=x -c user.email=x@x add file
    git -c user.name=x -c user.email=x@x commit -q -m one
    cd src/deep
    run -0 sbx run -- sh -c 'git rev-parse --show-toplevel; git log --format=%s; cat ../../file; ls -A "$HOME"'
    equal "$HOME/project one tracked project" "$(xargs <<<"$output")"
    run -0 sbx run -- "$T/w/probe" facts
    equal "$HOME/project/src/deep" "$(jq -r .cwd <<<"$output")"
}

@test "a .git in the home itself doesn't open the home" {
    mkdir -p "$HOME/.git" "$HOME/private" "$HOME/project"
    cd "$HOME/project"
    run -0 sbx run -- ls -A "$HOME"
    equal "project" "$output"
}

@test "from \$HOME: the working directory is the empty one" {
    echo secret >"$HOME/secret"
    cd "$HOME"
    run -0 sbx run -- sh -c 'pwd; ls -A; touch new && ls'
    equal "$HOME new" "$(xargs <<<"$output")"
    [[ ! -e $HOME/new ]]
}

@test "from an ancestor of \$HOME: it is there, the home in it is empty" {
    need_outside
    echo secret >"$HOME/secret"
    cd "$T"
    run -0 sbx run -- sh -c 'pwd; ls -A home; ls -A w'
    equal "$T probe" "$(xargs <<<"$output")"
}

@test "with HOME unset: the account's home is the one that is hidden" {
    local account secret

    account=$(getent passwd "$(id -u)" | cut -d: -f6)
    run -0 env -u HOME "$SBX" run -- true
    [[ -d $account && -w $account && $account != / ]] || skip "the account has no home to hide"
    secret=$(mktemp "$account/sbx-test.XXXXXXXX")
    echo secret >"$secret"
    run env -u HOME "$SBX" run -- ./probe try read "$secret"
    rm -f "$secret"
    equal 1 "$status"
}

@test "with HOME=/, empty, relative, missing, a file: it runs, and the tree is there" {
    local home

    for home in / '' relative "$T/no/such/home" /etc/passwd /proc /dev/null //; do
        run -0 env HOME="$home" "$SBX" run -- sh -c 'ls / | grep -c "^usr$"' || fail "HOME=$home"
        equal 1 "$output"
    done
    run -0 env HOME=/ "$SBX" run -- ./probe try read /etc/passwd
}

@test "with HOME=/proc, and a mount of the host's below it" {
    skip_unless mountns "nothing can be mounted here"
    run -0 in_mount_ns sh -c 'mount -t tmpfs x /proc/sys/fs/binfmt_misc && HOME=/proc exec "$SBX" run -- ls -A /proc'
    equal '' "$output"
}

@test "a HOME that is a link, or written in an odd way, is found" {
    local home

    echo secret >"$HOME/secret"
    ln -s "$HOME" "$T/o/link"
    for home in "$T/o/link" "$T/home/" "$T//home" "$T/w/../home" "$T/home/."; do
        HOME=$home run -1 sbx run -- ./probe try read "$T/home/secret"
        HOME=$home run -1 sbx run -- ./probe try read "$T/o/link/secret"
    done
}

@test "a HOME in /tmp" {
    local home

    home=$(mktemp -d /tmp/sbx-test.XXXXXXXX)
    echo secret >"$home/secret"
    HOME=$home run sbx run -- sh -c 'ls -A "$HOME"; touch "$HOME/x" && echo works'
    rm -rf "$home"
    equal 0 "$status"
    equal "works" "$output"
}

@test "another mount of the home's directory doesn't show the hidden home" {
    need_root
    echo secret >"$HOME/secret"
    mkdir "$T/o/second" "$T/o/parent" "$T/o/whole"
    cat >script <<'END'
mount --bind "$HOME" "$T/o/second"
mount --bind "$T" "$T/o/parent"
mount --rbind / "$T/o/whole"
./probe try read "$T/o/second/secret"
./probe try read "$T/o/parent/home/secret"
./probe try read "$T/o/whole$HOME/secret"
for path in "$T/o/second/secret" "$T/o/parent/home/secret" "$T/o/whole$HOME/secret"; do
    sbx run -- ./probe try read "$path" && echo "SHOWN $path"
done
true
END
    run -0 in_mount_ns bash -eu script
    equal 3 "$(grep -c '^done: read' <<<"$output")"
    unlike "$output" SHOWN
    equal 3 "$(grep -c '^refused:' <<<"$output")"
}

@test "a second mount of the home's file system doesn't show the hidden home" {
    need_root
    mkdir "$T/o/second" "$T/o/image"
    truncate -s 16M "$T/o/disk"
    mkfs.ext4 -q "$T/o/disk" 2>/dev/null || skip "no mkfs.ext4"
    cat >script <<'END'
device=$(losetup -f --show "$T/o/disk") || exit 77
trap 'umount "$T/o/second" "$HOME" || true; losetup -d "$device"' EXIT
mount "$device" "$HOME"
mkdir "$HOME/deep"
echo secret >"$HOME/secret"
echo secret >"$HOME/deep/secret"
mount "$device" "$T/o/second"
./probe try read "$T/o/second/secret"
for path in secret deep/secret; do
    sbx run -- ./probe try read "$T/o/second/$path" && echo "SHOWN $path"
done
export HOME=$HOME/deep
sbx run -- ./probe try read "$T/o/second/deep/secret" && echo "SHOWN below"
true
END
    run in_mount_ns bash -eu script
    ((status != 77)) || skip "no loop device"
    equal 0 "$status"
    like "$output" '^done: read'
    unlike "$output" SHOWN
}

# --- the working directory ----------------------------------------------------------------------------

@test "a working directory in /tmp: there, read-only, and nothing beside it" {
    local base dir

    for base in /tmp /var/tmp /dev/shm; do
        [[ -d $base && -w $base ]] || continue
        dir=$(mktemp -d "$base/sbx-test.XXXXXXXX")
        mkdir "$dir/x" "$dir/y"
        echo here >"$dir/x/file"
        cp "$PROBE" "$dir/x/probe"
        cd "$dir/x"
        run sbx run -- sh -c "pwd; cat file; ls -A $dir; touch $base/free && echo free; ./probe try write . | head -c 7"
        cd "$T/w"
        rm -rf "$dir"
        equal 0 "$status"
        equal "$dir/x here x free refused" "$(xargs <<<"$output")"
    done
}

@test "a working directory in /run" {
    need_root "only root has a place in /run"
    local dir

    dir=$(mktemp -d /run/sbx-test.XXXXXXXX)
    echo here >"$dir/file"
    cd "$dir"
    run sbx run -- sh -c 'pwd; cat file'
    cd "$T/w"
    rm -rf "$dir"
    equal "$dir here" "$(xargs <<<"$output")"
}

@test "from /, /tmp, /usr, /proc and /dev" {
    local dir

    for dir in / /tmp /usr /proc /dev /etc /sys; do
        run -0 bash -c "cd $dir && sbx run -- pwd"
        equal "$dir" "$output"
    done
}

@test "a working directory with an odd name" {
    local name

    for name in 'a b' $'new\nline' 'co:lon' 'com,ma' 'back\slash' 'ünïcode' $'\xff\xfe' '-dash' '%s%n' '$(id)' '*'; do
        mkdir -p -- "$HOME/$name/in"
        echo here >"$HOME/$name/in/file"
        cd -- "$HOME/$name/in"
        run -0 sbx run -- cat file
        equal "here" "$output"
        sbx run --rw . -- sh -c 'echo written >new'
        equal written "$(cat new)"
        equal "$PWD" "$(sbx run -- pwd)"
        cd "$T/w"
    done
}

@test "a working directory that is reached by a link" {
    mkdir "$T/o/real"
    echo here >"$T/o/real/file"
    ln -s "$T/o/real" "$T/o/link"
    cd "$T/o/link"
    run -0 sbx run -- sh -c 'cat file; pwd -P'
    equal "here $T/o/real" "$(xargs <<<"$output")"
}

@test "--rw .: what is written is the caller's and stays" {
    need_outside
    sbx run --rw . -- sh -c 'echo written >new; mkdir dir; ln -s new link'
    equal written "$(cat new)"
    equal "$(id -u):$(id -g)" "$(stat -c %u:%g new)"
    sbx run -w . -- sh -c 'echo more >>new; rmdir dir'
    equal "written more" "$(xargs <new)"
    refuses --rw . -- write "$T/o"
    refuses --rw . -- write "$T"
}

# --- submounts --------------------------------------------------------------------------------------

@test "nested submounts, names with spaces and newlines: whole and read-only" {
    skip_unless mountns "no mount namespace can be made here"
    cat >script <<'END'
tree=$T/o/tree
mkdir "$tree"
for name in plain 'a b' $'new\nline' 'tab	tab' 'back\slash' 'plain/x' 'plain/x/y z' $'a b/\xc3\xbc'; do
    mkdir -p "$tree/$name"
    mount -t tmpfs none "$tree/$name"
    echo "in $name" >"$tree/$name/file"
done
mkdir "$tree/ro"
mount -t tmpfs -o ro none "$tree/ro"
(cd "$tree" && find . -name file -exec cat {} + | sort) >"$T/o/outside"
sbx run -- sh -c "cd '$tree' && find . -name file -exec cat {} + | sort" >"$T/o/inside"
sbx run -- ./probe writables >"$T/o/writables"
cmp "$T/o/outside" "$T/o/inside"
find "$tree" -name file -print0 | while IFS= read -r -d '' file; do
    ./probe try write "$file"
    sbx run -- ./probe try write "$file" && echo "WRITABLE $file"
    sbx run -- ./probe try write "${file%/file}" && echo "WRITABLE ${file%/file}"
    sbx run -- ./probe try remount "${file%/file}" && echo "REMOUNTED ${file%/file}"
    sbx run -- ./probe try umount "${file%/file}" && echo "UNMOUNTED ${file%/file}"
done || true
END
    run -0 in_mount_ns bash -eu script
    # Eight files, and one name has two lines.
    equal 9 "$(wc -l <"$T/o/outside")"
    unlike "$output" WRITABLE REMOUNTED UNMOUNTED
    unlike "$(cat "$T/o/writables")" 'o/tree'
    like "$output" '^done: open for writing'
}

@test "1,000 submounts: whole and read-only" {
    skip_unless mountns "no mount namespace can be made here"
    mkdir "$T/o/tree"
    cat >script <<'END'
./probe mounts 1000 "$T/o/tree"
for dir in "$T"/o/tree/m*; do echo >"$dir/file"; done
sbx run -- sh -c "ls $T/o/tree/*/file | wc -l"
sbx run -- ./probe facts >"$T/facts.json"
sbx run -- ./probe writables | grep -c o/tree || true
END
    run -0 in_mount_ns bash -eu script
    equal "1000 0" "$(xargs <<<"$output")"
    equal 1000 "$(fact '[.mounts[] | select(.target | startswith(env.T + "/o/tree/m")) | select(.options | index("ro"))] | length')"
}

@test "a mount made on the host after the start doesn't appear" {
    skip_unless mountns "no mount namespace can be made here"
    mkdir "$T/o/late" "$T/o/before"
    mkfifo "$T/o/ready" "$T/o/go"
    cat >inner <<'END'
echo ready >"$T/o/said"
i=0
while [ ! -e "$T/o/mounted" ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i + 1)); done
[ -e "$T/o/mounted" ] || echo "NEVER MOUNTED"
[ -e "$T/o/late/file" ] && echo "APPEARED"
echo overwritten 2>/dev/null >"$T/o/late/file" && echo "WRITTEN"
./probe try write "$T/o/late"
true
END
    cat >script <<'END'
mount -t tmpfs none "$T/o/before"
"$@" sh inner >"$T/o/result" &
i=0
until [ -s "$T/o/said" ] || [ $i = 200 ]; do sleep 0.05; i=$((i + 1)); done
mount -t tmpfs none "$T/o/late"
echo original >"$T/o/late/file"
touch "$T/o/mounted"
wait $!
cat "$T/o/result" "$T/o/late/file"
END
    # "said" has to be written from inside: a directory that is shown writable.
    cat >outer <<'END'
mount --make-rshared /
exec bash -eu script "$@"
END
    # The control: an ordinary slave copy shows it, writable.
    run -0 in_mount_ns bash -eu outer unshare -m --propagation slave
    like "$output" '^APPEARED$' '^WRITTEN$'

    rm -f "$T/o/said" "$T/o/mounted"
    mkdir "$T/o/said.d"
    sed -i 's,/o/said",/o/said.d/said",' inner script
    run -0 in_mount_ns bash -eu outer timeout -k 5 $((60 * SBX_TEST_SLOW)) "$SBX" run -e T --rw "$T/o/said.d" --
    unlike "$output" APPEARED WRITTEN 'NEVER MOUNTED'
    like "$output" '^refused:' '^original$'
}

@test "a mount made on the host below a writable directory doesn't appear either" {
    skip_unless mountns "no mount namespace can be made here"
    mkdir "$T/w/late"
    cat >inner <<'END'
echo ready >said
i=0
while [ ! -e mounted ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i + 1)); done
[ -e late/file ] && echo "APPEARED"
true
END
    cat >script <<'END'
mount --make-rshared /
timeout -k 5 $((60 * SBX_TEST_SLOW)) "$SBX" run --rw . -- sh inner >"$T/o/result" &
i=0
until [ -s said ] || [ $i = 200 ]; do sleep 0.05; i=$((i + 1)); done
mount -t tmpfs none late
touch late/file mounted
wait $!
cat "$T/o/result"
END
    run -0 in_mount_ns bash -eu script
    equal "" "$output"
}

# --- names ------------------------------------------------------------------------------------------

@test "the caller has a name inside, also where the account isn't in /etc/passwd" {
    equal "$(id -un)" "$(sbx run -- id -un)"
    need_root "only root can run as an account that isn't known"
    mkdir -m 777 "$T/o/w"
    cd "$T/o/w"
    run -0 setpriv --reuid 54321 --regid 54321 --clear-groups env HOME="$T/o/w" USER=ghost "$SBX" run -- id -u
    equal 54321 "$output"
}

@test "the host's /proc is never shown, by no option" {
    for options in "--ro /proc" "--rw /proc" "--ro /proc:/mnt" "--rw /proc:/tmp/proc"; do
        # shellcheck disable=SC2086 # words are meant
        sbx_fails "the host's '/proc' is never shown" '--proc rw' -- run $options -- true
    done
    ln -s /proc "$T/w/link"
    sbx_fails "the host's '/proc' is never shown" -- run --ro "$T/w/link:/mnt" -- true
}
