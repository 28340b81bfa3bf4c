#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each shipped profile, run for real: what it must not show, and what it must not let be written.
# tests/check-profiles has what can be told from the files alone.
# bats file_tags=profiles
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

# What a home has of keys, passwords, tokens and histories; a slash at the end is a directory.
secrets=(
    .ssh/ .gnupg/ .aws/ .azure/ .config/gcloud/ .kube/ .docker/ .netrc .npmrc .pypirc
    .cargo/credentials .cargo/credentials.toml .gem/credentials .config/gh/ .git-credentials
    .password-store/ .mozilla/ .config/chromium/ .config/google-chrome/ .local/share/keyrings/
    .bash_history .config/sbx/
)

# The tries, as "WHAT PATH" a line.  read and echo are words of the shell itself, so that no limit
# on processes plays a part; what can't be opened is passed over.
tries='
home=$1
shift
for file; do
    { read -r line <"$file"; } 2>/dev/null && echo "read $file $line"
done
mkdir -p "$home/project/.git/hooks" "$home/.config/sbx/profiles" 2>/dev/null
for file in project/.git/hooks/planted project/.git/hooks/pre-commit project/.git/config \
    .config/sbx/profiles/planted.yaml .config/sbx/profiles/own.yaml; do
    { echo planted >>"$home/$file"; } 2>/dev/null && echo "write $file"
done
echo end
'

setup() {
    common_setup
    unset "${!XDG_@}" CARGO_HOME RUSTUP_HOME GOPATH GOCACHE NVM_DIR PYENV_ROOT \
        DISPLAY WAYLAND_DISPLAY XAUTHORITY SSH_AUTH_SOCK PULSE_SERVER
    SHIPPED=$("$SBX" profile path | tail -n 1)
    [[ -e $SHIPPED/default.yaml ]] || fail "no shipped profiles in $SHIPPED"
    mapfile -t NAMES < <(cd "$SHIPPED" && printf '%s\n' *.yaml | sed 's/\.yaml$//')
    [[ ${#NAMES[@]} -ge 70 ]] || fail "only ${#NAMES[@]} shipped profiles"
}

# A home full of secrets with a project in it; sets FILES, the secrets' paths.
make_home() {
    local path

    FILES=()
    for path in "${secrets[@]}"; do
        path=$HOME/$path
        [[ $path != */ ]] || path+=secret
        mkdir -p "${path%/*}"
        echo "SECRET" >"$path"
        FILES+=("$path")
    done
    put_back
    cd "$HOME/project" || return
}

# What stands in the guarded places of the host, and putting it back.
guarded_state() {
    grep -r '' "$HOME/.config/sbx/profiles" "$HOME/project/.git" | LC_ALL=C sort
}

put_back() {
    rm -rf "$HOME/project/.git" "$HOME/.config/sbx/profiles"
    mkdir -p "$HOME/.config/sbx/profiles" "$HOME/project/.git/hooks"
    echo 'sbx: 1' >"$HOME/.config/sbx/profiles/own.yaml"
    echo 'ref: refs/heads/main' >"$HOME/project/.git/HEAD"
    echo '[core]' >"$HOME/project/.git/config"
    echo '#!/bin/sh' >"$HOME/project/.git/hooks/pre-commit"
}

# says NAME WORD PATH: has the profile, or one that it is made of, a comment "# WORD PATH: why"?
says() {
    local -a layers

    mapfile -t layers < <("$SBX" profile show "$1" | awk '
        NF == 0 { exit }
        { sub(/^made of/, ""); sub(/^ +/, "") }
        /^\/.*\.yaml$/')
    grep -qE -- "^# *$2 ${3//./\\.}: *[^ ]" "${layers[@]}"
}

# The entry of the list of secrets that a path belongs to, from "~" on, without its last slash.
entry_of() {
    local entry

    for entry in "${secrets[@]}"; do
        if [[ $1 == "$HOME/$entry" || ($entry == */ && $1 == "$HOME/$entry"*) ]]; then
            printf '%s/%s\n' '~' "${entry%/}"
        fi
    done
}

# tries_in NAME: a run of the tries under the profile.  Where the host's network needs a kernel
# that this is not, it goes without: that changes no file.  What does not show the working
# directory starts elsewhere.
tries_in() {
    local options=(-p "$1")

    has_abstract_scope || options+=(--net=none)
    run --separate-stderr sbx run "${options[@]}" -- sh -c "$tries" sh "$HOME" "${FILES[@]}"
    [[ $status == 125 && $stderr == *"cannot enter the working directory"* ]] || return 0
    run --separate-stderr sbx run "${options[@]}" --cd / -- sh -c "$tries" sh "$HOME" "${FILES[@]}"
}

@test "no shipped profile shows a secret or lets profiles or git's hooks be written, but by its word" {
    local name line path before after bad=()

    make_home
    before=$(guarded_state)
    # The control: without sbx everything can be read and written.
    run -0 sh -c "$tries" sh "$HOME" "${FILES[@]}"
    equal "${#FILES[@]}" "$(grep -c '^read .* SECRET$' <<<"$output")"
    equal 5 "$(grep -c '^write ' <<<"$output")"
    [[ $(guarded_state) != "$before" ]]
    put_back
    for name in "${NAMES[@]}"; do
        tries_in "$name"
        [[ $status == 0 && ${lines[-1]} == end ]] || {
            bad+=("$name does not run: $status $output $stderr")
            continue
        }
        for line in "${lines[@]}"; do
            [[ $line == "read "* ]] || continue
            path=${line#read }
            path=$(entry_of "${path% *}")
            says "$name" shows "$path" || bad+=("$name shows $path")
        done
        after=$(guarded_state)
        [[ $after != "$before" ]] || continue
        ! grep -q '/profiles/.*planted' <<<"$after" || bad+=("$name lets profiles be written")
        ! grep -q '/\.git/.*planted' <<<"$after" || says "$name" writes .git ||
            bad+=("$name lets .git be written")
        put_back
    done
    [[ ${#bad[@]} == 0 ]] || fail "${bad[@]}"
}

@test "each shipped profile is the same after a way through show --yaml" {
    local name bad=()

    make_home
    for name in "${NAMES[@]}"; do
        sbx profile show --yaml "$name" >"$T/o/$name.yaml" || bad+=("$name: show --yaml")
        run --separate-stderr sbx profile diff "$name" "$T/o/$name.yaml"
        [[ $status == 0 ]] || bad+=("$name: $output$stderr")
    done
    [[ ${#bad[@]} == 0 ]] || fail "${bad[@]}"
}

@test "profile list has each shipped profile, with its description and where it is from" {
    local name

    run -0 --separate-stderr sbx profile list
    equal "" "$stderr"
    unlike "$output" WRONG '\(no description\)'
    for name in "${NAMES[@]}"; do
        like "$output" "^${name//./\\.} +(shipped|system) +[^ ]"
    done
    run -0 sbx profile list --names
    for name in "${NAMES[@]}"; do
        like "$output" "^${name//./\\.}$"
    done
}

@test "a variable of the environment that names the home grants nothing of it" {
    mkdir -p "$HOME/.ssh" "$T/project"
    echo secret-key >"$HOME/.ssh/id"
    cd "$T/project"
    for name in GOPATH CARGO_HOME NVM_DIR; do
        run -1 env "$name=$HOME/" "$SBX" run -p build -- cat "$HOME/.ssh/id"
        unlike "$output" secret-key
        run -1 env "$name=$(dirname "$HOME")" "$SBX" run -p dev-toolchain -- cat "$HOME/.ssh/id"
        unlike "$output" secret-key
    done
    # Control: what is asked for by its name is there.
    run -0 env "$SBX" run --ro "$HOME/.ssh" -- cat "$HOME/.ssh/id"
    like "$output" secret-key
}

@test "build refuses a home by another name, and the inside of a repository" {
    cd "$T"
    mkdir -p r/objects r/refs r/hooks r/work
    touch r/HEAD
    for directory in r r/hooks; do
        cd "$T/$directory"
        run --separate-stderr -125 sbx run -p build -- true
        like "$stderr" 'repository of git'
    done
    cd "$T/r/work" && mkdir p && cd p
    run -0 sbx run -p build -- true
    [[ $EUID == 0 ]] || return 0
    # shellcheck disable=SC2016 # the inner shell's
    run -125 unshare -m sh -c 'mkdir -p "$1/other" && mount --bind "$HOME" "$1/other" &&
        cd "$1/other" && exec "$SBX" run -p build -- touch made' sh "$T"
    like "$output" 'whole home'
    [[ ! -e $HOME/made ]]
}
