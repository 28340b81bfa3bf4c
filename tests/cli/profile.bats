#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Profiles: the verbs, where they are found, what wins over what, and which program gets which.
# bats file_tags=profile
# shellcheck disable=SC2016,SC2154 # a profile's dollar signs are not bash's; set by run

load common

setup() {
    common_setup
    PROFILES=$HOME/.config/sbx/profiles
    mkdir -p "$PROFILES"
    unset XDG_CONFIG_HOME PYENV_ROOT CARGO_HOME RUSTUP_HOME GOPATH GOCACHE NVM_DIR
}

# profile NAME: stdin becomes the user's profile of this name
profile() {
    cat >"$PROFILES/$1.yaml"
}

# file NAME: stdin becomes a file in the working directory
file() {
    cat >"$T/w/$1"
}

# shown ARGUMENT...: the lines of `show`, without what stands above them
shown() {
    sbx profile show "$@" | sed '1,/^$/d'
}

# values ARGUMENT...: these lines without their origins
values() {
    shown "$@" | sed 's/ *\[[^]]*\]$//'
}

# line SECTION.KEY ARGUMENT...: the lines of one option, with one space before the origin
line() {
    local key=$1

    shift
    shown "$@" | grep -F "$key" | sed 's/  *\[/ [/'
}

shipped() {
    sbx profile list | awk '$2 == "shipped" { print $1 }'
}

# --- the verbs ------------------------------------------------------------------------------

@test "list: name, source, description, programs" {
    printf 'sbx: 1\ndescription: Mine alone\nmatch: [one, two]\n' | profile mine
    printf 'sbx: 1\nrx: 1\n' | profile broken
    printf 'sbx: 1\n' | profile bare
    printf 'sbx: 1\n' | profile mine.local
    printf 'sbx: 1\n' >"$PROFILES/no profile.yaml"
    printf 'sbx: 1\n' >"$PROFILES/other.yml"
    run -0 --separate-stderr sbx profile list
    equal "" "$stderr"
    like "$output" '^mine +user +Mine alone  \[one two\]$' '^bare +user +\(no description\)$' \
        "^broken +user +WRONG: line 2: unknown key 'rx'$" \
        '^ffmpeg +shipped +ffmpeg - .*\[ffmpeg ffprobe\]$'
    unlike "$output" '^mine\.local' '^no profile' '^other'
    equal "$output" "$(LC_ALL=C sort <<<"$output")"
    [[ $(wc -l <<<"$output") -ge 60 ]]
    run -0 sbx profile list --names
    equal "$(sbx profile list | awk '{ print $1 }')" "$output"
}

@test "list: a name that two directories have is shown once, as it is found" {
    printf 'sbx: 1\ndescription: My ffmpeg\n' | profile ffmpeg
    run -0 sbx profile list
    equal "1" "$(grep -c '^ffmpeg ' <<<"$output")"
    like "$output" '^ffmpeg +user +My ffmpeg$'
}

@test "show: name, description, files, and every line with its origin" {
    file base-of-mine.yaml <<'END'
sbx: 1
END
    profile lower <<'END'
sbx: 1
limits:
  pids: 7
network: { net: host }
END
    profile mine <<'END'
sbx: 1
description: A show
extends: lower
filesystem:
  rw: .
lockdown:
  userns: true
network: { net: none }
END
    run -0 sbx profile show mine
    equal "profile      mine
description  A show
made of      $PROFILES/lower.yaml
             $PROFILES/mine.yaml" "$(sed '/^$/,$d' <<<"$output")"
    equal "filesystem.rw $T/w [~/.config/sbx/profiles/mine.yaml:5:7]
network.net none [~/.config/sbx/profiles/mine.yaml:8:17]
lockdown.userns [~/.config/sbx/profiles/mine.yaml:7:11]
limits.pids 7 [~/.config/sbx/profiles/lower.yaml:3:9]" "$(shown mine | sed 's/  *\[/ [/')"
    echo 'sbx: 1' | profile nothing
    run -0 sbx profile show nothing
    like "$output" 'nothing beyond the built-in default view'
}

@test "show: also where the profile refuses to run" {
    printf 'sbx: 1\nlimits: { pids: 9 }\nrefuse: { when: { exists: / }, because: never }\n' |
        profile never
    sbx_fails 'never\.yaml:3:9: never$' -- run -p never -- true
    run -0 sbx profile show never
    like "$output" '^limits\.pids 9 '
    run -0 sbx profile show never --yaml
    run -0 sbx profile diff never never
    # build refuses to run in a home, and that is where one looks at it
    cd "$HOME"
    run -0 sbx profile show build
    sbx_fails 'the whole home directory would be writable' -- run -p build -- true
}

@test "show --yaml loads back to the same, for every shipped profile" {
    local name failed=

    shipped >names
    [[ $(wc -l <names) -ge 60 ]]
    mkdir project
    cd project
    while read -r name; do
        values "$name" >"$T/o/before"
        sbx profile show "$name" --yaml >"$T/o/again.yaml"
        grep -q '^sbx: 1$' "$T/o/again.yaml"
        values "$T/o/again.yaml" >"$T/o/after"
        cmp -s "$T/o/before" "$T/o/after" && [[ -s $T/o/before ]] || failed+=" $name"
        run -0 sbx profile diff "$name" "$T/o/again.yaml"
        equal "" "$output"
        # what follows from it: the same steps, but where a profile wants a network that this kernel
        # can't close as far as it has to be
        has_abstract_scope || ! sbx plan -p "$name" -- true 2>&1 | grep -q "close the host's abstract sockets" || continue
        sbx plan -p "$name" -- true | sed '1d; s/ *\[[^]]*\]$//' >"$T/o/plan-before"
        sbx plan -p "$T/o/again.yaml" -- true | sed '1d; s/ *\[[^]]*\]$//' >"$T/o/plan-after"
        [[ -s $T/o/plan-before ]]
        diff -u "$T/o/plan-before" "$T/o/plan-after"
    done <../names
    equal "" "$failed"
}

@test "show --yaml: text with signs of YAML, of patterns and of variables in it" {
    mkdir "$T/w/a*b" "$T/w/a:b" "$T/w/[x]" "$T/w/\${HOME}" "$T/w/~" "$T/w/back\\slash"
    file p.yaml <<'END'
sbx: 1
description: "It's: a # \"description\""
filesystem:
  rw: ["a[*]b", "[[]x]", "./$${HOME}", "./~", 'a\:b', 'back\\slash']
  hide: ["./a[*]b/none"]
environment:
  env: ["A=*", "B=${HOME}", "C=$$HOME", "D=~", "E=: x # y", "F=true", "G=", "H= é "]
END
    sbx profile show p.yaml --yaml >again.yaml
    equal "$(values p.yaml)" "$(values again.yaml)"
    like "$(values p.yaml)" "^filesystem.rw $T/w/a\*b" "^filesystem.rw $T/w/~$" \
        "^environment.env C=\\\$HOME$" "^environment.env D=~$"
    run -0 sbx run -p ./again.yaml -- sh -c 'printf "%s|" "$A" "$B" "$C" "$D" "$E" "$F" "$G" "$H"'
    equal "*|$HOME|\$HOME|~|: x # y|true|| é |" "$output"
}

@test "check: several files, each with its word" {
    printf 'sbx: 1\n' | file good.yaml
    printf 'sbx: 1\nrx: 1\n' | file bad.yaml
    run -0 --separate-stderr sbx profile check good.yaml ./good.yaml
    equal "good.yaml: correct
./good.yaml: correct" "$output"
    run -125 --separate-stderr sbx profile check good.yaml bad.yaml nosuch.yaml good.yaml
    equal "good.yaml: correct
good.yaml: correct" "$output"
    like "$stderr" "^sbx: $T/w/bad.yaml:2:1: unknown key 'rx'$" 'nosuch\.yaml'
    # a word without a slash is a file here, not a profile's name
    run -125 sbx profile check build
    sbx_fails 'missing after' -- profile check
}

@test "check: every shipped profile is correct" {
    local name

    shipped >names
    while read -r name; do
        sbx profile show "$name" | sed -n 's/^made of  *//p; s/^             //p' | tail -1
    done <names >files
    equal "$(wc -l <names)" "$(wc -l <files)"
    mapfile -t files <files
    run -0 sbx profile check "${files[@]}"
    equal "${#files[@]}" "$(grep -c ': correct$' <<<"$output")"
}

@test "which: the profile of a command, and why" {
    profile mine <<'END'
sbx: 1
match: [ls, nosuch-program]
END
    run -0 sbx profile which ls
    equal "mine $PROFILES/mine.yaml (matches $(PATH=$PATH command -v ls))" "$output"
    run -0 sbx profile which nosuch-program
    like "$output" "^default .*'nosuch-program' is not found"
    # also where it refuses to run
    printf 'sbx: 1\nmatch: ls\nrefuse: { when: { exists: / }, because: never }\n' | profile mine
    sbx_fails 'never$' -- run -- ls
    run -0 sbx profile which ls
    like "$output" '^mine .*matches'
    run -0 sbx profile which no-profile-for-this
    like "$output" "^default .*no profile matches 'no-profile-for-this'"
}

@test "path: the directories, in their order" {
    run -0 sbx profile path
    equal "$PROFILES" "${lines[0]}"
    equal /etc/sbx/profiles "${lines[1]}"
    like "${lines[2]}" '/share/sbx/profiles$'
    equal 3 "${#lines[@]}"
    [[ -e ${lines[2]}/default.yaml ]]
    XDG_CONFIG_HOME=$T/o run -0 sbx profile path
    equal "$T/o/sbx/profiles" "${lines[0]}"
    # what is not absolute does not count
    XDG_CONFIG_HOME=o run -0 sbx profile path
    equal "$PROFILES" "${lines[0]}"
    XDG_CONFIG_HOME='' run -0 sbx profile path
    equal "$PROFILES" "${lines[0]}"
}

@test "schema: JSON, with every option in its section" {
    local key

    sbx profile schema >schema.json
    jq -e '."$schema" and .type == "object" and .additionalProperties == false' schema.json
    jq -e '.required == ["sbx"]' schema.json
    for key in sbx description extends match remove refuse filesystem network environment \
        identity lockdown limits run; do
        jq -e --arg key "$key" '.properties | has($key)' schema.json
    done
    jq -e '.properties.filesystem.properties | has("rw") and has("hide")' schema.json
    jq -e '.properties.run.properties | has("profile") | not' schema.json
    # the keys of a shipped profile are all there
    sbx profile show build --yaml |
        awk '/^[a-z]+:$/ { section = $1; sub(":", "", section) }
             /^  [a-z-]+:/ { key = $1; sub(":.*", "", key); print section "." key }' >keys
    [[ -s keys ]]
    while read -r key; do
        jq -e --arg section "${key%.*}" --arg key "${key#*.}" \
            '.properties[$section].properties | has($key)' schema.json
    done <keys
}

@test "diff: what one has and the other not" {
    printf 'sbx: 1\nlimits: { pids: 5, time: 1s }\n' | profile left
    printf 'sbx: 1\nlimits: { pids: 6, time: 1s }\nnetwork: { net: host }\n' | profile right
    run -1 sbx profile diff left right
    equal "- limits.pids 5  [~/.config/sbx/profiles/left.yaml:2:17]
+ network.net host  [~/.config/sbx/profiles/right.yaml:3:17]
+ limits.pids 6  [~/.config/sbx/profiles/right.yaml:2:17]" "$output"
    run -0 sbx profile diff left left
    equal "" "$output"
    sbx_fails "no profile 'nosuch'" -- profile diff left nosuch
    sbx_fails 'missing after' -- profile diff left
}

@test "the verb itself: words that it does not know" {
    sbx_fails 'there is no verb' 'list, show, check' -- profile
    sbx_fails "unknown verb 'lst'" -- profile lst
    sbx_fails "unknown option '--yml'" -- profile show build --yml
    sbx_fails "unknown argument 'x'" -- profile show build x
    sbx_fails "unknown argument 'x'" -- profile path x
    run -0 sbx profile --help
    like "$output" 'list' 'show' 'check' 'which' 'path' 'schema' 'diff'
}

# --- where they are found -------------------------------------------------------------------

@test "the user's directory comes before the shipped one" {
    printf 'sbx: 1\ndescription: of the user\n' | profile strict
    run -0 sbx profile show strict
    like "$output" '^description  of the user$'
    # and another place for it
    mkdir -p "$T/o/sbx/profiles"
    printf 'sbx: 1\ndescription: of XDG_CONFIG_HOME\n' >"$T/o/sbx/profiles/strict.yaml"
    XDG_CONFIG_HOME=$T/o run -0 sbx profile show strict
    like "$output" '^description  of XDG_CONFIG_HOME$'
    # without any of them
    HOME=/nonexistent run -0 sbx profile show strict
    like "$output" 'made of .*/share/sbx/profiles/'
}

@test "/etc/sbx/profiles comes between" {
    skip_unless root "only root can set this up"
    in_mount_ns bash -c '
        set -e
        mkdir -p "$1/etc/sbx/profiles"
        printf "sbx: 1\ndescription: of the system\n" >"$1/etc/sbx/profiles/strict.yaml"
        cp -a /etc/passwd /etc/group "$1/etc/"
        mount --bind "$1/etc" /etc
        "$SBX" profile show strict' - "$T/o" >out
    like "$(cat out)" '^description  of the system$' '^made of +/etc/sbx/profiles/strict\.yaml$'
    printf 'sbx: 1\ndescription: of the user\n' | profile strict
    in_mount_ns bash -c 'mount --bind "$1/etc" /etc && "$SBX" profile show strict' - "$T/o" >out
    like "$(cat out)" '^description  of the user$'
}

@test "a file by its path, from anywhere, also through a pipe" {
    mkdir sub
    printf 'sbx: 1\ndescription: by path\n' >sub/any.yaml
    cp sub/any.yaml sub/any
    run -0 sbx profile show sub/any.yaml
    like "$output" '^profile      any$' '^description  by path$'
    run -0 sbx profile show ./sub/any
    like "$output" '^profile      any$'
    cd sub
    run -0 sbx profile show any.yaml
    run -0 sbx profile show "$T/w/sub/any"
    run -0 sbx profile show ../sub/../sub/any.yaml
    # a bare name is never a file here
    sbx_fails "no profile 'any'" -- profile show any
    # what comes out of a pipe is no file whose owner could be judged
    run -125 sbx run -p <(cat any.yaml) -- true
    run -125 bash -c 'cat any.yaml | sbx run -p /dev/stdin -- true'
    # but it runs in one
    equal 4 "$(printf '1\n2\n3\n4\n' | sbx run -p ./any.yaml -- cat | wc -l)"
}

@test "what is relative in a profile is the caller's, wherever the file lies" {
    mkdir "$T/w/here" "$T/o/p"
    printf 'sbx: 1\nfilesystem: { rw: . }\n' >"$T/o/p/rel.yaml"
    cd here
    equal "filesystem.rw $T/w/here" "$(values "$T/o/p/rel.yaml")"
    run -0 sbx run -p "$T/o/p/rel.yaml" -- touch made
    [[ -e made ]]
}

# --- what wins ------------------------------------------------------------------------------

@test "layers: extends, then the profile, then its local file, then the command line" {
    profile lowest <<'END'
sbx: 1
limits: { pids: 11, open-files: 111, time: 11s, cpu-time: 11s, file-size: 11M }
END
    profile lower <<'END'
sbx: 1
extends: lowest
limits: { open-files: 112, time: 12s, cpu-time: 12s, file-size: 12M }
END
    profile mine <<'END'
sbx: 1
extends: lower
limits: { time: 13s, cpu-time: 13s, file-size: 13M }
END
    profile mine.local <<'END'
sbx: 1
limits: { cpu-time: 14s, file-size: 14M }
END
    equal "limits.pids 11 [~/.config/sbx/profiles/lowest.yaml:2:17]
limits.file-size 14M [~/.config/sbx/profiles/mine.local.yaml:2:37]
limits.open-files 112 [~/.config/sbx/profiles/lower.yaml:3:23]
limits.cpu-time 14s [~/.config/sbx/profiles/mine.local.yaml:2:21]
limits.time 13s [~/.config/sbx/profiles/mine.yaml:3:17]" "$(shown mine | sed 's/  *\[/ [/')"
    printf 'sbx: 1\nremove: { limits: { pids: all } }\nlimits: { cpu-time: 14s, file-size: 14M }\n' |
        profile mine.local # the kernel does not count root's processes
    sbx plan -p mine --file-size 15M -- true >plan.txt
    like "$(cat plan.txt)" "file-size $((15 * 1048576)) .*\[--file-size\]" \
        'cpu-time 14, .*\[~/\.config/sbx/profiles/mine\.local\.yaml:3:21\]' \
        'open-files 112 .*lower\.yaml:3:23'
    unlike "$(cat plan.txt)" "file-size $((14 * 1048576))"
    equal "$((15 * 1024))" "$(sbx run -p mine --file-size 15M -- bash -c 'ulimit -f')"
    equal 112 "$(sbx run -p mine -- bash -c 'ulimit -n')"
}

@test "layers: each profile once, at its first place; the last of extends wins" {
    printf 'sbx: 1\nlimits: { pids: 1 }\n' | profile shared
    printf 'sbx: 1\nextends: shared\nlimits: { pids: 2 }\n' | profile one
    printf 'sbx: 1\nextends: shared\n' | profile two
    printf 'sbx: 1\nextends: [one, two]\n' | profile both
    equal "limits.pids 2" "$(values both)"
    printf 'sbx: 1\nextends: shared\nlimits: { pids: 3 }\n' | profile two
    equal "limits.pids 3" "$(values both)"
    equal "shared one two both" "$(sbx profile show both | grep -o '[a-z]*\.yaml$' |
        sed 's/\.yaml//' | tr '\n' ' ' | sed 's/ $//')"
}

@test "override: a user's file of a shipped name, that extends what it hides" {
    profile ffmpeg <<'END'
sbx: 1
extends: [ffmpeg]
limits: { time: 1h }
END
    like "$(line limits.time ffmpeg)" '^limits.time 1h \[~/.config/sbx/profiles/ffmpeg.yaml:3:17\]$'
    like "$(sbx profile show ffmpeg)" '/share/sbx/profiles/ffmpeg\.yaml$' \
        '/share/sbx/profiles/convert-here\.yaml$' "$PROFILES/ffmpeg\.yaml$"
    # all of the shipped one is still there
    mv "$PROFILES/ffmpeg.yaml" "$T/o/"
    values ffmpeg >shipped
    mv "$T/o/ffmpeg.yaml" "$PROFILES/"
    equal "$(cat shipped)" "$(values ffmpeg | grep -v '^limits.time 1h$')"
    # without extends it is all there is
    printf 'sbx: 1\n' | profile ffmpeg
    equal "" "$(values ffmpeg | grep '\.')"
}

@test "local: beside a profile and beside a building block, which counts everywhere" {
    printf 'sbx: 1\nenvironment: { env: [LOCAL=base] }\n' | profile base.local
    printf 'sbx: 1\nenvironment: { env: [STRICT=1] }\n' | profile strict.local
    like "$(line LOCAL=base build)" 'base\.local\.yaml:2:22'
    like "$(line LOCAL=base strict)" 'base\.local\.yaml:2:22'
    like "$(line STRICT=1 strict)" 'strict\.local\.yaml:2:22'
    equal "" "$(values build | grep STRICT)"
    run -0 sbx run -p strict -- sh -c 'echo $LOCAL $STRICT'
    equal "base 1" "$output"
    # for the default profile too
    printf 'sbx: 1\nenvironment: { env: [LOCAL=default] }\n' | profile default.local
    run -0 sbx run -- sh -c 'echo $LOCAL'
    equal default "$output"
    # it does not choose
    printf 'sbx: 1\nmatch: ls\n' | profile strict.local
    sbx_fails "strict\.local\.yaml:2:1: a local file has no 'match'" -- run -p strict -- true
}

@test "one path: the later rule wins, whatever the option" {
    mkdir "$T/w/data" "$T/w/other"
    printf 'sbx: 1\nfilesystem: { rw: [data, other] }\n' | profile lower
    printf 'sbx: 1\nextends: lower\nfilesystem: { hide: ./other/../data }\n' | profile upper
    equal "filesystem.rw $T/w/other
filesystem.hide $T/w/data" "$(values upper)"
    run -0 sbx run -p upper --rw data -- touch data/made other/made
    [[ -e data/made && -e other/made ]]
    run -0 sbx run -p upper -- sh -c 'ls data'
    equal "" "$output"
}

@test "env and system calls: the later entry of a name wins" {
    printf 'sbx: 1\nenvironment: { env: [A=1, B=1] }\nlockdown: { deny-syscall: [chdir, mkdir] }\n' |
        profile lower
    printf 'sbx: 1\nextends: lower\nenvironment: { env: A=2 }\nlockdown: { allow-syscall: chdir }\n' |
        profile upper
    equal "environment.env A=2
environment.env B=1
lockdown.allow-syscall chdir
lockdown.deny-syscall mkdir" "$(values upper)"
    run -0 sbx run -p upper -e A=3 -- sh -c 'echo $A $B'
    equal "3 1" "$output"
}

@test "a flag: true, and false that takes it back" {
    printf 'sbx: 1\nlockdown: { userns: true }\n' | profile lower
    printf 'sbx: 1\nextends: lower\nlockdown: { userns: false }\n' | profile upper
    equal "lockdown.userns" "$(values lower)"
    equal "" "$(values upper | grep userns)"
    # false where nothing is to be taken back is fine
    printf 'sbx: 1\nlockdown: { userns: false }\n' | profile alone
    run -0 sbx run -p alone -- true
}

@test "remove: an entry, all of an option, what may be missing" {
    profile lower <<'END'
sbx: 1
filesystem:
  ro: [~/a, { path: ~/b, optional: true }]
  hide: [/srv, "/no/such*"]
environment: { env: [A=1, B=2] }
limits: { pids: 5, time: 5s }
END
    mkdir "$HOME/a"
    profile upper <<'END'
sbx: 1
extends: lower
remove:
  filesystem:
    ro: [~/b, { path: ~/c, optional: true }]
    hide: all
  environment: { env: A }
  limits: { time: all }
END
    equal "filesystem.ro $HOME/a
environment.env B=2
limits.pids 5" "$(values upper)"
    # what is taken back can be added anew in the same file, wherever it stands
    profile upper <<'END'
sbx: 1
extends: lower
filesystem: { hide: /opt }
remove: { filesystem: { hide: [/srv, "/no/such*"] } }
END
    equal "filesystem.hide /opt" "$(values upper | grep hide)"
}

@test "optional: left out where it is missing, there where it is not" {
    profile mine <<'END'
sbx: 1
filesystem:
  rw: { path: data, optional: true }
  hide: { path: secret, optional: true }
END
    run -0 sbx run -p mine -- true
    mkdir data secret
    echo x >secret/file
    run -0 sbx run -p mine -- sh -c 'echo y >data/made; ls secret'
    equal "" "$output"
    equal y "$(cat data/made)"
    printf 'sbx: 1\nfilesystem: { rw: nosuch }\n' | profile must
    sbx_fails 'must\.yaml:2:19: .*nosuch' -- run -p must -- true
}

@test "when: paths, features, users" {
    profile mine <<'END'
sbx: 1
environment:
  env:
    - { value: "EXISTS=1", when: { exists: ./there } }
    - { value: "MISSING=1", when: { missing: ./there } }
    - { value: "BOTH=1", when: { exists: [./there, /usr] } }
    - { value: "NEITHER=1", when: { exists: /usr, missing: /usr } }
    - { value: "ROOT=1", when: { user: root } }
    - { value: "ORDINARY=1", when: { user: ordinary } }
    - { value: "LANDLOCK=1", when: { feature: landlock } }
    - { value: "HOME_IS_HERE=1", when: { workdir: home } }
END
    run -0 sbx run -p mine -- sh -c 'env | sort'
    like "$output" '^MISSING=1$'
    unlike "$output" '^EXISTS=' '^BOTH=' '^NEITHER=' '^HOME_IS_HERE='
    if is_root; then
        like "$output" '^ROOT=1$'
        unlike "$output" '^ORDINARY='
    else
        like "$output" '^ORDINARY=1$'
        unlike "$output" '^ROOT='
    fi
    if [[ $("$PROBE" landlock-abi) -ge 2 ]]; then
        like "$output" '^LANDLOCK=1$'
    else
        unlike "$output" '^LANDLOCK='
    fi
    touch there
    run -0 sbx run -p mine -- sh -c 'env | sort'
    like "$output" '^EXISTS=1$' '^BOTH=1$'
    unlike "$output" '^MISSING='
    cd "$HOME"
    run -0 sbx run -p mine -- env
    like "$output" '^HOME_IS_HERE=1$'
    cd "$T"
    run -0 sbx run -p mine -- env
    like "$output" '^HOME_IS_HERE=1$'
}

@test "patterns: what the host has when the run starts" {
    profile mine <<'END'
sbx: 1
filesystem:
  hide: ["${PWD}/*.key", "${PWD}/[a-c]?.txt"]
END
    echo secret | tee one.key two.key aa.txt a.txt bb.txt dd.txt .hidden.key >/dev/null
    equal "filesystem.hide $T/w/aa.txt
filesystem.hide $T/w/bb.txt
filesystem.hide $T/w/one.key
filesystem.hide $T/w/two.key" "$(values mine)"
    run -0 sbx run -p mine -- sh -c 'cat *.key *.txt .hidden.key 2>/dev/null | grep -c secret'
    equal 3 "$output"
    like "$(shown mine)" 'one\.key +\[~/\.config/sbx/profiles/mine\.yaml:3:10\]$'
    rm ./*.key
    run -0 sbx run -p mine -- true
}

@test "patterns: what a variable holds is none" {
    mkdir 'job[1]' job1 'star*'
    printf 'sbx: 1\nfilesystem: { hide: "${PWD}/secret" }\n' | profile plain
    printf 'sbx: 1\nfilesystem: { hide: "${PWD}/sec*" }\n' | profile pattern
    printf 'sbx: 1\nfilesystem: { hide: "sec*" }\n' | profile relative
    echo secret | tee 'job[1]/secret' job1/secret 'star*/secret' >/dev/null
    local name dir

    for dir in 'job[1]' 'star*'; do
        cd "$T/w/$dir"
        for name in plain pattern relative; do
            equal "filesystem.hide $T/w/$dir/secret" "$(values "$name")"
            run -0 sbx run -p "$name" -- sh -c 'cat secret 2>/dev/null || true'
            equal "" "$output"
        done
    done
}

@test "variables" {
    profile mine <<'END'
sbx: 1
environment:
  env: ["H=${HOME}", "P=${PWD}", "U=${USER}", "I=${UID}", "T=${TMPDIR}", "C=${XDG_CONFIG_HOME}",
    "R=${XDG_RUNTIME_DIR}", "D=${GOPATH:-~/go}", "N=${DISPLAY:-none}", "S=$$x $1"]
END
    unset TMPDIR XDG_RUNTIME_DIR DISPLAY
    run -0 sbx run -p mine -- sh -c 'echo "$H|$P|$U|$I|$T|$C|$R|$D|$N|$S"'
    equal "$HOME|$T/w|$(id -un)|$(id -u)|/tmp|$HOME/.config|/run/user/$(id -u)|$HOME/go|none|\$x \$1" \
        "$output"
    TMPDIR=/var/tmp GOPATH=/g DISPLAY=:7 XDG_RUNTIME_DIR=relative \
        run -0 sbx run -p mine -- sh -c 'echo "$T|$D|$N|$R"'
    equal "/var/tmp|/g|:7|/run/user/$(id -u)" "$output"
}

@test "variables: what one holds adds no field" {
    mkdir -p "$T/w/a:b" "$T/w/a"
    printf 'sbx: 1\nfilesystem: { rw: "${PWD}" }\n' | profile mine
    cd "$T/w/a:b"
    run -0 sbx run -p mine -- touch made
    [[ -e made ]]
    like "$(values mine)" "^filesystem.rw $T/w/a\\\\:b$"
}

@test "plan: the profile's line for each step, and who won" {
    printf 'sbx: 1\nfilesystem: { rw: . }\nnetwork: { net: host-abstract }\nlimits: { open-files: 99 }\n' |
        profile mine
    run -0 sbx plan -p mine --open-files 98 -- true
    like "$output" "$T/w .*writable.*\[~/\.config/sbx/profiles/mine\.yaml:2:19\]" \
        'open-files 98 .*\[--open-files\]'
    unlike "$output" 'open-files 99'
    sbx plan -p mine --json -- true >plan.json
    jq -e . plan.json >/dev/null
    like "$(cat plan.json)" 'mine\.yaml:2:19'
}

@test "--profile: the last one counts" {
    printf 'sbx: 1\nlimits: { open-files: 91 }\n' | profile one
    printf 'sbx: 1\nlimits: { open-files: 92 }\n' | profile two
    equal 92 "$(sbx run -p one -p two -- bash -c 'ulimit -n')"
    equal 91 "$(sbx run --profile=two -pone -- bash -c 'ulimit -n')"
}

# --- which program gets which ---------------------------------------------------------------

# A profile for a system program, with a grant that shows.
for_ls() {
    printf 'sbx: 1\nmatch: [ls, env]\nenvironment: { env: [GRANTED=1] }\n' | profile for-ls
}

@test "match: the system's program gets its profile, by name and by path" {
    for_ls
    run -0 sbx run -- env
    like "$output" '^GRANTED=1$'
    run -0 sbx run -- "$(command -v env)"
    like "$output" '^GRANTED=1$'
    # another program of the system does not
    run -0 sbx run -- printenv
    unlike "$output" GRANTED
    # and a name of its own choice comes first
    run -0 sbx run -p default -- env
    unlike "$output" GRANTED
}

@test "match: -v says which and why" {
    for_ls
    run -0 --separate-stderr sbx run -v -- env
    like "$stderr" "^sbx: profile: for-ls $PROFILES/for-ls\.yaml \(matches .*/env\)$"
    cp "$(command -v env)" ./env
    run -0 --separate-stderr sbx run -v -- ./env
    like "$stderr" "^sbx: profile: default .*\(profile for-ls is not for '.*env': (others than root|it lies in no dir)"
    run -0 --separate-stderr sbx run -v -p default -- env
    like "$stderr" '^sbx: profile: default .*\(--profile\)$'
}

@test "match: a downloaded program of the same name does not get the grants" {
    for_ls
    mkdir bin
    cp "$(command -v env)" bin/env
    run -0 sbx run -- ./bin/env
    unlike "$output" GRANTED
    run -0 sbx run -- "$T/w/bin/env"
    unlike "$output" GRANTED
    # first in PATH, by the caller's and by --env
    PATH=$T/w/bin:$PATH run -0 sbx run -- env
    unlike "$output" GRANTED
    run -0 sbx run -e PATH="$T/w/bin:$PATH" -- env
    unlike "$output" GRANTED
    PATH=bin:$PATH run -0 sbx run -- env
    unlike "$output" GRANTED
    PATH=$T/w/bin:$PATH run -0 sbx profile which env
    like "$output" "^default .*$T/w/bin/env"
    # the control: last in PATH it is not the one that is run
    PATH=$PATH:$T/w/bin run -0 sbx run -- env
    like "$output" '^GRANTED=1$'
}

@test "match: nor does it where --cd decides which file is run" {
    for_ls
    mkdir -p sub/bin
    cp "$(command -v env)" sub/bin/env
    PATH=bin:$PATH run -0 sbx run -C sub -- env
    unlike "$output" GRANTED
    run -0 sbx run -C sub -- bin/env
    unlike "$output" GRANTED
}

@test "match: a link in a directory of the user's to a program of the system" {
    for_ls
    mkdir bin
    ln -s "$(command -v printenv)" bin/env
    PATH=$T/w/bin:$PATH run -0 sbx run -- env
    unlike "$output" GRANTED
    # also where it leads to the very program: the link can be changed
    ln -sf "$(command -v env)" bin/env
    PATH=$T/w/bin:$PATH run -0 sbx run -- env
    unlike "$output" GRANTED
}

@test "match: a file in a directory that others can write" {
    need_root
    for_ls
    mkdir "$T/o/bin"
    cp "$(command -v env)" "$T/o/bin/env"
    chmod 777 "$T/o/bin"
    PATH=$T/o/bin:$PATH run -0 sbx run -- env
    unlike "$output" GRANTED
}

@test "match: a file of root's that is not in a place for programs, as an ordinary user" {
    need_root
    for_ls
    mkdir "$T/o/bin"
    cp "$(command -v env)" "$T/o/bin/env"
    chmod 755 "$T" "$T/o" "$T/o/bin" "$T/o/bin/env" "$HOME" "$HOME/.config" "$HOME/.config/sbx" \
        "$PROFILES"
    # only root can have put it there, so it is as good as one in /usr/bin
    PATH=$T/o/bin:$PATH run -0 as_nobody env HOME="$HOME" "$SBX" profile which env
    like "$output" "^for-ls .*\(matches $T/o/bin/env\)$"
    chown 65534 "$T/o/bin/env"
    PATH=$T/o/bin:$PATH run -0 as_nobody env HOME="$HOME" "$SBX" profile which env
    like "$output" '^default '
}

@test "match: of the same name wins, two others are a mistake" {
    printf 'sbx: 1\nmatch: env\nenvironment: { env: [WHO=one] }\n' | profile one
    printf 'sbx: 1\nmatch: [x, env]\nenvironment: { env: [WHO=two] }\n' | profile two
    sbx_fails "both profile 'one' and profile 'two' match 'env'" -- run -- env
    run -0 sbx run -p one -- env
    like "$output" '^WHO=one$'
    printf 'sbx: 1\nmatch: env\nenvironment: { env: [WHO=env] }\n' | profile env
    run -0 sbx run -- env
    like "$output" '^WHO=env$'
}

@test "match: the user's profile comes before the shipped one of another name" {
    printf 'sbx: 1\nmatch: file\n' | profile mine
    skip_unless file_program "file(1) is not installed"
    run -0 sbx profile which file
    like "$output" '^mine '
    rm "$PROFILES/mine.yaml"
    run -0 sbx profile which file
    like "$output" '^file .*/share/sbx/profiles/file\.yaml'
    # a user's file of the shipped name hides its match as well
    printf 'sbx: 1\n' | profile file
    run -0 sbx profile which file
    like "$output" "^default .*no profile matches 'file'"
}

has_file_program() { command -v file; }

# A copy of sbx with two shipped profiles, and an index beside them.
shipped_copy() {
    mkdir -p "$T/o/share/sbx/profiles"
    copy_sbx "$T/o"
    printf 'sbx: 1\nmatch: env\nenvironment: { env: [WHO=one] }\n' >"$T/o/share/sbx/profiles/one.yaml"
    printf 'sbx: 1\nmatch: printenv\nenvironment: { env: [WHO=two] }\n' \
        >"$T/o/share/sbx/profiles/two.yaml"
    printf 'env one\nprintenv two\n' >"$T/o/share/sbx/profiles/index"
    chmod -R u=rwX,go=rX "$T/o"
}

@test "match: the index of the shipped profiles says where to look, not what counts" {
    shipped_copy
    run -0 "$T/o/sbx" run -- printenv WHO
    equal "$output" two
    # it is not believed: the profile that it names has to want the program itself
    printf 'env two\nls ../../o\nprintenv nosuch\n' >"$T/o/share/sbx/profiles/index"
    run -0 "$T/o/sbx" profile which env
    like "$output" "^default .*no profile matches 'env'"
    run -0 "$T/o/sbx" profile which ls
    like "$output" "^default .*no profile matches 'ls'"
    run -0 "$T/o/sbx" profile which printenv
    like "$output" "^default .*no profile matches 'printenv'"
    # without one every profile is read
    rm "$T/o/share/sbx/profiles/index"
    run -0 "$T/o/sbx" run -- printenv WHO
    equal "$output" two
    # a user's profile comes first with and without
    printf 'sbx: 1\nmatch: printenv\nenvironment: { env: [WHO=mine] }\n' | profile mine
    run -0 "$T/o/sbx" run -- printenv WHO
    equal "$output" mine
}

@test "shipped: a link of root's to a file of the caller's is not believed" {
    need_root
    shipped_copy
    mkdir "$T/o/home" "$T/o/profiles"
    printf 'sbx: 1\nenvironment: { env: [WHO=linked] }\n' | tee "$T/o/home/x.yaml" >"$T/o/profiles/x.yaml"
    ln -s "$T/o/home/x.yaml" "$T/o/share/sbx/profiles/theirs.yaml"
    ln -s "$T/o/profiles/x.yaml" "$T/o/share/sbx/profiles/roots.yaml"
    chown -R 65534 "$T/o/home"
    chmod 755 "$T" "$T/o" "$T/o/home" "$T/o/profiles"
    cd "$T/o/home"
    run -125 as_nobody env -u XDG_CONFIG_HOME HOME="$T/o/home" "$T/o/sbx" run -p theirs -- printenv WHO
    like "$output" "theirs.yaml' can't be trusted: it leads to a file of yours" 'hint: put a copy'
    # the control: one that only root can change
    run -0 as_nobody env -u XDG_CONFIG_HOME HOME="$T/o/home" "$T/o/sbx" run -p roots -- printenv WHO
    equal "$output" linked
}

@test "match: an index that others can write ends the run" {
    shipped_copy
    chmod o+w "$T/o/share/sbx/profiles/index"
    run -125 "$T/o/sbx" run -- printenv WHO
    like "$output" "index' can't be trusted: everybody can write to it" 'hint: .*chmod o-w'
}

@test "match: however it is written" {
    local text

    for text in 'match: env\nsbx: 1' 'sbx: 1\nmatch:\n- x\n- env' 'sbx: 1\nmatch: [x,\nenv]' \
        'sbx: 1\nmatch: # env or so\n  - "env"\n' '{sbx: 1, match: [env]}' \
        'sbx: 1\n"match": env' 'sbx: 1\nmatch: "\\x65nv"' '\xef\xbb\xbfmatch: env\nsbx: 1' \
        'sbx: 1\r\nmatch:\r\n  - env\r\n' 'sbx: 1\n? match\n: env' \
        'sbx: 1\ndescription: "x\nmatch: y"\nmatch: env'; do
        printf "%b\\n" "$text" | profile mine
        run -0 sbx profile which env
        like "$output" '^mine '
    done
    for text in 'sbx: 1\nmatch: [envx, xenv, en, env-1]' 'sbx: 1\n# match: env' \
        'sbx: 1\ndescription: match env'; do
        printf "%b\\n" "$text" | profile mine
        run -0 sbx profile which env
        like "$output" '^default '
    done
}

@test "match: a wrong profile ends the run where it could have been the one" {
    printf 'sbx: 1\nmatch: [env]\nrx: 1\n' | profile broken
    sbx_fails 'broken\.yaml:3:1: unknown key' -- run -- env
    run -0 sbx run -- printenv
    run -0 sbx run -p default -- env
    printf 'sbx: 1\nrx: 1\n' | profile default
    sbx_fails 'default\.yaml:2:1: unknown key' -- run -- printenv
}

# --- the rest -------------------------------------------------------------------------------

@test "the user's profiles are not writable inside, whatever is granted" {
    printf 'sbx: 1\n' | profile mine
    run sbx run --home host --rw "$HOME" -- sh -c 'echo >"$1/mine.yaml"; echo >"$1/new.yaml"; mv "$1" "$1.old"; rm -rf "$HOME/.config/sbx"' - "$PROFILES"
    equal "sbx: 1" "$(cat "$PROFILES/mine.yaml")"
    [[ ! -e $PROFILES/new.yaml ]]
}

@test "the report names the profile" {
    echo 'sbx: 1' | profile mine
    run -0 sbx run --report report.json -p mine -- true
    equal mine "$(jq -r .profile report.json)"
    cp "$PROFILES/mine.yaml" here.yaml
    run -3 sbx run --report report.json -p ./here.yaml -- sh -c 'exit 3'
    equal here "$(jq -r .profile report.json)"
    run -0 sbx run --report report.json -- true
    equal default "$(jq -r .profile report.json)"
}

@test "report: in a profile" {
    printf 'sbx: 1\nrun: { report: "${PWD}/r.json" }\n' | profile mine
    run -0 sbx run -p mine -- true
    equal exited "$(jq -r .outcome r.json)"
}

@test "as: in a profile, for root" {
    need_root
    # a file that the other user can read as well: it is read again as that user
    printf 'sbx: 1\nidentity: { as: nobody }\nenvironment: { env: ["H=${HOME}"] }\n' | file mine.yaml
    run -0 sbx run -p ./mine.yaml -- sh -c 'id -u; echo $H'
    equal "$(id -u nobody)
$(getent passwd nobody | cut -d: -f6)" "$output"
    # the command line has the last word
    run -0 sbx run -p ./mine.yaml --as root -- id -u
    equal 0 "$output"
    # Files of root's own directory would be lost with the change: nothing is run.
    printf 'sbx: 1\nmatch: id\nidentity: { as: nobody }\nlimits: { open-files: 77 }\n' | profile mine
    sbx_fails "'as' in a profile can't change the user" "'nobody' has other ones" -- run -- id -u
    sbx_fails "'as' in a profile can't change the user" -- run -p mine -- id -u
    rm "$PROFILES/mine.yaml"
    printf 'sbx: 1\nidentity: { as: nobody }\n' | profile default.local
    sbx_fails "'as' in a profile can't change the user" -- run -- id -u
}

@test "as: in a profile, for somebody else" {
    need_user
    printf 'sbx: 1\nidentity: { as: root }\n' | profile mine
    sbx_fails 'root' -- run -p mine -- id -u
    # the caller's own name changes nothing
    printf 'sbx: 1\nidentity: { as: %s }\n' "$(id -u)" | profile mine
    run -0 sbx run -p mine -- id -u
    equal "$(id -u)" "$output"
}

@test "no profile is chosen by name where an option puts something else in the program's place" {
    chosen() { sbx plan "$@" -- xz --version 2>&1 | head -n 1; }
    command -v xz >/dev/null || skip "there is no xz"
    like "$(chosen)" '^profile xz '
    like "$(chosen --ro "$T/w/probe:$(readlink -f "$(command -v xz)")")" '^profile default .*something else'
    like "$(chosen --ro "$T/w/probe:$(command -v xz)")" '^profile default .*something else'
    like "$(chosen --ro "$T/w:/usr/local/bin")" '^profile default .*something else'
    like "$(chosen --file "$(command -v xz)=$T/w/probe")" '^profile default .*something else'
    like "$(chosen --ro /etc)" '^profile xz '
    like "$(chosen --ro "$T/o:/mnt" -p xz)" '^profile xz '
    like "$(chosen --ro "$T/o:/mnt")" '^profile xz '
}
