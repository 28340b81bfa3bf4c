#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The job profiles and what they are made of: what each grants, what each refuses, with the control
# outside.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # quotes for scripts inside; what run sets

load dev

repository() {
    git init -q .
    git -c user.name=Tester -c user.email=t@example.test commit -q --allow-empty -m first
}

# toolchains: what people have below their home, with what must not be seen in it
toolchains() {
    local dir

    for dir in .cargo/bin .rustup .nvm .pyenv go/bin .rbenv .m2/repository .cargo/registry; do
        mkdir -p "$HOME/$dir"
        echo tool >"$HOME/$dir/tool"
    done
    for dir in .cargo/credentials .cargo/credentials.toml .npmrc .pypirc .netrc .m2/settings.xml; do
        echo token >"$HOME/$dir"
    done
}

# secret FILE...: files that hold one
secret() {
    local file

    for file; do
        mkdir -p "$(dirname "$file")"
        echo token >"$file"
    done
}

# --- default, strict, shell -----------------------------------------------------------------

@test "default: what is taken where nothing else fits, and the same as no profile at all" {
    run -0 sbx run --report "$REPORT" -- true
    chosen default
    bounds default ro no-net
    refuses -p default -- userns
}

@test "strict: what computes works; the machine's data, sockets and debugging don't" {
    cp probe "$T/w/mine"
    run -0 sbx run -p strict -- sh -c 'echo $((6 * 7)); sort <<EOF
b
a
EOF
head -c 1 mine >/dev/null; echo x >"$HOME/x"; echo y >/tmp/y'
    equal '42 a b' "$(xargs <<<"$output")"
    bounds strict ro no-net
    control socket 2
    refuses -p strict -- socket 2
    equal "" "$(sbx run -p strict -- ls -A /sys /var/log 2>/dev/null | grep -v ':$' | xargs)"
    (($(find /sys -maxdepth 1 | wc -l) > 1))
    run -0 sbx run -p strict -- sh -c 'ulimit -n'
    equal 256 "$output"
}

@test "shell: an interactive shell with the user's input settings, and nothing that lasts" {
    secret "$HOME/.bashrc" "$HOME/.bash_history"
    echo 'set editing-mode vi' >"$HOME/.inputrc"
    toolchains
    permits -p shell -- read "$HOME/.inputrc"
    permits -p shell -- read "$HOME/.cargo/bin/tool"
    control read "$HOME/.bashrc"
    refuses -p shell -- read "$HOME/.bashrc"
    refuses -p shell -- read "$HOME/.bash_history"
    run -0 sbx run -p shell -- bash -c 'echo x >"$HOME/new"; ls "$HOME"'
    like "$output" '^new$'
    [[ ! -e $HOME/new ]]
    bounds shell ro no-net
    # It starts in the home, too.
    cd "$HOME"
    run -0 sbx run -p shell -- bash -c 'echo here'
}

# --- build, build-online, test --------------------------------------------------------------

@test "build: the project is writable, its .git is not" {
    need git
    repository
    bounds build rw no-net
    refuses -p build -- write "$T/w/.git/hooks"
    refuses -p build -- write "$T/w/.git/config"
    refuses -p build -- write "$T/w/.git"
    control write "$T/w/.git/hooks"
    run -1 sbx run -p build -- mv .git .other
    run -0 sbx run -p build -- git log --oneline
    like "$output" first
    [[ -d .git ]]
}

@test "build: a .git that is a file stays what it is" {
    need git
    repository
    git worktree add -q "$T/o/tree"
    cp probe "$T/o/tree"
    cd "$T/o/tree"
    refuses -p build -- write "$T/o/tree/.git"
    refuses -p agent -- write "$T/o/tree/.git"
    run ! sbx run -p build -- rm -f .git
    control write "$T/o/tree/.git"
}

@test "build: toolchains below the home are readable, the credentials in them hidden" {
    local file

    toolchains
    for file in .cargo/bin/tool .cargo/registry/tool .rustup/tool .nvm/tool .pyenv/tool go/bin/tool; do
        permits -p build -- find "$HOME/$file" tool
        refuses -p build -- write "$HOME/$file"
        control write "$HOME/$file"
    done
    for file in .cargo/credentials .cargo/credentials.toml .npmrc .pypirc .netrc .m2/settings.xml; do
        control find "$HOME/$file" token
        refuses -p build -- find "$HOME/$file" token
    done
}

@test "build: toolchains at the places that the variables name, with their credentials hidden" {
    mkdir "$HOME/elsewhere"
    echo tool >"$HOME/elsewhere/tool"
    secret "$HOME/elsewhere/credentials.toml"
    export CARGO_HOME=$HOME/elsewhere
    permits -p build -- find "$CARGO_HOME/tool" tool
    refuses -p build -- find "$CARGO_HOME/credentials.toml" token
    run -0 sbx run -p build -- printenv CARGO_HOME
    equal "$CARGO_HOME" "$output"
}

@test "build: refuses where the working directory is the home, or above it" {
    local dir profile

    for dir in "$HOME" "$T" /; do
        cd "$dir"
        sbx_fails 'whole home directory would be writable' -- run -p build -- true
    done
    cd "$HOME"
    for profile in build-online test package-install agent; do
        sbx_fails 'whole home directory would be writable' -- run -p "$profile" -- true
    done
    sbx_fails 'this is a home' -- run -p judge -- true
}

@test "build: secrets stay hidden where the home is shown" {
    secret "$HOME/.aws/credentials" "$HOME/.config/gh/hosts.yml" "$HOME/.git-credentials"
    echo open >"$HOME/open"
    run -0 sbx run -p build --home host -- cat "$HOME/open"
    refuses -p build --home host -- read "$HOME/.ssh/id_test"
    refuses -p build --home host -- find "$HOME/.aws/credentials" token
    refuses -p build --home host -- find "$HOME/.config/gh/hosts.yml" token
    refuses -p build --home host -- find "$HOME/.git-credentials" token
    permits --home host -- find "$HOME/.git-credentials" token
}

@test "build: limits on processes and files" {
    run -0 sbx run -p build -- sh -c 'ulimit -f; ulimit -t'
    unlike "$output" unlimited
}

@test "build: a limit on processes" {
    need_user "the kernel counts no processes of root"
    run -0 sbx plan -p build -- true
    like "$output" 'rlimit +pids 4097'
}

@test "build-online: as build with the network; what it fetches stays out of the shared caches" {
    need_scopes
    toolchains
    bounds build-online rw net
    permits -p build-online -- write "$HOME/.cargo/registry"
    run -0 sbx run -p build-online -- touch "$HOME/.cargo/registry/planted"
    [[ ! -e $HOME/.cargo/registry/planted ]]
    refuses -p build-online -- write "$HOME/.cargo/bin"
    refuses -p build-online -- find "$HOME/.cargo/credentials.toml" token
    run -0 sbx run -p build-online -- sh -c 'ls ~/.cargo/bin'
}

@test "test: loopback of its own, a time limit, no .env" {
    secret .env
    bounds test rw no-net
    permits -p test -- loopback4
    control find "$T/w/.env" token
    refuses -p test -- find "$T/w/.env" token
    run -0 sbx run -p test -- printenv DBUS_SESSION_BUS_ADDRESS
    equal 'disabled:' "$output"
    run -124 sbx run -p test -t 300ms -- sleep 20
}

# --- package-install, agent -----------------------------------------------------------------

@test "package-install: the network, the project and no secret" {
    need git
    need_scopes
    repository
    secret "$HOME/.npmrc" "$HOME/.pypirc" .env .env.test.local
    bounds package-install rw net
    refuses -p package-install -- write "$T/w/.git/hooks"
    for file in "$HOME/.npmrc" "$HOME/.pypirc" "$T/w/.env" "$T/w/.env.test.local"; do
        control find "$file" token
        refuses -p package-install -- find "$file" token
    done
    NPM_TOKEN=token run -0 sbx run -p package-install -- env
    unlike "$output" token
}

@test "agent: commits in the project; hooks, configuration and start-up files stay" {
    local file

    need git
    need_scopes
    repository
    secret .env "$HOME/.config/gh/hosts.yml"
    mkdir .vscode .idea .husky
    for file in .envrc .vscode/tasks.json .idea/workspace.xml .bashrc .vimrc .exrc .husky/pre-commit; do
        echo good >"$file"
    done
    git config --global user.name Tester
    git config --global user.email t@example.test
    bounds agent rw net
    run -0 sbx run -p agent -- sh -c 'echo code >code && git add code && git commit -qm agent'
    equal agent "$(git log -1 --format=%s)"
    for file in .git/hooks .git/config .envrc .vscode .vscode/tasks.json .idea/workspace.xml .bashrc \
        .vimrc .exrc .husky/pre-commit; do
        refuses -p agent -- write "$T/w/$file"
        control write "$T/w/$file"
    done
    run ! sbx run -p agent -- mv .vscode .old
    run ! sbx run -p agent -- mv .git .old
    run ! sbx run -p agent -- sh -c 'echo x >new && mv -f new .envrc'
    equal good "$(<.envrc)"
    refuses -p agent -- find "$T/w/.env" token
    refuses -p agent -- find "$HOME/.config/gh/hosts.yml" token
}

@test "agent: doesn't run where .git/hooks is missing and could be made" {
    need git
    repository
    rm -rf .git/hooks
    sbx_fails 'mkdir .git/hooks' -- run -p agent -- true
    mkdir .git/hooks
    skip_unless abstract_scope "-n host needs a kernel with Landlock's scopes"
    refuses -p agent -- write "$T/w/.git/hooks"
}

# --- judge, convert -------------------------------------------------------------------------

@test "judge: a solution reads its input, writes its output and sees the box alone" {
    need gcc python3
    printf '#include <stdio.h>\nint main(void) { int a, b; scanf("%%d %%d", &a, &b); printf("%%d\\n", a + b); return 0; }\n' >s.c
    gcc -O1 -o s s.c
    echo '40 2' >"$T/o/input"
    sbx run -p judge -- ./s <"$T/o/input" >"$T/o/output"
    equal 42 "$(<"$T/o/output")"
    printf 'print(sum(map(int, input().split())))\n' >s.py
    sbx run -p judge -- python3 s.py <"$T/o/input" >"$T/o/output"
    equal 42 "$(<"$T/o/output")"
    bounds judge rw no-net
    control socket 2
    refuses -p judge -- socket 2
    control read /etc/passwd
    refuses -p judge -- read /etc/passwd
    refuses -p judge -- read "$T/o/input"
    run -0 sbx run -p judge -- sh -c 'echo /*'
    for name in $output; do
        case $name in
        /bin | /dev | /etc | /lib | /lib32 | /lib64 | /libx32 | /proc | /run | /sbin | /sys | /tmp | /usr) ;;
        *)
            # what is there is empty, but for the way to the box
            [[ $T/ == "$name"/* ]] ||
                equal "" "$(sbx run -p judge -- sh -c 'if [ -d "$1" ]; then ls -A "$1"; else cat "$1"; fi' - "$name")"
            ;;
        esac
    done
}

@test "judge: tight limits" {
    run -124 sbx run -p judge -t 300ms -- sleep 20
    # 128 and SIGXCPU
    run -152 sbx run -p judge --cpu-time 1s -- sh -c 'while :; do :; done'
    run ! sbx run -p judge -- sh -c 'head -c 100M /dev/zero >big'
    (($(stat -c %s big) <= 64 * 1024 * 1024))
    run -0 sbx run -p judge -- sh -c 'ulimit -n'
    equal 64 "$output"
}

@test "judge: few processes" {
    need_user "the kernel counts no processes of root"
    run -0 sbx run -p judge -- ./probe forks 200
    ((${output##* } < 64))
}

@test "convert: one file in, one directory out, and nothing else" {
    mkdir out
    echo text >in
    echo other >beside
    run -0 sbx run -p convert --ro in -w out -- sh -c 'tr a-z A-Z <in >out/result'
    equal TEXT "$(<out/result)"
    run -0 sbx run -p convert --ro in -w out -- sh -c 'find . | sort | xargs'
    equal '. ./in ./out ./out/result' "$output"
    run ! sbx run -p convert --ro in -w out -- cat beside
    run ! sbx run -p convert --ro in -w out -- sh -c 'echo x >in'
    run ! sbx run -p convert --ro in -w out -- cat "$HOME/.ssh/id_test"
    run ! sbx run -p convert --ro in -w out -- cat "$T/o/file"
    listener
    refuses -p convert --ro in --ro probe -w out -- connect-tcp "$PORT"
    equal text "$(<in)"
}

# --- blocks ---------------------------------------------------------------------------------

@test "fonts, git-config, ssh-agent: what they show and what beside it they don't" {
    mkdir -p "$HOME/.local/share/fonts" "$HOME/.config/git"
    echo font >"$HOME/.local/share/fonts/a.ttf"
    echo '[user]' >"$HOME/.gitconfig"
    secret "$HOME/.config/git/credentials"
    echo host >"$HOME/.ssh/known_hosts"
    permits -p fonts -- read "$HOME/.local/share/fonts/a.ttf"
    permits -p git-config -- read "$HOME/.gitconfig"
    refuses -p git-config -- read "$HOME/.config/git/credentials"
    permits -p ssh-agent -- read "$HOME/.ssh/known_hosts"
    refuses -p ssh-agent -- read "$HOME/.ssh/id_test"
    refuses -p ssh-agent -- write "$HOME/.ssh/known_hosts"
}

@test "audio, desktop-wayland, ssh-agent: the socket that is granted, and none beside it" {
    export XDG_RUNTIME_DIR=$T/home/run WAYLAND_DISPLAY=wayland-7 SSH_AUTH_SOCK=$T/home/agent
    mkdir -p "$XDG_RUNTIME_DIR/pulse"
    for socket in "$XDG_RUNTIME_DIR/"{pulse/native,wayland-7,wayland-8} "$SSH_AUTH_SOCK"; do
        background "$PROBE" listen-unix "$socket" >/dev/null
        wait_until test -S "$socket"
        control connect-unix "$socket"
        refuses -- connect-unix "$socket"
    done
    permits -p audio -- connect-unix "$XDG_RUNTIME_DIR/pulse/native"
    refuses -p audio -- connect-unix "$XDG_RUNTIME_DIR/wayland-7"
    permits -p desktop-wayland -- connect-unix "$XDG_RUNTIME_DIR/wayland-7"
    refuses -p desktop-wayland -- connect-unix "$XDG_RUNTIME_DIR/wayland-8"
    permits -p ssh-agent -- connect-unix "$SSH_AUTH_SOCK"
    refuses -p audio -- connect-unix "$SSH_AUTH_SOCK"
}
