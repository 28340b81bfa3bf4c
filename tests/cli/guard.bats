#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What stays as it is below a writable directory: what was asked for read-only or hidden, and the
# directories that profiles are read from.  Each is tried from inside, by every way round.
# bats file_tags=guard
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

setup() {
    common_setup
    mkdir -p "$T/w/proj/.git/hooks" "$T/w/proj/.git/objects" "$T/w/free/.git/hooks"
    echo '#!/bin/sh' >"$T/w/proj/.git/hooks/pre-commit"
    echo '[core]' >"$T/w/proj/.git/config"
    unset XDG_CONFIG_HOME
    PROFILES=$T/home/.config/sbx/profiles
}

# try COMMAND [ARGUMENT...]: what is tried inside, one word a line: "yes" or "no"
# Every try is a system call or two; `mv` would copy where rename(2) fails.
tries='
try() { if "$@" >/dev/null 2>&1; then echo "$* yes"; else echo "$* no"; fi; }
move() { perl -e "exit(!rename(\$ARGV[0], \$ARGV[1]))" "$1" "$2"; }
'

# --- ways round a read-only place ------------------------------------------------------------------

around='
cd "$1" || exit 9
try touch .git/hooks/new
try move .git .moved
try move .git/hooks .git/away
try rmdir .git/hooks
try rm -rf .git/hooks
try ln -s /tmp .git/hooks/link
mkdir other
try move other .git/hooks
try move other .git
try rm -rf .git
try mkdir -p .git/hooks/sub
'

@test "a read-only directory in a writable one is got round by no rename above it" {
    run -0 sbx run --rw "$T/w/proj" --ro "$T/w/proj/.git/hooks" -- sh -c "$tries$around" sh "$T/w/proj"
    unlike "$output" ' yes$'
    equal 10 "$(grep -c ' no$' <<<"$output")"
    equal "pre-commit" "$(ls "$T/w/proj/.git/hooks")"
    # The control: the same tries where nothing is guarded.
    run -0 sbx run --rw "$T/w/free" -- sh -c "$tries$around" sh "$T/w/free"
    like "$output" '^touch .git/hooks/new yes$' '^move .git .moved yes$' '^mkdir -p .git/hooks/sub yes$'
    [[ -d $T/w/free/.moved ]]
}

@test "what is beside it stays writable" {
    run -0 sbx run --rw "$T/w/proj" --ro "$T/w/proj/.git/hooks" -- sh -c "$tries"'
        cd "$1" || exit 9
        try touch .git/index.lock
        try move .git/index.lock .git/index
        try move .git/index .git/objects/x
        try touch new
        try move new old' sh "$T/w/proj"
    unlike "$output" ' no$'
    equal 5 "$(grep -c ' yes$' <<<"$output")"
    [[ -e $T/w/proj/old && -e $T/w/proj/.git/objects/x ]]
}

@test "a read-only file cannot be replaced, nor what is above it" {
    run -0 sbx run --rw "$T/w/proj" --ro "$T/w/proj/.git/config" -- sh -c "$tries"'
        cd "$1" || exit 9
        echo bad >mine
        try move mine .git/config
        try rm -f .git/config
        try ln -f mine .git/config
        try move .git x' sh "$T/w/proj"
    unlike "$output" ' yes$'
    equal '[core]' "$(cat "$T/w/proj/.git/config")"
}

@test "the same below another name, and for what is hidden, copied, private" {
    local -a options

    mkdir -p "$T/w/to"
    for options in "--ro $T/w/proj/.git/hooks:$T/w/to/.git/hooks" "--tmpfs $T/w/to/.git/hooks" \
        "--hide $T/w/proj/.git/hooks" "--file $T/w/to/.git/config=/etc/hostname"; do
        # shellcheck disable=SC2086 # words are meant
        run -0 sbx run --rw "$T/w/proj:$T/w/to" $options -- sh -c "$tries"'
            cd "$1" || exit 9
            try move .git x
            try rmdir .git' sh "$T/w/to"
        unlike "$output" ' yes$'
        equal 2 "$(grep -c ' no$' <<<"$output")"
    done
    [[ -d $T/w/proj/.git/hooks ]]
}

@test "a writable directory within a writable one stays where it is, with what is guarded in it" {
    mkdir -p "$T/w/proj/a/b/c/d"
    run -0 sbx run --rw "$T/w/proj" --rw "$T/w/proj/a/b" --ro "$T/w/proj/a/b/c/d" -- sh -c "$tries"'
        cd "$1" || exit 9
        try move a x
        try move a/b a/x
        try move a/b/c a/b/x
        try touch a/b/c/d/new' sh "$T/w/proj"
    unlike "$output" ' yes$'
    [[ -d $T/w/proj/a/b/c/d ]]
}

@test "the directory cannot be moved by its other name either" {
    mkdir "$T/w/second"
    run -0 sbx run --rw "$T/w/proj" --rw "$T/w/proj:$T/w/second" --ro "$T/w/proj/.git/hooks" -- \
        sh -c "$tries"'
        try move "$1/.git" "$1/x"
        try touch "$1/ok"' sh "$T/w/second"
    like "$output" 'second/.git .* no$' '/ok yes$'
}

@test "a pin gives no rights: noexec stays, and no mount can be undone" {
    printf '#!/bin/sh\n' >"$T/w/proj/.git/run"
    chmod 755 "$T/w/proj/.git/run"
    run -0 sbx run --rw "$T/w/proj:$T/w/proj:noexec" --ro "$T/w/proj/.git/hooks" -- sh -c "$tries"'
        try "$1/.git/run"' sh "$T/w/proj"
    like "$output" ' no$'
    run -0 sbx run --rw "$T/w/proj" --ro "$T/w/proj/.git/hooks" -- sh -c "$tries"'
        try "$1/.git/run"' sh "$T/w/proj"
    like "$output" ' yes$'
    refuses --rw "$T/w/proj" --ro "$T/w/proj/.git/hooks" -- umount "$T/w/proj/.git"
    refuses --rw "$T/w/proj" --ro "$T/w/proj/.git/hooks" -- mount_setattr "$T/w/proj/.git/hooks"
}

@test "what is missing can't be guarded, and the plan says so" {
    run -0 sbx plan --rw "$T/w/proj" --hide "$T/w/proj/.envrc" \
        --ro "$T/w/proj/.husky:$T/w/proj/.husky:optional" -- true
    like "$output" "^note: '$T/w/proj/.envrc' is missing: the command can make it\$" \
        "^note: '$T/w/proj/.husky' is missing: the command can make it\$"
    run -0 sbx plan --hide "$T/w/proj/.envrc" -- true
    unlike "$output" 'is missing'
}

@test "optional: a file where a directory would have to be is as good as missing" {
    run -0 sbx run --ro "$T/w/proj/.git/config/x:$T/w/proj/x:optional" -- true
    sbx_fails "--ro #1: .*config/x.*Not a directory" -- run --ro "$T/w/proj/.git/config/x" -- true
}

# --- profiles ----------------------------------------------------------------------------------------

profile_tries='
cd "$1" || exit 9
try touch sbx/profiles/evil.yaml
try sh -c "echo x >>sbx/profiles/mine.yaml"
try rm -f sbx/profiles/mine.yaml
try move sbx/profiles sbx/away
try rmdir sbx/profiles
try rm -rf sbx
try move sbx away
try ln -s /tmp sbx/profiles/link
mkdir -p mine/profiles
try move mine sbx
try move mine/profiles sbx/profiles
'

have_profile() {
    mkdir -p "$PROFILES"
    echo 'sbx: 1' >"$PROFILES/mine.yaml"
}

@test "the user's profiles can't be written, moved or replaced where the home is writable" {
    have_profile
    for grant in "$T/home" "$T/home/.config" "$T"; do
        rm -rf "$T/home/.config/mine"
        run -0 sbx run --rw "$grant" --home host -- sh -c "$tries$profile_tries" sh "$T/home/.config"
        unlike "$output" ' yes$'
        equal 10 "$(grep -c ' no$' <<<"$output")"
        equal 'sbx: 1' "$(cat "$PROFILES/mine.yaml")"
        equal mine.yaml "$(ls -A "$PROFILES")"
    done
    run -0 sbx run --rw "$T/home" -- sh -c "$tries"'
        try move "$HOME/.config" "$HOME/x"
        try touch "$HOME/.config/other"'
    like "$output" 'x no$' 'other yes$'
    # The control: what looks the same elsewhere can be.
    mkdir -p "$T/o/sbx/profiles"
    run -0 sbx run --rw "$T/o" -- sh -c "$tries$profile_tries" sh "$T/o"
    like "$output" '^touch sbx/profiles/evil.yaml yes$' '^move sbx/profiles sbx/away yes$'
}

@test "they are guarded at another place too" {
    have_profile
    mkdir "$T/w/to"
    run -0 sbx run --rw "$T/home:$T/w/to" -- sh -c "$tries$profile_tries" sh "$T/w/to/.config"
    unlike "$output" ' yes$'
    run -0 sbx run --home "$T/home/.config" -- sh -c "$tries"'
        try touch "$HOME/sbx/profiles/evil.yaml"
        try move "$HOME/sbx" "$HOME/x"
        try touch "$HOME/fine"'
    like "$output" 'evil.yaml no$' '/x no$' 'fine yes$'
    equal mine.yaml "$(ls -A "$PROFILES")"
}

@test "and by another mount of the host's" {
    skip_unless mountns "no mounts can be made here"
    have_profile
    mkdir "$T/w/second"
    run -0 in_mount_ns bash -euc '
        mount --bind "$1/home/.config" "$1/w/second"
        exec "$SBX" run --rw "$1/w/second" -- sh -c "$2" sh "$1/w/second"' bash "$T" \
        "$tries$profile_tries"
    unlike "$output" ' yes$'
    equal 10 "$(grep -c ' no$' <<<"$output")"
    equal mine.yaml "$(ls -A "$PROFILES")"
}

@test "a directory of profiles that is missing is made first, not by the command" {
    run -0 sbx run --rw "$T/home" -- sh -c "$tries"'
        try touch "$HOME/.config/sbx/profiles/evil.yaml"
        try mkdir "$HOME/.config/sbx/profiles/sub"
        try rmdir "$HOME/.config/sbx/profiles"
        try move "$HOME/.config" "$HOME/x"'
    unlike "$output" ' yes$'
    equal "" "$(ls -A "$PROFILES")"
    equal "700 $(id -u)" "$(stat -c '%a %u' "$PROFILES")"
    equal 700 "$(stat -c %a "$T/home/.config")"
    run -0 sbx plan --rw "$T/home" -- true
    unlike "$output" 'host-directory .*/home/.config'
}

@test "nothing is made where nothing is writable, nor by a plan" {
    run -0 sbx run -- true
    run -0 sbx run --rw "$T/o" -- true
    run -0 sbx plan --rw "$T/home" -- true
    like "$output" "^ *[0-9]+ +host-directory +$PROFILES mode=0700, .*\[profiles\]\$"
    equal "" "$(ls -A "$T/home")"
}

@test "they are refused as a grant, and what is in them" {
    have_profile
    sbx_fails "'$PROFILES' holds profiles: it is never writable inside" '--rw #1' -- \
        run --rw "$PROFILES" -- true
    sbx_fails 'holds profiles' '--rw #2' -- run --rw "$T/o" --rw "$PROFILES/mine.yaml:/tmp/x" -- true
    sbx_fails 'holds profiles' '--home' -- run --home "$PROFILES" -- true
    run -0 sbx run --ro "$PROFILES" -- cat "$PROFILES/mine.yaml"
    equal 'sbx: 1' "$output"
}

@test "a link on the way to them, in a writable directory, is refused; where it leads is guarded" {
    mkdir -p "$T/home/dot/config"
    ln -s dot/config "$T/home/.config"
    sbx_fails "'$T/home/.config' is a link in the writable '$T/home'" '--rw #1' -- \
        run --rw "$T/home" -- true
    run -0 sbx run --rw "$T/home/dot" -- sh -c "$tries"'
        cd "$1" || exit 9
        try touch config/sbx/profiles/evil.yaml
        try move config x
        try touch config/fine' sh "$T/home/dot"
    like "$output" 'evil.yaml no$' 'config x no$' 'fine yes$'
    # A link to nothing: where it leads is still not the command's to make.
    rmdir "$T/home/dot/config/sbx/profiles" "$T/home/dot/config/sbx"
    rm -r "$T/home/dot/config"
    run -0 sbx run --rw "$T/home/dot" -- sh -c "$tries"'
        try mkdir -p "$1/config/sbx/profiles/x"
        try move "$1/config" "$1/x"' sh "$T/home/dot"
    unlike "$output" ' yes$'
    # A link that the way goes through further on.
    rm "$T/home/.config"
    ln -s config "$T/home/dot/current"
    ln -s dot/current "$T/home/.config"
    sbx_fails "'$T/home/dot/current' is a link in the writable '$T/home/dot'" -- \
        run --rw "$T/home/dot" -- true
}

@test "a file in the place of such a directory is refused" {
    mkdir "$T/home/.config"
    : >"$T/home/.config/sbx"
    sbx_fails "'$T/home/.config/sbx' is a file in the writable '$T/home/.config'" -- \
        run --rw "$T/home/.config" -- true
    run -0 sbx run --rw "$T/home/.config/sbx" -- true
}

@test "a directory that its owner may not enter is no way round" {
    need_user "root needs no permission"
    mkdir "$T/home/.config"
    chmod 000 "$T/home/.config"
    run sbx run --rw "$T/home" -- sh -c "$tries"'
        chmod 700 "$HOME/.config"
        try mkdir -p "$HOME/.config/sbx/profiles/x"
        try move "$HOME/.config" "$HOME/x"'
    chmod 700 "$T/home/.config"
    unlike "$output" ' yes$'
    [[ ! -e $PROFILES/x ]]
}

system_tries='
try touch /etc/sbx/profiles/x.yaml
try mkdir -p /etc/sbx/profiles/x
try move /etc/sbx /etc/x
try move /etc /x
'

@test "the system's profiles: root's own command can't write them either" {
    need_root
    mkdir "$T/etc"
    cp /etc/passwd /etc/group /etc/hosts "$T/etc"
    # Another /etc, so that nothing is made in the machine's.
    run -0 in_mount_ns bash -euc '
        mount --bind "$1/etc" /etc
        "$SBX" run --rw / -- sh -c "$2 try touch /etc/fine"
        "$SBX" run --rw /etc -- sh -c "$2 try touch /etc/fine"' bash "$T" "$tries$system_tries"
    equal 8 "$(grep -c ' no$' <<<"$output")"
    equal 2 "$(grep -c 'fine yes$' <<<"$output")"
    equal "755 0" "$(stat -c '%a %u' "$T/etc/sbx/profiles")"
    equal "" "$(ls -A "$T/etc/sbx/profiles")"
}

@test "the whole tree writable: what the caller has no right to make, the command has none to" {
    local before

    need_user
    before=$(ls -A /etc)
    run -0 sbx run --rw / -- sh -c "$tries$system_tries"
    unlike "$output" ' yes$'
    equal "$before" "$(ls -A /etc)"
}

@test "a profile that is a link: the file that it leads to is guarded too" {
    mkdir -p "$PROFILES" "$HOME/dot" "$HOME/other"
    echo 'sbx: 1' >"$HOME/dot/linked.yaml"
    ln -s "$HOME/dot/linked.yaml" "$PROFILES/linked.yaml"
    run -0 sbx run --rw "$HOME/dot" -- sh -c "$tries"'
        try sh -c "echo x >>$HOME/dot/linked.yaml"
        try rm "$HOME/dot/linked.yaml"
        try move "$HOME/dot" "$HOME/dotted"
        try touch "$HOME/dot/fine"'
    equal 3 "$(grep -c ' no$' <<<"$output")"
    like "$output" 'fine yes'
    equal 'sbx: 1' "$(cat "$HOME/dot/linked.yaml")"
    # Control: a file that no profile leads to.
    echo 'sbx: 1' >"$HOME/other/x.yaml"
    run -0 sbx run --rw "$HOME/other" -- sh -c 'echo x >>"$HOME/other/x.yaml"'
}

@test "what is kept read-only by a name that is a link in a writable directory is refused" {
    local proj=$T/w/linked

    mkdir -p "$proj/real/hooks"
    ln -s real "$proj/.git"
    cd "$proj"
    run --separate-stderr -125 sbx run --rw . --ro ./.git -- true
    like "$stderr" "'$proj/.git' is a link in the writable '$proj'"
    run --separate-stderr -125 sbx run -p work-here -- true
    like "$stderr" "work-here.yaml:[0-9]*:[0-9]*: '$proj/.git' is a link"
    # Controls: by the name of what it leads to, and where nothing is a link.
    run -0 sbx run --rw . --ro ./real -- touch x
    rm .git
    run -0 sbx run -p work-here -- touch x
}

@test "a profile named by its file stays read-only and in its place in a writable directory" {
    cd "$T/w/proj"
    printf 'sbx: 1\nextends: work-here\n' >mine.yaml
    run -0 sbx run -p ./mine.yaml -- sh -c "$tries"'
        try sh -c "echo x >>mine.yaml"
        try rm mine.yaml
        try mv mine.yaml yours.yaml
        try touch fine'
    equal 3 "$(grep -c ' no$' <<<"$output")"
    like "$output" 'fine yes'
    equal $'sbx: 1\nextends: work-here' "$(cat mine.yaml)"
    # Control: without the profile it is a file like another.
    run -0 sbx run --rw . -- sh -c 'echo x >>mine.yaml'
}
