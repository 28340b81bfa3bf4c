#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The options that change the view, each with what it must not open.
# bats file_tags=options
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

# --- --ro, --rw -------------------------------------------------------------------------------

@test "--ro brings back what is hidden, read-only" {
    mkdir -p "$HOME/data"
    echo kept >"$HOME/data/file"
    echo other >"$HOME/other"
    run -0 sbx run --ro "$HOME/data" -- sh -c 'cat "$HOME/data/file"; ls -A "$HOME"'
    equal "kept data" "$(xargs <<<"$output")"
    refuses --ro "$HOME/data" -- write "$HOME/data"
    refuses --ro "$HOME/data" -- write "$HOME/data/file"
}

@test "--ro of a single file" {
    echo one >"$HOME/one"
    echo two >"$HOME/two"
    run -0 sbx run --ro "$HOME/one" -- sh -c 'cat "$HOME/one"; ls -A "$HOME"'
    equal "one one" "$(xargs <<<"$output")"
    refuses --ro "$HOME/one" -- write "$HOME/one"
}

@test "--ro SRC:DST shows it at another place" {
    echo content >"$T/o/file"
    run -0 sbx run --ro "$T/o:/tmp/here" -- cat /tmp/here/file
    equal content "$output"
    run -0 sbx run --ro "$T/o/file:/tmp/a/b/c" -- cat /tmp/a/b/c
    equal content "$output"
    run -0 sbx run --ro "$T/o:$HOME/deep/er" -- cat "$HOME/deep/er/file"
    equal content "$output"
    run -0 sbx run --ro "$T/o:/mnt" -- cat /mnt/file
    equal content "$output"
    refuses --ro "$T/o:/tmp/here" -- write /tmp/here/file
    permits --ro "$T/o:/tmp/here" -- write /tmp
}

@test "--rw: what is written goes to the host, there and nowhere else" {
    need_outside
    mkdir "$T/o/a" "$T/o/b"
    sbx run --rw "$T/o/a" -- sh -c "echo new >$T/o/a/file"
    equal new "$(cat "$T/o/a/file")"
    refuses --rw "$T/o/a" -- write "$T/o/b"
    refuses --rw "$T/o/a" -- write "$T/o"
    sbx run --rw "$T/o/a:/tmp/out" -- sh -c 'echo there >/tmp/out/other'
    equal there "$(cat "$T/o/a/other")"
    refuses --rw "$T/o/a:/tmp/out" -- write "$T/o/a"
}

@test "--rw of a single file" {
    need_outside
    echo old >"$T/o/file"
    sbx run --rw "$T/o/file" -- sh -c "echo new >$T/o/file"
    equal new "$(cat "$T/o/file")"
    refuses --rw "$T/o/file" -- write "$T/o"
}

@test "writable is still nosuid and nodev" {
    facts --rw .
    fact '[.mounts[] | select(.target == env.T + "/w")] | last | .options[]' >options
    like "$(cat options)" '^rw$' '^nosuid$' '^nodev$'
}

@test "noexec: nothing can be started from there" {
    cp "$PROBE" "$T/o/program"
    run -0 sbx run --ro "$T/o:/tmp/x" -- /tmp/x/program try loopback4
    run -126 sbx run --ro "$T/o:/tmp/x:noexec" -- /tmp/x/program try loopback4
    run -0 sbx run --ro "$T/o:/tmp/x:noexec" -- cat /tmp/x/program
}

@test "optional: a missing source is no error" {
    run -0 sbx run --ro "/no/such:/no/such:optional" -- true
    run -0 sbx run --rw "/no/such:/tmp/x:optional" -- true
    sbx_fails '/no/such' '--ro #1' -- run --ro /no/such -- true
    sbx_fails '/no/such' '--rw #2' -- run --rw . --rw /no/such -- true
}

@test "the longest rule decides, and of two for one path the later" {
    mkdir -p data/in/deep
    echo x >data/in/deep/file
    permits --rw data -- write "$T/w/data/in/deep"
    refuses --rw data --ro data/in -- write "$T/w/data/in/deep"
    refuses --ro data/in --rw data -- write "$T/w/data/in/deep"
    permits --ro data/in --rw data --rw data/in/deep -- write "$T/w/data/in/deep/file"
    permits --ro data --rw data -- write "$T/w/data"
    refuses --rw data --ro data -- write "$T/w/data"
    refuses --rw data --hide data/in -- read "$T/w/data/in/deep/file"
    permits --hide data --ro data/in/deep -- read "$T/w/data/in/deep/file"
}

@test "a colon and a backslash in a path can be written" {
    mkdir -p 'co:lon' 'back\slash'
    echo colon >'co:lon/file'
    echo backslash >'back\slash/file'
    run -0 sbx run --ro 'co\:lon:/tmp/x' -- cat /tmp/x/file
    equal colon "$output"
    run -0 sbx run --ro 'back\\slash:/tmp/x' -- cat /tmp/x/file
    equal backslash "$output"
    run -0 sbx run --ro 'co\:lon:/tmp/a\:b' -- cat /tmp/a:b/file
    equal colon "$output"
}

@test "names with spaces and newlines" {
    local name

    for name in 'a b' $'new\nline' '-dash' 'ünï'; do
        mkdir -- "$T/o/$name"
        echo x >"$T/o/$name/file"
        run -0 sbx run --ro "$T/o/$name:/tmp/$name" -- cat "/tmp/$name/file"
        permits --rw "$T/o/$name" -- write "$T/o/$name"
    done
}

@test "a relative path starts at the working directory" {
    mkdir data
    sbx run --rw ./data -- touch data/file
    [[ -e data/file ]]
    sbx run --rw data/../data -- touch data/other
    [[ -e data/other ]]
}

@test "a source that is a link: what it leads to, at the link's place" {
    mkdir "$HOME/real"
    echo x >"$HOME/real/file"
    ln -s real "$HOME/link"
    run -0 sbx run --ro "$HOME/link" -- cat "$HOME/link/file"
    equal x "$output"
}

@test "--rw keeps submounts, and they are writable as asked" {
    skip_unless mountns "no mount namespace can be made here"
    mkdir tree
    cat >script <<'END'
mkdir tree/sub
mount -t tmpfs none tree
mkdir tree/sub tree/ro
mount -t tmpfs none tree/sub
mount -t tmpfs -o ro none tree/ro
sbx run --rw tree -- sh -c './probe try write tree; ./probe try write tree/sub; ./probe try write tree/ro || true'
END
    run -0 in_mount_ns bash -eu script
    equal 2 "$(grep -c ^done <<<"$output")"
    equal 1 "$(grep -c ^refused <<<"$output")"
}

@test "--rw of a place that the caller can't write to doesn't help" {
    need_user
    refuses --rw /etc -- write /etc
    refuses --rw / -- write /
}

@test "--rw / keeps the private places and /proc as they are" {
    refuses --rw / -- write /proc/self/oom_score_adj
    refuses --rw / -- write /dev
    run -0 sbx run --rw / -- ls -A /tmp
    equal "" "$output"
}

@test "--rw of the home, from a directory in it: that directory is writable too" {
    mkdir "$HOME/project"
    cd "$HOME/project"
    run -0 sbx run --rw "$HOME" -- sh -c 'echo x >file && echo y >~/other'
    equal x "$(cat file)"
    equal y "$(cat "$HOME/other")"
}

@test "a link in the working directory, or in a directory that is shown, as interpreter" {
    mkdir -p "$HOME/project" "$HOME/opt" "$HOME/bin"
    cd "$HOME/project"
    ln -s /bin/sh interpreter
    printf '#!%s/interpreter\necho ran\n' "$PWD" >script
    chmod +x script
    run -0 sbx run -- ./script
    equal ran "$output"
    cp script "$HOME/opt/real"
    ln -s real "$HOME/opt/link"
    ln -s ../opt/link "$HOME/bin/linked"
    PATH=$HOME/bin:$PATH run -0 sbx run --ro "$HOME/opt" -- linked
    equal ran "$output"
}

@test "what a file names as its interpreter is shown only if it could be one" {
    mkdir -p "$HOME/.ssh" "$HOME/project/bin"
    echo TOPSECRET >"$HOME/.ssh/key"
    cd "$HOME/project"
    ln -s "$HOME/.ssh/key" link
    printf '#!%s/link\r\ncat ~/.ssh/key\n' "$PWD" >script
    printf '#!%s/.ssh/key\n' "$HOME" >bin/true
    ln -s "$HOME/.ssh/key" bin/x
    chmod +x script bin/true
    control read "$HOME/.ssh/key"
    run sbx run -- ./script
    unlike "$output" TOPSECRET
    PATH=$PWD/bin:$PATH run sbx run -- sh -c 'true; cat ~/.ssh/key'
    unlike "$output" TOPSECRET
    rm -r bin
    ln -s "$HOME/.ssh" bin
    PATH=$PWD/bin:$PATH run sbx run -- sh -c 'cat ~/.ssh/key'
    unlike "$output" TOPSECRET
}

@test "a link that an earlier command planted is no source" {
    mkdir "$T/o/victim"
    ln -s "$T/o/victim" out
    sbx_fails 'leads out of the writable' -- run --rw . --rw out -- true
    sbx_fails 'leads out of the writable' -- run --rw . -C out -- true
    run -0 sbx run --rw . --rw "$T/o/victim" -- true
    # what is copied, and what becomes the home
    echo TOPSECRET >"$T/o/victim/key"
    ln -s "$T/o/victim/key" file
    run -0 sbx run --file /tmp/copy=file -- cat /tmp/copy # the control: nothing is writable
    like "$output" TOPSECRET
    sbx_fails 'leads out of the writable' -- run --rw . --file /tmp/copy=file -- cat /tmp/copy
    sbx_fails 'leads out of the writable' -- run --rw . --file /tmp/copy=out/key -- cat /tmp/copy
    sbx_fails 'leads out of the writable' -- run --rw . --home out -- true
    mkdir home
    ln -s "$T/o/victim/key" home/file
    sbx_fails 'leads out of the writable' -- run --home home --file /tmp/copy=home/file -- true
}

# sbx reads it for itself as well, before it looks at what is to be copied.
@test "a file that sbx needs itself can be copied" {
    run -0 sbx run --file /tmp/one=/etc/passwd --file /tmp/two=/etc/hosts -- cat /tmp/one /tmp/two
    equal "$(cat /etc/passwd /etc/hosts)" "$output"
}

@test "nothing is written through a link that an earlier command planted" {
    mkdir "$T/o/victim" here
    echo victim >"$T/o/victim/r.json"
    ln -s "$T/o/victim" out
    ln -s here in
    sbx_fails 'leads out of the writable' -- run --rw . --report out/r.json -- true
    sbx_fails 'leads out of the writable' -- run --rw . --attest out/r.json -- true
    equal victim "$(cat "$T/o/victim/r.json")"
    run -0 sbx run --rw . --report in/r.json --attest in/a.json -- true
    [[ -s here/r.json && -s here/a.json ]]
    # a run without a plan doesn't know what is writable, and follows none
    sbx_fails 'Too many levels of symbolic links' -- run --report out/r.json --ro "$T/none" -- true
    equal victim "$(cat "$T/o/victim/r.json")"
    run -0 sbx run --report out/r.json -- true # the control
    like "$(cat "$T/o/victim/r.json")" '"exited"'
}

# --- --hide, --tmpfs --------------------------------------------------------------------------

@test "--hide shows nothing: of a directory, of a file" {
    need_outside
    mkdir "$T/o/dir"
    echo x | tee "$T/o/dir/file" >"$T/o/file"
    run -0 sbx run --hide "$T/o/dir" --hide "$T/o/file" -- sh -c "ls -A $T/o/dir; cat $T/o/file 2>/dev/null || true"
    equal "" "$output"
    refuses --hide "$T/o/dir" -- write "$T/o/dir"
    refuses --hide "$T/o/file" -- read "$T/o/file"
    # the later word wins over an earlier --rw of the same place
    cp "$PROBE" "$T/o/probe"
    run -1 sbx run --rw . --hide "$T/w" --cd / -- "$T/o/probe" try write "$T/w"
    like "$output" '^refused:'
}

@test "--hide of what isn't there does nothing; of a link, what it leads to" {
    run -0 sbx run --hide /no/such/thing -- true
    echo secret >"$T/o/secret"
    ln -s secret "$T/o/link"
    refuses --hide "$T/o/link" -- find "$T/o/secret" secret
    refuses --hide "$T/o/link" -- find "$T/o/link" secret
}

@test "--tmpfs: empty, writable, private, with size and mode" {
    mkdir "$T/o/dir"
    echo x >"$T/o/dir/file"
    run -0 sbx run --tmpfs "$T/o/dir" -- sh -c "ls -A $T/o/dir; touch $T/o/dir/new; ls $T/o/dir; stat -c %a $T/o/dir"
    equal "new 755" "$(xargs <<<"$output")"
    equal file "$(ls -A "$T/o/dir")"
    run -0 sbx run --tmpfs "$T/o/dir:mode=1777,size=64K" -- sh -c "stat -c %a $T/o/dir; head -c 1M /dev/zero >$T/o/dir/f; stat -c %s $T/o/dir/f"
    like "$output" '^1777$' '^65536$'
    run -0 sbx run --tmpfs "$HOME/a/b/c" -- touch "$HOME/a/b/c/x"
    run -0 sbx run --tmpfs /tmp/a/b/c:size=1M -- touch /tmp/a/b/c/x
}

@test "--tmpfs where there is no such directory to mount on: 125" {
    sbx_fails 'no/such' -- run --tmpfs /usr/no/such -- true
}

# --- --file, --dev-node -------------------------------------------------------------------------

@test "--file: a read-only copy" {
    echo content >source
    run -0 sbx run --file /tmp/copy=source -- cat /tmp/copy
    equal content "$output"
    run -0 sbx run --file /etc/hosts=source -- cat /etc/hosts
    equal content "$output"
    run -0 sbx run --file "$HOME/.config/x/y=source" -- cat "$HOME/.config/x/y"
    equal content "$output"
    refuses --file /tmp/copy=source -- write /tmp/copy
    run -0 sbx run --file '/tmp/a\=b=source' -- cat /tmp/a=b
    equal content "$output"
    # It is a copy: the host's file isn't reached through it.
    refuses --rw . --file /tmp/copy=source -- truncate /tmp/copy
    equal content "$(cat source)"
}

@test "--file of 3 MiB, of an empty file, of bytes that aren't text" {
    head -c 3M /dev/urandom >big
    equal "$(sha256sum <big)" "$(sbx run --file /tmp/x=big -- sha256sum /tmp/x | sed 's,/tmp/x,-,')"
    : >empty
    run -0 sbx run --file /tmp/x=empty -- stat -c %s /tmp/x
    equal 0 "$output"
}

@test "--file of what isn't a file: 125" {
    sbx_fails '/no/such' -- run --file /tmp/x=/no/such -- true
    sbx_fails '.' -- run --file /tmp/x=/etc -- true
    mkfifo fifo
    sbx_fails 'fifo' -- run --file /tmp/x=fifo -- true
    sbx_fails '/dev/zero' -- run --file /tmp/x=/dev/zero -- true
}

@test "--dev-node: this device, no other" {
    local device

    for device in /dev/kvm /dev/fuse /dev/net/tun /dev/loop-control /dev/kmsg /dev/ptmx; do
        [[ -c $device && $device != /dev/ptmx ]] || continue
        run -0 sbx run --dev-node "$device" -- stat -c %t:%T "$device"
        equal "$(stat -c %t:%T "$device")" "$output"
        run -1 sbx run -- stat -c %t:%T "$device"
        return
    done
    skip "no further device here"
}

@test "--dev-node of what is no device: 125" {
    sbx_fails '/etc/passwd' -- run --dev-node /etc/passwd -- true
    sbx_fails '/dev/no-such' -- run --dev-node /dev/no-such -- true
}

# --- --home, --cd --------------------------------------------------------------------------------

@test "--home host: the caller's own, read-only" {
    echo mine >"$HOME/file"
    run -0 sbx run --home host -- cat "$HOME/file"
    equal mine "$output"
    refuses --home host -- write "$HOME"
}

@test "--home DIR: this directory, writable, in the home's place" {
    mkdir "$T/o/fake"
    echo fake >"$T/o/fake/file"
    echo real >"$HOME/file"
    run -0 sbx run --home "$T/o/fake" -- sh -c 'cat "$HOME/file"; echo new >"$HOME/new"; echo "$HOME"'
    equal "fake $HOME" "$(xargs <<<"$output")"
    equal new "$(cat "$T/o/fake/new")"
    [[ ! -e $HOME/new ]]
}

@test "--home private is the default; a missing DIR is an error" {
    echo real >"$HOME/file"
    run -0 sbx run --home private -- ls -A "$HOME"
    equal "" "$output"
    sbx_fails '/no/such' -- run --home /no/such -- true
    sbx_fails '.' -- run --home /etc/passwd -- true
}

@test "-C: the command's working directory" {
    run -0 sbx run -C /usr -- pwd
    equal /usr "$output"
    run -0 sbx run --cd /tmp -- sh -c 'pwd; touch here'
    equal /tmp "$output"
    mkdir sub
    run -0 sbx run -C sub -- pwd
    equal "$T/w/sub" "$output"
    run -0 sbx run -C "$HOME" -- pwd
    equal "$HOME" "$output"
}

@test "-C to where nothing is: 125" {
    sbx_fails '/no/such' -- run -C /no/such -- true
    sbx_fails '/etc/passwd' -- run -C /etc/passwd -- true
    # The message gets through each time.
    for _ in {1..50}; do
        sbx_fails '/no/such' -- run -C /no/such -- true
    done
}

@test "-C of a place in the home shows that place at most, read-only" {
    mkdir "$HOME/secret" "$HOME/other"
    cp probe "$HOME/secret/"
    echo x >"$HOME/other/file"
    run sbx run -C "$HOME/secret" -- "$T/w/probe" try write .
    ((status != 0))
    run sbx run -C "$HOME/secret" -- "$T/w/probe" try read "$HOME/other/file"
    ((status != 0))
}

@test "--name is kept to what a name may be" {
    run -0 sbx run --name build-1.x_y -- true
    sbx_fails 'name' -- run --name '' -- true
    sbx_fails 'name' -- run --name 'a b' -- true
    sbx_fails 'name' -- run --name '../x' -- true
    sbx_fails 'name' -- run --name "$(printf 'x%.0s' {1..64})" -- true
}
