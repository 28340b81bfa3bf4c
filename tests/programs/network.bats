#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs that fetch, copy and log in: each does its work under the profile of its name, with
# servers on the host's loopback.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # quotes for scripts inside; what run sets

load dev

# web DIR: serves it on the host's loopback; the port in $WEB
web() {
    cat >"$T/web.py" <<'EOF'
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_address[1], flush=True)
server.serve_forever()
EOF
    background python3 "$T/web.py" "$1" >"$T/web.port" 2>/dev/null
    wait_until has_text "$T/web.port"
    WEB=$(<"$T/web.port")
}

@test "curl fetches to standard output and writes no file unless it may" {
    need curl python3
    need_scopes
    mkdir "$T/site"
    echo page >"$T/site/page"
    web "$T/site"
    works curl curl -sS "http://127.0.0.1:$WEB/page"
    equal page "$output"
    leaves_nothing "$T/w/got" curl -sS -o got "http://127.0.0.1:$WEB/page"
    rm got
    run -0 sbx run -w . -- curl -sS -o got "http://127.0.0.1:$WEB/page"
    equal page "$(<got)"
    run ! sbx run -- curl -sS "file://$HOME/.ssh/id_test"
    run -0 curl -sS "file://$HOME/.ssh/id_test"
    bounds curl ro net
}

@test "wget fetches into the working directory" {
    need wget python3
    need_scopes
    mkdir "$T/site"
    echo page >"$T/site/page"
    web "$T/site"
    works wget wget -q "http://127.0.0.1:$WEB/page"
    equal page "$(<page)"
    leaves_nothing "$T/o/got" wget -q -P "$T/o/got" "http://127.0.0.1:$WEB/page"
    bounds wget rw net
}

@test "dig asks a name server" {
    need dig python3
    need_scopes
    cat >"$T/dns.py" <<'EOF'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    q, peer = s.recvfrom(512)
    end = q.index(b"\0", 12) + 5
    head = q[:2] + b"\x84\x00\0\1\0\1\0\0\0\0"
    s.sendto(head + q[12:end] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\x07", peer)
EOF
    background python3 "$T/dns.py" >"$T/dns.port"
    wait_until has_text "$T/dns.port"
    works dig dig +short +noedns -p "$(<"$T/dns.port")" @127.0.0.1 example.test
    equal 192.0.2.7 "$output"
    run ! sbx run -n none -- dig +short +time=1 +tries=1 -p "$(<"$T/dns.port")" @127.0.0.1 example.test
    bounds dig ro net
}

# --- git ------------------------------------------------------------------------------------

# repository DIR: with one commit
repository() {
    git init -q "$1"
    echo text >"$1/file"
    git -C "$1" add file
    git -C "$1" commit -qm first
}

git_user() {
    git config --global user.name Tester
    git config --global user.email tester@example.test
    git config --global init.defaultBranch main
}

@test "git clones a local repository and over the network, and commits" {
    need git python3
    need_scopes
    git_user
    repository from
    works git git clone -q from copy
    equal text "$(<copy/file)"
    git -C from update-server-info
    web "$T/w/from"
    works git git clone -q "http://127.0.0.1:$WEB/.git" far
    equal text "$(<far/file)"
    cd copy
    echo more >>file
    works git git commit -qam second
    equal second "$(git log -1 --format=%s)"
    works git git checkout -q -b other
    works git git gc -q
    run -0 git fsck
    leaves_nothing "$T/o/copy" git clone -q . "$T/o/copy"
    cd "$T/w"
    bounds git rw net
}

@test "git's hooks and configuration can't be changed, nor .git be put aside" {
    need git
    need_scopes
    git_user
    repository .
    run ! sbx run -- git config core.fsmonitor 'touch owned'
    run ! sbx run -- git config core.hooksPath hooks
    equal "" "$(git config --get-regexp 'core\.(fsmonitor|hookspath)')"
    # What a script of the repository could try.
    run ! sbx run -- git -c 'alias.x=!echo bad >.git/hooks/pre-commit' x
    [[ ! -e .git/hooks/pre-commit ]]
    run ! sbx run -- git -c 'alias.x=!mv .git .git-old' x
    run ! sbx run -- git -c 'alias.x=!mv .git/hooks .git/hooks-old' x
    run ! sbx run -- git -c 'alias.x=!rm .git/config' x
    [[ -s .git/config && -d .git/hooks && ! -e .git-old ]]
    run -0 git config core.fsmonitor 'touch owned'
}

@test "git reads the user's settings and none of the passwords" {
    need git
    need_scopes
    git_user
    mkdir -p "$HOME/.config/git"
    echo "https://me:password@example.test" | tee "$HOME/.git-credentials" >"$HOME/.config/git/credentials"
    echo '*.tmp' >"$HOME/.config/git/ignore"
    works git git config user.name
    equal Tester "$output"
    run ! sbx run -- git -c 'alias.x=!cat ~/.git-credentials ~/.config/git/credentials' x
    unlike "$output" '^https'
    run -0 git -c 'alias.x=!cat ~/.git-credentials ~/.config/git/credentials' x
    like "$output" '^https'
}

@test "git does not run where the whole home would be writable" {
    need git
    permits -p git -- write "$T/w"
    cd "$HOME"
    sbx_fails 'whole home directory' -- run -- git status
}

# --- ssh ------------------------------------------------------------------------------------

# ssh_server: an sshd of our own, that lets us in; settings in $HOME/.ssh/config, host "there"
ssh_server() {
    local i

    [[ -x /usr/sbin/sshd ]] || skip "sshd is not installed"
    ! is_root || mkdir -p /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/id_ed25519"
    ssh-keygen -q -t ed25519 -N '' -f "$T/host_key"
    mkdir "$T/server"
    cp "$HOME/.ssh/id_ed25519.pub" "$T/server/authorized"
    for ((i = 0; i < 20; i++)); do
        SSH=$((20000 + RANDOM % 10000))
        cat >"$T/server/config" <<EOF
Port $SSH
ListenAddress 127.0.0.1
HostKey $T/host_key
AuthorizedKeysFile $T/server/authorized
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
Subsystem sftp internal-sftp
EOF
        background /usr/sbin/sshd -D -e -f "$T/server/config" 2>"$T/server/log"
        wait_until grep -qE 'listening|in use' "$T/server/log"
        ! grep -q listening "$T/server/log" || break
    done
    cat >"$HOME/.ssh/config" <<EOF
Host there
    HostName 127.0.0.1
    Port $SSH
    User $(id -un)
    IdentityFile $HOME/.ssh/id_ed25519
    UserKnownHostsFile $HOME/.ssh/known_hosts
    BatchMode yes
EOF
    # The account's home need not be $HOME, and ssh goes by the account.
    echo "[127.0.0.1]:$SSH $(cut -d' ' -f1,2 "$T/host_key.pub")" >"$HOME/.ssh/known_hosts"
    run -0 ssh -F "$HOME/.ssh/config" there echo control
}

@test "ssh logs in with the user's key, which it can't change" {
    need ssh ssh-keygen
    need_scopes
    ssh_server
    works ssh ssh -F "$HOME/.ssh/config" there 'echo in: $SSH_CONNECTION'
    like "$output" '^in: 127.0.0.1 '
    permits -p ssh -- read "$HOME/.ssh/id_ed25519"
    refuses -p ssh -- write "$HOME/.ssh/id_ed25519"
    refuses -p ssh -- write "$HOME/.ssh"
    permits -p ssh -- write "$HOME/.ssh/known_hosts"
    echo private >"$HOME/letter"
    control read "$HOME/letter"
    refuses -p ssh -- read "$HOME/letter"
    refuses -p ssh -- write "$T/w"
    refuses -p ssh -- write "$T/o"
    run ! sbx run -n none -- ssh -F "$HOME/.ssh/config" there true
}

@test "scp and sftp copy into the working directory" {
    need scp sftp ssh ssh-keygen
    need_scopes
    ssh_server
    works scp scp -q -F "$HOME/.ssh/config" "there:$T/o/file" got
    equal outside "$(<got)"
    works scp sftp -q -F "$HOME/.ssh/config" "there:$T/o/file" got2
    equal outside "$(<got2)"
    # The home is a private one: what is put there is gone.
    run sbx run -- scp -q -F "$HOME/.ssh/config" "there:$T/o/file" "$HOME/"
    [[ ! -e $HOME/file ]]
    run -0 scp -q -F "$HOME/.ssh/config" "there:$T/o/file" "$HOME/"
    permits -p scp -- write "$T/w"
    refuses -p scp -- write "$T/o"
    refuses -p scp -- read "$HOME/file"
}

@test "rsync copies, locally and by way of ssh-agent, without the keys" {
    need rsync ssh ssh-keygen ssh-agent ssh-add
    need_scopes
    ssh_server
    mkdir from
    echo one >from/a
    works rsync rsync -a --no-o --no-g from/ to/
    equal one "$(<to/a)"
    background ssh-agent -D -a "$T/home/agent"
    wait_until test -S "$T/home/agent"
    export SSH_AUTH_SOCK=$T/home/agent
    run -0 ssh-add -q "$HOME/.ssh/id_ed25519"
    works rsync rsync -a --no-o --no-g -e "ssh -F $HOME/.ssh/config" "there:$T/o/" far/
    equal outside "$(<far/file)"
    unset SSH_AUTH_SOCK
    run ! sbx run -- rsync -a -e "ssh -F $HOME/.ssh/config" "there:$T/o/" none/
    refuses -p rsync -- read "$HOME/.ssh/id_ed25519"
    bounds rsync rw net
}
