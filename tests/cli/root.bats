#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --root DIR: a directory tree as the root of the view.  SBX_TEST_TREE is a tar file with a Debian
# system, as mmdebstrap makes it; `./dev test` makes one in the build folder.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

setup_file() {
    [[ -n ${SBX_TEST_TREE:-} ]] || return 0
    mkdir "$BATS_FILE_TMPDIR/debian"
    tar -C "$BATS_FILE_TMPDIR/debian" --exclude='./dev/*' -xf "$SBX_TEST_TREE"
}

setup() {
    common_setup
    DEBIAN=$BATS_FILE_TMPDIR/debian
}

has_debian_tree() { [[ -e $DEBIAN/etc/debian_version ]]; }
has_busybox() { [[ -x /bin/busybox ]] && file -L /bin/busybox | grep -q 'statically linked'; }

need_debian() {
    skip_unless debian_tree "SBX_TEST_TREE names no tar file of a Debian system"
}

# one_tree: $T/one, with one file in it
one_tree() {
    mkdir "$T/one"
    cp "$PROBE" "$T/one/probe"
}

# in_tree [OPTION...] -- COMMAND...: with the tree of one file
in_tree() {
    sbx run --root "$T/one" "$@"
}

# try_in_tree STATUS [OPTION...] -- TRY...: with the probe of the tree
try_in_tree() {
    local status=$1
    local -a options=()

    shift
    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    run "-$status" in_tree "${options[@]}" -- /probe try "${@:2}"
}

# tree_refuses, tree_permits [OPTION...] -- TRY...: as refuses and permits
tree_refuses() {
    try_in_tree 1 "$@"
    like "$output" '^refused:'
}

tree_permits() {
    try_in_tree 0 "$@"
    like "$output" '^done:'
}

# variables NAME...: what the facts in $output have of them
variables() {
    jq -c '.environ | map(select(split("=")[0] | IN($ARGS.positional[]))) | sort' --args "$@" <<<"$output"
}

# --- a whole system -------------------------------------------------------------------------

@test "a Debian tree: its programs, its users, its PATH and HOME" {
    need_debian
    run -0 --separate-stderr env FOO=bar PATH="$PATH:/nowhere" USER=somebody \
        "$SBX" run --root "$DEBIAN" -- sh -c 'cat /etc/debian_version; pwd; id -un; env'
    like "$output" "^$(cat "$DEBIAN/etc/debian_version")\$" '^/$' "^$(id -un)\$" \
        '^PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin$' "^USER=$(id -un)\$" \
        "^HOME=$(getent passwd "$(id -u)" | cut -d: -f6)\$"
    unlike "$output" FOO= nowhere somebody
    equal "" "$stderr"
}

@test "a Debian tree: every mount but the private ones is read-only, and nothing is nosuid's way out" {
    need_debian
    run -0 sbx run --root "$DEBIAN" -- mount
    like "$output" ' on / .*[(,]ro[,)]' ' on /proc type proc \(ro,' ' on /sys type sysfs \(ro,' \
        ' on /dev type tmpfs \(ro,'
    unlike "$(grep -v -e ' on /dev/pts ' -e ' on /dev/shm ' -e ' on /run ' -e ' on /tmp ' \
        -e ' on /var/tmp ' -e " on $(getent passwd "$(id -u)" | cut -d: -f6) " <<<"$output")" '[(,]rw[,)]'
    unlike "$(grep -v ' on /dev/' <<<"$output")" '\((..,)?((dev|relatime|noexec)[,)])*[^)]*[(,]suid[,)]'
}

@test "a Debian tree: a shell script, python's absence, and a user's own directory in it" {
    need_debian
    printf '#!/bin/bash\necho "$BASH_VERSION" in "$PWD"\n' >script
    chmod +x script
    run -0 sbx run --root "$DEBIAN" -w . -- ./script
    like "$output" "^[0-9]+\..* in $T/w\$"
    run -127 sbx run --root "$DEBIAN" -- surely-not-there
    like "$output" 'not found' 'hint: .*tree'
}

@test "a Debian tree: what dpkg would do in a writable one" {
    need_debian
    cp -a "$DEBIAN" "$T/copy"
    run -0 sbx run --root "$T/copy" -w / -- sh -c \
        'echo x >/opt/new && dpkg -l base-files | tail -1 && touch /usr/bin/mine && chmod +x /usr/bin/mine'
    like "$output" '^ii +base-files'
    [[ -e $T/copy/opt/new && -x $T/copy/usr/bin/mine ]]
}

# --- read-only, all of it -------------------------------------------------------------------

@test "the tree is read-only, and with -w / it is not" {
    one_tree
    tree_refuses -- create /new
    tree_refuses -- write /probe
    tree_refuses -- unlink /probe
    tree_refuses -- remount /
    tree_refuses -- mount_setattr /
    run -0 env -C "$T/one" ./probe try create new
    rm "$T/one/new"
    mkdir "$T/one/sub"
    tree_permits -w / -- create /sub/new
    [[ -e $T/one/sub/new ]]
}

@test "with -w / the missing mount points are made in the tree, and nothing else" {
    one_tree
    mkdir "$T/one/root"
    tree_permits -w / --home host -- create /new
    equal "dev new probe proc root run sys tmp" "$(cd "$T/one" && echo *)"
    equal "" "$(find "$T/one"/{dev,proc,run,sys,tmp} -mindepth 1)"
}

@test "/dev, /sys and /proc are there and read-only, by the same command" {
    one_tree
    tree_permits -- read /dev/zero
    tree_permits -- read /proc/self/status
    tree_permits -- read /sys/kernel/mm/transparent_hugepage/enabled
    tree_refuses -- create /dev/new
    tree_refuses -- write /proc/sys/kernel/core_pattern
    tree_refuses -- write /sys/kernel/mm/transparent_hugepage/enabled
    tree_refuses -- read /proc/kcore
    run -0 in_tree -- /probe facts
    equal '["0000000000000000"]' "$(jq -c '[.caps[]] | unique' <<<"$output")"
    equal '["ro"]' "$(jq -c '[.mounts[] | select(.target == "/" or .target == "/proc" or .target == "/sys"
        or .target == "/dev") | .options[] | select(. == "ro" or . == "rw")] | unique' <<<"$output")"
}


@test "host submounts below /sys and /proc are mirrored, read-only" {
    need_debian
    skip_unless mountns "no mount namespaces here"
    cat >script <<'END'
mount -t tmpfs sub /sys/block
echo "of the host" >/sys/block/host
if [[ $1 == root ]]; then
    mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
    echo "1 1" >uptime
    mount --bind uptime /proc/uptime
fi
sbx run --root "$DEBIAN" -- mount
sbx run --root "$DEBIAN" -- cat /sys/block/host
sbx run --root "$DEBIAN" -- sh -c 'echo no >/sys/block/host' || echo refused
[[ $1 != root ]] || sbx run --root "$DEBIAN" -- cat /proc/uptime
END
    export DEBIAN
    if has_binfmt >/dev/null 2>&1; then
        run -0 in_mount_ns bash -eu script root
        like "$output" ' on /proc/sys/fs/binfmt_misc type binfmt_misc \(ro,' ' on /proc/uptime .*\(ro,' \
            '^1 1$'
    else
        run -0 in_mount_ns bash -eu script user
    fi
    like "$output" 'sub on /sys/block type tmpfs \(ro,' '^of the host$' '^refused$'
    unlike "$(grep -E ' on /(sys|proc)' <<<"$output")" '[(,]rw[,)]'
}

@test "host submounts below the tree are mirrored, read-only, however many" {
    one_tree
    mkdir "$T/one/many"
    cat >script <<'END'
"$PROBE" mounts 50 "$T/one/many"
sbx run --root "$T/one" -- /probe writables
sbx run --root "$T/one" -- /probe facts >facts.json
END
    skip_unless mountns "no mount namespaces here"
    run -0 in_mount_ns bash -eu script
    unlike "$output" many
    equal 50 "$(jq '[.mounts[] | select(.target | startswith("/many/"))] | length' facts.json)"
}

# --- a tree of one file ---------------------------------------------------------------------

@test "a tree of one file: busybox, and the rest is made around it" {
    skip_unless busybox "there is no static busybox"
    mkdir "$T/one"
    cp /bin/busybox "$T/one/busybox"
    run -0 in_tree -- /busybox sh -c '/busybox echo $HOME; /busybox ls /; /busybox id -u; /busybox mount'
    like "$output" '^busybox$' '^dev$' '^proc$' '^sys$' '^tmp$' "^$(id -u)\$" ' on / type tmpfs \(ro,'
    unlike "$(grep -v -E ' on /(dev/pts|dev/shm|run|tmp|root|home/[^ ]*) ' <<<"$output")" '[(,]rw[,)]'
    equal busybox "$(ls "$T/one")"
    run -1 in_tree -- /busybox touch /new
    like "$output" 'Read-only'
}

@test "the working directory is shown at its own place, in a tree that has no such place" {
    one_tree
    run -0 in_tree -w . -- ./probe try create "$T/w/made"
    [[ -e $T/w/made ]]
    run -0 in_tree --ro . -- ./probe try read "$T/w/probe"
    tree_refuses --ro . -- create "$T/w/more"
}

@test "a rebuilt directory shows all that was in it, links too, and can't be changed" {
    one_tree
    mkdir -p "$T/one/home/other" "$T/one/usr/bin"
    ln -s usr/bin "$T/one/bin"
    echo text >"$T/one/home/file"
    cp "$PROBE" "$T/one/usr/bin/"
    run -0 in_tree --tmpfs /home/new/deep -- /bin/probe try find /home/file text
    tree_permits --tmpfs /home/new/deep -- create /home/new/deep/x
    tree_refuses --tmpfs /home/new/deep -- create /home/x
    tree_refuses --tmpfs /home/new/deep -- unlink /home/file
    tree_refuses --tmpfs /home/new/deep -- unlink /bin
}

@test "a directory with too much in it is not rebuilt: 125, and what to do" {
    one_tree
    mkdir "$T/one/full"
    (cd "$T/one/full" && touch {1..600})
    sbx_fails '/full.*too much' 'make it in the tree' -- run --root "$T/one" --tmpfs /full/new -- /probe facts
    mkdir "$T/one/full/new"
    tree_permits --tmpfs /full/new -- create /full/new/x
}

# --- where it starts ------------------------------------------------------------------------

@test "the command starts where the view shows the caller's directory, else in /" {
    one_tree
    mkdir -p "$T/one/sub/deep" "$T/w/below"
    pwd_of() { in_tree "$@" -- /probe facts | jq -r .cwd; }
    equal / "$(pwd_of)"
    equal "$T/w" "$(pwd_of -w .)"
    equal /src "$(pwd_of -w .:/src)"
    equal /src/below "$(cd below && pwd_of -w ..:/src)"
    equal /sub/deep "$(cd "$T/one/sub/deep" && pwd_of)"
    equal /sub "$(pwd_of -C /sub)"
    equal /src/below "$(pwd_of -w .:/src -C below)"
    mkdir -p "$T/one/tmp/here"
    equal /tmp/here "$(cd "$T/one/tmp/here" && pwd_of)"
}

# --- users ----------------------------------------------------------------------------------

@test "a user that the tree doesn't know has a name and an empty home there" {
    one_tree
    mkdir "$T/one/etc"
    echo 'somebody:x:4711:4711::/home/somebody:/bin/sh' >"$T/one/etc/passwd"
    run -0 in_tree -- /probe try find /etc/passwd "$(id -un):x:$(id -u):"
    run -0 in_tree -- /probe try find /etc/passwd somebody
    home=$(getent passwd "$(id -u)" | cut -d: -f6)
    tree_permits -- create "$home/new"
    equal somebody "$(cut -d: -f1 "$T/one/etc/passwd")"
}

@test "the home is the tree's: empty and private, shown with --home host, or --home DIR" {
    one_tree
    mkdir -p "$T/one/etc" "$T/one/home/me"
    echo "me:x:$(id -u):$(id -g)::/home/me:/bin/sh" >"$T/one/etc/passwd"
    echo text >"$T/one/home/me/file"
    is_root || sed -i "s/x:$(id -u):/x:1234:/" "$T/one/etc/passwd"
    is_root || set -- --uid 1234
    run -0 in_tree "$@" -- /probe facts
    equal '["HOME=/home/me","USER=me"]' "$(variables HOME USER)"
    tree_refuses "$@" -- read /home/me/file
    tree_permits "$@" -- create /home/me/new
    tree_permits "$@" --home host -- read /home/me/file
    tree_refuses "$@" --home host -- create /home/me/new
    tree_permits "$@" --home "$T/o" -- create /home/me/new
    [[ -e $T/o/new ]]
}

@test "the tree's passwd can't name /proc or /dev as the home, nor two users as one" {
    one_tree
    mkdir "$T/one/etc"
    echo "me:x:$(id -u):$(id -g)::/proc:/bin/sh" >"$T/one/etc/passwd"
    run -0 in_tree -- /probe facts
    equal '["HOME=/"]' "$(variables HOME)"
    tree_permits -- read /proc/self/status
    echo "$(id -un):x:4711:4711::/home/me:/bin/sh" >"$T/one/etc/passwd"
    run -0 in_tree -- /probe facts
    equal '[]' "$(variables USER LOGNAME)"
}

@test "started by root: the tree's shadow is hidden too" {
    need_root
    one_tree
    mkdir "$T/one/etc"
    echo 'root:$6$hash' >"$T/one/etc/shadow"
    tree_refuses -- find /etc/shadow hash
    control find "$T/one/etc/shadow" hash
}

# --- links ----------------------------------------------------------------------------------

@test "absolute links lead within the tree" {
    one_tree
    mkdir -p "$T/one/usr/bin" "$T/one/data"
    ln -s /usr/bin "$T/one/bin"
    mv "$T/one/probe" "$T/one/usr/bin/probe"
    ln -s /data "$T/one/link"
    run -0 in_tree -- /bin/probe try read /bin/probe
    run -0 in_tree -w "$T/o:/link/sub" -- /bin/probe try create /data/sub/made
    [[ -e $T/o/made ]]
}

@test "hostile links lead nowhere: /tmp, /run, /etc/passwd, /etc/hosts, /etc/resolv.conf, a target" {
    one_tree
    echo secret >"$T/o/secret"
    mkdir "$T/one/etc"
    up=../../../../../../../../..
    for name in tmp run var; do
        ln -s "$T/o" "$T/one/$name"
    done
    ln -s "$up$T/o/secret" "$T/one/etc/passwd"
    ln -s "$T/o/secret" "$T/one/etc/hosts"
    ln -s "$up$T/o/made" "$T/one/etc/resolv.conf"
    ln -s "$up$T/o" "$T/one/target"
    before=$(find "$T/o" | sort)
    for options in "" "-n host-abstract" "--tmpfs /target/x" "--ro $T/home:/target/y"; do
        # shellcheck disable=SC2086 # words are meant
        for file in /etc/passwd /etc/hosts /target/secret "$T/o/secret"; do
            run in_tree $options -- /probe try find "$file" secret
            unlike "$output" '^done:'
        done
    done
    equal "$before" "$(find "$T/o" | sort)"
    # and where the tree is writable nothing is made behind a link
    run in_tree -w / -w "$T/w:/target/deep/x" -- /probe try read /probe
    equal "$before" "$(find "$T/o" | sort)"
    control find "$T/one/etc/hosts" secret
}

@test "a tree whose /proc, /sys or /dev is a link or a file: 125, and why" {
    one_tree
    for name in proc sys dev; do
        ln -s /probe "$T/one/$name"
        sbx_fails "/$name.*link" -- run --root "$T/one" -- /probe facts
        rm "$T/one/$name"
        echo file >"$T/one/$name"
        sbx_fails "/$name.*no directory" -- run --root "$T/one" -- /probe facts
        rm "$T/one/$name"
    done
    ln -s proc "$T/one/proc"
    sbx_fails '/proc' -- run --root "$T/one" -- /probe facts
}

@test "a fifo as the tree's passwd doesn't stop the start" {
    one_tree
    mkdir "$T/one/etc"
    mkfifo "$T/one/etc/passwd" "$T/one/etc/hosts"
    run -0 timeout $((20 * SBX_TEST_SLOW)) "$SBX" run --root "$T/one" -- /probe try read /probe
}

@test "what an earlier command left as links is not followed by a later grant" {
    one_tree
    mkdir "$T/one/job"
    tree_permits -w / -- create /job/x
    rm -r "$T/one/job"
    ln -s "$T/o" "$T/one/job"
    sbx_fails 'leads out of the writable' -- run --root "$T/one" -w / --ro "$T/one/job:/probe2" -- /probe facts
    run in_tree -w / --hide /job/x -w "$T/w:/job/y" -- /probe try read /probe
    equal "" "$(ls "$T/o")"
}

# --- where the tree is ----------------------------------------------------------------------

@test "the tree may be a mount point, on a tmpfs, below a symlink, named relatively" {
    one_tree
    skip_unless mountns "no mount namespaces here"
    cat >script <<'END'
mkdir "$T/point"
mount -t tmpfs tree "$T/point"
cp "$PROBE" "$T/point/probe"
sbx run --root "$T/point" -- /probe try read /probe
! sbx run --root "$T/point" -- /probe try create /new
ln -s "$T/point" link
sbx run --root link -- /probe try read /probe
cd "$T/point"
sbx run --root . -- ./probe try read /proc/self/status
END
    run -0 in_mount_ns bash -eu script
    equal 3 "$(grep -c '^done:' <<<"$output")"
}

@test "the tree may lie in the caller's hidden home, or in /tmp, and nothing else of that shows" {
    mkdir "$HOME/tree" "$HOME/other"
    cp "$PROBE" "$HOME/tree/probe"
    echo secret >"$HOME/other/secret"
    run -0 sbx run --root "$HOME/tree" -- /probe try read /probe
    run -1 sbx run --root "$HOME/tree" -- /probe try find "$HOME/other/secret" secret
    tmp=$(mktemp -d /tmp/sbx-tree.XXXXXXXX)
    cp "$PROBE" "$tmp/probe"
    run -0 sbx run --root "$tmp" -- /probe try read /probe
    rm -r "$tmp"
}

@test "the home itself as the tree is what was asked for: all of it shows, sockets don't" {
    cp "$PROBE" "$HOME/probe"
    echo text >"$HOME/file"
    background "$PROBE" listen-unix "$HOME/socket"
    wait_until test -S "$HOME/socket"
    run -0 sbx run --root "$HOME" -- /probe try find /file text
    run -1 sbx run --root "$HOME" -- /probe try connect-unix /socket
    run -1 sbx run --root "$HOME" -- /probe try create /new
}

@test "--root / : the host's own tree, with homes and sockets hidden as always" {
    echo secret >"$HOME/secret"
    run -0 sbx run --root / --ro . -- ./probe try read /etc/passwd
    run -1 sbx run --root / --ro . -- ./probe try find "$HOME/secret" secret
    control find "$HOME/secret" secret
}

@test "a tree above the caller's home hides the home" {
    echo secret >"$HOME/secret"
    cp "$PROBE" "$T/probe"
    run -0 sbx run --root "$T" -- /probe try read /probe
    run -1 sbx run --root "$T" -- /probe try find /home/secret secret
    control find "$HOME/secret" secret
}

@test "a tree that isn't there, is a file, or can't be reached: 125, and why" {
    sbx_fails "nothing" 'No such file' 'debootstrap' -- run --root "$T/nothing" -- true
    sbx_fails "probe" 'Not a directory' -- run --root ./probe -- true
    is_root || sbx_fails 'Permission denied' 'access' -- run --root /root/tree -- true
    run -125 sbx run --root
    run -125 sbx run --root "" -- true
    like "$output" '^sbx: --root'
}

# --- sockets, the network, limits, profiles -------------------------------------------------

@test "a socket in the tree is hidden" {
    one_tree
    background "$PROBE" listen-unix "$T/one/socket"
    wait_until test -S "$T/one/socket"
    control connect-unix "$T/one/socket"
    tree_refuses -- connect-unix /socket
    mkdir "$T/one/dir"
    tree_refuses --tmpfs /new -- connect-unix /socket
    tree_refuses --tmpfs /dir/x -- connect-unix /socket
}

@test "with a network, resolv.conf is the host's, whatever the tree has" {
    [[ -s /etc/resolv.conf ]] || skip "this host has no resolv.conf"
    one_tree
    word=$(grep -m 1 -o '[^ ]*$' /etc/resolv.conf)
    mkdir "$T/one/etc"
    tree_refuses -- find /etc/resolv.conf "$word"
    tree_permits -n host-abstract -- find /etc/resolv.conf "$word"
    run -0 sbx plan --root "$T/one" -w / -n host-abstract -- /probe
    like "$output" "no '/etc/resolv.conf' in the writable tree"
    tree_permits -w / -n host-abstract -- read /proc/self/status
    [[ ! -e $T/one/etc/resolv.conf ]]
    echo "nameserver 192.0.2.1" >"$T/one/etc/resolv.conf"
    tree_permits -w / -n host-abstract -- find /etc/resolv.conf "$word"
    tree_permits -- find /etc/resolv.conf 192.0.2.1
    tree_permits -n host-abstract -- find /etc/resolv.conf "$word"
    ln -sf ../run/systemd/resolve/stub-resolv.conf "$T/one/etc/resolv.conf"
    tree_permits -n host-abstract -- find /etc/resolv.conf "$word"
}

@test "a profile applies, and is chosen by a program that is root's in a tree that is root's" {
    one_tree
    mkdir -p "$T/one/usr/bin"
    cp "$PROBE" "$T/one/usr/bin/xz"
    chosen() { sbx plan --root "$T/one" "$@" 2>&1 | head -n 1; }
    if is_root; then
        like "$(chosen -- xz facts)" '^profile xz '
        chmod 777 "$T/one/usr"
        like "$(chosen -- xz facts)" '^profile default '
        chmod 755 "$T/one/usr"
        chown 12345 "$T/one"
        like "$(chosen -- xz facts)" '^profile default '
    else
        like "$(chosen -- xz facts)" '^profile default .*others than root'
    fi
    like "$(chosen -p xz -- xz facts)" '^profile xz '
    if is_root; then
        chown 0 "$T/one"
        like "$(chosen -- xz facts)" '^profile xz '
        like "$(chosen --ro "$T/w:/usr/local/bin" -- xz facts)" '^profile default .*something else'
        like "$(chosen --ro "$T/w:/usr/bin/xz" -- xz facts)" '^profile default .*something else'
        like "$(chosen --ro "$T/w:/job" -- xz facts)" '^profile xz '
        like "$(chosen -w / -- xz facts)" '^profile xz '
    fi
    # what is mounted over the tree is not the tree's
    like "$(chosen -w .:/usr/bin -- ./xz facts)" '^profile default '
}

@test "an ordinary user with a covered /proc: 125, the reason and the way out" {
    skip_unless userns "no user namespaces here"
    one_tree
    echo "1 1" >uptime
    cat >script <<'END'
mount --bind uptime /proc/uptime
exec unshare -Ur "$SBX" run --root "$T/one" -- /probe facts
END
    run in_mount_ns bash -eu script
    equal 125 "$status"
    like "$output" '/proc' 'hint: .*whole'
}

@test "sbx plan --root prints where each part comes from" {
    one_tree
    run -0 sbx plan --root "$T/one" --json -- /probe
    jq -e . <<<"$output" >/dev/null
    run -0 sbx plan --root "$T/one" -- /probe
    like "$output" "bind +/probe from $T/one/probe read-only.*\\[--root\\]" 'seal +/ read-only.*\[--root\]'
}

@test "killed at once, nothing of it is left" {
    one_tree
    word=$(token)
    background "$SBX" run --root "$T/one" -- /probe hold "$word"
    pid=$!
    wait_until is_marked "$word"
    kill -9 "$pid"
    wait_until none_marked "$word"
    unlike "$(cat /proc/self/mountinfo)" "$T/one"
}

# --- found by review ------------------------------------------------------------------------

@test "started by root: links above the list of secrets don't stop a run, and hide no less" {
    one_tree
    mkdir -p "$T/one/data/etc/ssl/private" "$T/one/data/spool/cron"
    echo secret >"$T/one/data/etc/ssl/private/key"
    echo 'root:hash' >"$T/one/data/etc/shadow"
    ln -s data/etc "$T/one/etc"
    mkdir "$T/one/var"
    ln -s ../data/spool "$T/one/var/spool"
    ln -s /data/nothing "$T/one/boot"
    ln -s loop "$T/one/var/lib"
    tree_permits -- read /proc/self/status
    ! is_root || tree_refuses -- find /data/etc/ssl/private/key secret
    ! is_root || tree_refuses -- find /etc/shadow hash
}

@test "an absolute link to what is missing: the place is made in the view" {
    one_tree
    mkdir -p "$T/one/etc"
    ln -s /srv/dns/rc "$T/one/etc/resolv.conf"
    ln -s /opt/x/hosts "$T/one/etc/hosts"
    echo text >"$T/o/text"
    [[ ! -s /etc/resolv.conf ]] ||
        tree_permits -n host-abstract -- find /srv/dns/rc "$(grep -m 1 -o '[^ ]*$' /etc/resolv.conf)"
    tree_permits --file "/etc/hosts=$T/o/text" -- find /opt/x/hosts text
}

@test "a home below /home is private whatever the uid, and any where --home private is said" {
    one_tree
    mkdir -p "$T/one/etc" "$T/one/home/me" "$T/one/usr/sbin"
    for home in /home/me /usr/sbin; do
        echo "me:x:99:99::$home:/bin/sh" >"$T/one/etc/passwd"
        [[ $home == /usr/sbin ]] || tree_permits --uid 99 -- create $home/new
        [[ $home == /home/me ]] || tree_refuses --uid 99 -- create $home/new
        tree_permits --uid 99 --home private -- create $home/new
    done
}

@test "the caller's directory in a hidden home is still where the command starts" {
    mkdir -p "$HOME/job"
    cp "$PROBE" "$HOME/job/probe"
    cp "$PROBE" "$T/probe"
    echo secret >"$HOME/secret"
    cd "$HOME/job"
    run -0 sbx run --root / -- "$HOME/job/probe" facts
    equal "$HOME/job" "$(jq -r .cwd <<<"$output")"
    run -0 sbx run --root "$T" -- /probe facts
    equal /home/job "$(jq -r .cwd <<<"$output")"
    run -1 sbx run --root "$T" -- /probe try find /home/secret secret
}

@test "a writable tree that the caller can't write to and that lacks mount points: 125, and why" {
    need_root
    one_tree
    chmod 755 "$T/one"
    run -125 as_nobody env HOME=/ "$SBX" run --root "$T/one" -w / -- /probe facts
    like "$output" "make the host's directory $T/one/" 'Permission denied' 'hint: .*mount point'
    mkdir "$T/closed"
    chmod 700 "$T/closed"
    run -125 as_nobody env HOME=/ "$SBX" run --root "$T/closed" -- /probe facts
    like "$output" 'Permission denied' 'hint: .*access'
}

@test "a /tmp that is a link to /dev doesn't take the devices away" {
    one_tree
    ln -s dev "$T/one/tmp"
    ln -s dev "$T/one/run"
    tree_permits -- read /dev/zero
    tree_refuses -- create /dev/new
}

@test "a host whose /proc is a link to where procfs lies" {
    need_root
    skip_unless busybox "there is no static busybox"
    mkdir host r
    cp /bin/busybox r/busybox
    copy_sbx "$T/o"
    cat >script <<'END'
mount -t tmpfs x host
for name in bin etc lib lib64 sbin usr var srv dev sys tmp home; do
    if [[ -L /$name ]]; then
        cp -a "/$name" host
    elif [[ -d /$name ]]; then
        mkdir "host/$name"
        mount --rbind "/$name" "host/$name"
    fi
done
mkdir -p host/opt/proc host/old
mount -t proc x host/opt/proc
ln -s opt/proc host/proc
pivot_root host host/old
umount -l /old
cd "$T/w"
exec "$T/o/sbx" run --root "$T/w/r" -- /busybox echo fine
END
    run -0 in_mount_ns bash -eu script
    equal fine "$output"
}
