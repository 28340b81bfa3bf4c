#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Profiles with something wrong in them: each kind with its message, and nothing is run.
# bats file_tags=profile
# shellcheck disable=SC2016,SC2154 # a profile's dollar signs are not bash's; set by run

load common

# profile: stdin becomes the profile at hand
profile() {
    cat >"$T/w/p.yaml"
}

# The profile at hand ends a run and a plan before anything is run, and all that is said is stdin,
# with FILE for the place of the profile.
wrong() {
    local expected

    expected=$(cat)
    expected=${expected//FILE/$T/w/p.yaml}
    run -125 --separate-stderr sbx run -p ./p.yaml -- echo ran
    equal "" "$output"
    equal "$expected" "$stderr"
    run -125 --separate-stderr sbx plan -p ./p.yaml -- echo ran
    equal "" "$output"
    equal "$expected" "$stderr"
    run -125 --separate-stderr sbx profile check p.yaml
    equal "" "$output"
    equal "$expected" "$stderr"
}

# The control: the profile at hand is taken.
right() {
    run -0 --separate-stderr sbx run -p ./p.yaml -- echo ran
    equal ran "$output"
    equal "" "$stderr"
    run -0 sbx profile check p.yaml
    equal "p.yaml: correct" "$output"
}

@test "control: what is right runs" {
    profile <<'END'
# a comment
sbx: 1
description: "Überall: right"
extends: base
match: [some, program]
filesystem:
  rw: .
  ro:
    - /usr
    - { path: /no/such/path, optional: true, when: { missing: /no/such } }
limits:
  pids: { value: 100, when: { feature: pids-limit } }
lockdown:
  userns: false
refuse:
  when: { exists: /no/such }
  because: it cannot be
END
    right
}

# --- keys -----------------------------------------------------------------------------------

@test "an unknown section, with the one that was meant" {
    profile <<'END'
sbx: 1
filesytem:
  rw: .
END
    wrong <<'END'
sbx: FILE:2:1: unknown key 'filesytem'
    2 | filesytem:
      | ^
hint: did you mean 'filesystem'?
END
}

@test "an unknown key in a section, with the one that was meant" {
    profile <<'END'
sbx: 1
limits:
  pdis: 12
END
    wrong <<'END'
sbx: FILE:3:3: unknown key 'pdis'
    3 |   pdis: 12
      |   ^
hint: did you mean 'pids'?
END
}

@test "an unknown key that is near nothing: what is known" {
    profile <<'END'
sbx: 1
network:
  bandwidth: 10
END
    wrong <<'END'
sbx: FILE:3:3: unknown key 'bandwidth'
    3 |   bandwidth: 10
      |   ^
hint: what is known: net
END
}

@test "a key that is near one of another section" {
    profile <<'END'
sbx: 1
network:
  hostnane: box
END
    wrong <<'END'
sbx: FILE:3:3: unknown key 'hostnane'
    3 |   hostnane: box
      |   ^
hint: did you mean 'hostname', in 'identity'?
END
}

@test "an option in the wrong section, and one outside of its section" {
    profile <<'END'
sbx: 1
rw: .
network:
  pids: 5
END
    wrong <<'END'
sbx: FILE:2:1: 'rw' has to stand in its section
    2 | rw: .
      | ^
hint: put it below 'filesystem:'
sbx: FILE:4:3: 'pids' does not belong to 'network'
    4 |   pids: 5
      |   ^
hint: it belongs to 'limits'
END
}

@test "a profile can't choose a profile" {
    profile <<'END'
sbx: 1
run:
  profile: build
END
    wrong <<'END'
sbx: FILE:3:3: a profile can't choose a profile
    3 |   profile: build
      |   ^
hint: use extends
END
}

@test "an unknown key in an entry, a condition, a refusal, a removal" {
    profile <<'END'
sbx: 1
filesystem:
  ro:
    - { path: /usr, optinal: true }
    - { path: /usr, when: { exist: /usr } }
    - { value: /usr }
remove:
  filesytem: { ro: /a }
refuse:
  - { when: { user: root }, becuase: no }
END
    wrong <<'END'
sbx: FILE:4:21: unknown key 'optinal'
    4 |     - { path: /usr, optinal: true }
      |                     ^
hint: did you mean 'optional'?
sbx: FILE:5:29: unknown key 'exist'
    5 |     - { path: /usr, when: { exist: /usr } }
      |                             ^
hint: did you mean 'exists'?
sbx: FILE:6:7: 'path' is missing
    6 |     - { value: /usr }
      |       ^
hint: write { path: SRC[:DST[:FLAGS]], ... }
sbx: FILE:6:9: unknown key 'value'
    6 |     - { value: /usr }
      |         ^
hint: what is known: path, optional, when
sbx: FILE:8:3: unknown key 'filesytem'
    8 |   filesytem: { ro: /a }
      |   ^
hint: did you mean 'filesystem'?
sbx: FILE:10:5: a refusal needs 'when' and 'because'
   10 |   - { when: { user: root }, becuase: no }
      |     ^
hint: write { when: { user: root }, because: not as root }
sbx: FILE:10:29: unknown key 'becuase'
   10 |   - { when: { user: root }, becuase: no }
      |                             ^
hint: did you mean 'because'?
END
}

@test "the same key twice, at every level" {
    profile <<'END'
sbx: 1
limits: { pids: 1, pids: 2 }
filesystem:
  rw: .
  ro:
    - { path: /usr, path: /etc }
    - { path: /usr, when: { user: root, user: ordinary } }
  "rw": /srv
refuse:
  - { when: { user: root }, because: a, because: b }
limits:
  pids: 5
END
    wrong <<'END'
sbx: FILE:2:20: 'pids' is there twice
    2 | limits: { pids: 1, pids: 2 }
      |                    ^
hint: put its entries in one list
sbx: FILE:6:21: 'path' is there twice
    6 |     - { path: /usr, path: /etc }
      |                     ^
hint: write it once
sbx: FILE:7:41: 'user' is there twice
    7 |     - { path: /usr, when: { user: root, user: ordinary } }
      |                                         ^
hint: write it once
sbx: FILE:8:3: 'rw' is there twice
    8 |   "rw": /srv
      |   ^
hint: put its entries in one list
sbx: FILE:10:41: 'because' is there twice
   10 |   - { when: { user: root }, because: a, because: b }
      |                                         ^
hint: write it once
sbx: FILE:11:1: 'limits' is there twice
   11 | limits:
      | ^
hint: put what belongs to it in one place
END
}

@test "the version: missing, unknown, empty" {
    profile <<'END'
description: no version
END
    wrong <<'END'
sbx: FILE:1:1: the key 'sbx' is missing
    1 | description: no version
      | ^
hint: a profile begins with "sbx: 1"
END
    echo "sbx: 2" | profile
    wrong <<'END'
sbx: FILE:1:6: version '2' of the format is not known
    1 | sbx: 2
      |      ^
hint: this sbx reads version 1
END
    echo "sbx:" | profile
    wrong <<'END'
sbx: FILE:1:5: the value of 'sbx' is missing
    1 | sbx:
      |     ^
hint: 'sbx' takes the version of the format, 1
END
}

# --- values ---------------------------------------------------------------------------------

@test "wrong types" {
    profile <<'END'
sbx: 1
description: [a, b]
network: none
filesystem:
  - rw
limits:
  pids: [1, 2]
environment:
  env: { A: b }
lockdown:
  userns: yes
  allow-syscall:
    - [mount, umount2]
refuse: never
END
    wrong <<'END'
sbx: FILE:2:14: 'description' takes text, not a list
    2 | description: [a, b]
      |              ^
hint: sbx-profile(5) shows how it is written
sbx: FILE:3:10: 'network' takes a mapping of its options, not text
    3 | network: none
      |          ^
hint: sbx-profile(5) shows how it is written
sbx: FILE:5:3: 'filesystem' takes a mapping of its options, not a list
    5 |   - rw
      |   ^
hint: sbx-profile(5) shows how it is written
sbx: FILE:7:9: 'pids' takes one value, not a list
    7 |   pids: [1, 2]
      |         ^
hint: sbx-profile(5) shows how it is written
sbx: FILE:9:8: 'value' is missing
    9 |   env: { A: b }
      |        ^
hint: write { value: NAME[=VALUE], ... }
sbx: FILE:9:10: unknown key 'A'
    9 |   env: { A: b }
      |          ^
hint: what is known: value, optional, when
sbx: FILE:11:11: 'userns' takes true or false, not 'yes'
   11 |   userns: yes
      |           ^
hint: write true or false
sbx: FILE:13:7: 'allow-syscall' takes a list of values, not a list
   13 |     - [mount, umount2]
      |       ^
hint: sbx-profile(5) shows how it is written
sbx: FILE:14:9: 'refuse' takes entries { when: ..., because: ... }, not text
   14 | refuse: never
      |         ^
hint: sbx-profile(5) shows how it is written
END
}

@test "bad values: the words that the command line has for them" {
    profile <<'END'
sbx: 1
limits:
  pids: 12x
  file-size: 3Q
  time: "5 fortnights"
network:
  net: full
filesystem:
  ro: /a:/b:shiny
  tmpfs: /t:size=lots
environment:
  env: "=x"
match: a/b
extends: ../up
END
    wrong <<'END'
sbx: FILE:3:9: '12x' is not a whole number
    3 |   pids: 12x
      |         ^
hint: write digits only
sbx: FILE:4:14: '3Q' is not a size
    4 |   file-size: 3Q
      |              ^
hint: write a whole number of bytes, or one with K, M or G, such as 64M
sbx: FILE:5:9: '5 fortnights' is not a time
    5 |   time: "5 fortnights"
      |         ^
hint: write a number with ms, s, min or h, such as 500ms, 10s or 1.5h
sbx: FILE:7:8: 'full' is not one of none|host|host-abstract
    7 |   net: full
      |        ^
hint: write one of these words
sbx: FILE:9:7: unknown flag 'shiny'
    9 |   ro: /a:/b:shiny
      |       ^
hint: the flags are noexec and optional; within a path a colon is written "\:", a backslash "\\"
sbx: FILE:10:10: 'lots' is not a size
   10 |   tmpfs: /t:size=lots
      |          ^
hint: write a whole number of bytes, or one with K, M or G, such as 64M
sbx: FILE:12:8: the variable has no name
   12 |   env: "=x"
      |        ^
hint: write NAME, or NAME=VALUE
sbx: FILE:13:8: 'a/b' is not a name for 'match'
   13 | match: a/b
      |        ^
hint: a name has letters, digits and . _ + - and no slash
sbx: FILE:14:10: '../up' is not a name for 'extends'
   14 | extends: ../up
      |          ^
hint: a name has letters, digits and . _ + - and no slash
END
}

@test "a bad value that only a run can tell: the place in the profile" {
    profile <<'END'
sbx: 1
lockdown:
  deny-syscall: [mount, frobnicate]
END
    sbx_fails '^sbx: .*p\.yaml:3:25: .*frobnicate' -- run -p ./p.yaml -- echo ran
}

@test "a value that is missing" {
    profile <<'END'
sbx: 1
filesystem:
  rw:
  ro:
    -
    - ""
    - { path: , optional: true }
description:
extends:
END
    wrong <<'END'
sbx: FILE:3:6: the value of 'rw' is missing
    3 |   rw:
      |      ^
hint: 'rw' takes SRC[:DST[:FLAGS]]
sbx: FILE:5:6: the value of 'ro' is missing
    5 |     -
      |      ^
hint: 'ro' takes SRC[:DST[:FLAGS]]
sbx: FILE:6:7: the source is empty
    6 |     - ""
      |       ^
hint: write "." for the working directory
sbx: FILE:7:15: the value of 'ro' is missing
    7 |     - { path: , optional: true }
      |               ^
hint: 'ro' takes SRC[:DST[:FLAGS]]
sbx: FILE:8:13: the value of 'description' is missing
    8 | description:
      |             ^
hint: 'description' takes text
sbx: FILE:9:9: the value of 'extends' is missing
    9 | extends:
      |         ^
hint: 'extends' takes a name or a list of names
END
}

@test "unknown variables, and other homes" {
    profile <<'END'
sbx: 1
filesystem:
  ro: ${HOEM}/x
  rw: ${HOME
  hide: ["${home}", "~bob/x", "${}", "${PAHT}/x"]
  tmpfs: { path: /t, when: { exists: "${HOMES}" } }
END
    wrong <<'END'
sbx: FILE:3:7: unknown variable 'HOEM'
    3 |   ro: ${HOEM}/x
      |       ^
hint: did you mean ${HOME}?
sbx: FILE:4:7: '${' without its '}'
    4 |   rw: ${HOME
      |       ^
hint: write ${NAME} or ${NAME:-default}; $$ is a dollar sign
sbx: FILE:5:10: unknown variable 'home'
    5 |   hide: ["${home}", "~bob/x", "${}", "${PAHT}/x"]
      |          ^
hint: did you mean ${HOME}?
sbx: FILE:5:21: only the caller's own home, '~' or '~/', is known
    5 |   hide: ["${home}", "~bob/x", "${}", "${PAHT}/x"]
      |                     ^
hint: write the path of that home, or ./~ for a file of that name
sbx: FILE:5:31: '${' without the name of a variable
    5 |   hide: ["${home}", "~bob/x", "${}", "${PAHT}/x"]
      |                               ^
hint: write ${NAME} or ${NAME:-default}; $$ is a dollar sign
sbx: FILE:5:38: unknown variable 'PAHT'
    5 |   hide: ["${home}", "~bob/x", "${}", "${PAHT}/x"]
      |                                      ^
hint: HOME, PWD, USER, UID, TMPDIR, XDG_... and some more are known; sbx-profile(5) has them all
sbx: FILE:6:38: unknown variable 'HOMES'
    6 |   tmpfs: { path: /t, when: { exists: "${HOMES}" } }
      |                                      ^
hint: did you mean ${HOME}?
END
}

@test "a variable that is not set, a pattern without a match or with a destination" {
    unset WAYLAND_DISPLAY
    profile <<'END'
sbx: 1
filesystem:
  hide: ${WAYLAND_DISPLAY}
  ro: ["/no/such*", "/usr/*:/x"]
END
    wrong <<'END'
sbx: FILE:3:9: the variable 'WAYLAND_DISPLAY' is not set
    3 |   hide: ${WAYLAND_DISPLAY}
      |         ^
hint: write ${WAYLAND_DISPLAY:-default} where it may not be set
sbx: FILE:4:8: nothing fits the pattern '/no/such*'
    4 |   ro: ["/no/such*", "/usr/*:/x"]
      |        ^
hint: add "optional: true" where there may be nothing
sbx: FILE:4:21: a pattern can't have a destination
    4 |   ro: ["/no/such*", "/usr/*:/x"]
      |                     ^
hint: name one path; a star itself is written [*]
END
    WAYLAND_DISPLAY=/x run -125 sbx run -p ./p.yaml -- echo ran
    unlike "$output" 'WAYLAND_DISPLAY'
}

@test "conditions that are none" {
    profile <<'END'
sbx: 1
filesystem:
  ro:
    - { path: /usr, when: {} }
    - { path: /usr, when: root }
    - { path: /usr, when: { feature: landlok } }
    - { path: /usr, when: { user: bob } }
    - { path: /usr, when: { workdir: away } }
    - { path: /usr, when: { user: [root, ordinary] } }
    - { path: /usr, when: { exists: "" } }
  tmpfs: { path: /t, optional: true }
END
    wrong <<'END'
sbx: FILE:4:27: 'when' has no condition
    4 |     - { path: /usr, when: {} }
      |                           ^
hint: name one, or leave 'when' out
sbx: FILE:5:27: 'when' takes a mapping such as { exists: PATH }, not text
    5 |     - { path: /usr, when: root }
      |                           ^
hint: sbx-profile(5) shows how it is written
sbx: FILE:6:38: 'landlok' is not a word of 'feature'
    6 |     - { path: /usr, when: { feature: landlok } }
      |                                      ^
hint: did you mean 'landlock'?
sbx: FILE:7:35: 'bob' is not a word of 'user'
    7 |     - { path: /usr, when: { user: bob } }
      |                                   ^
hint: what is known: root, ordinary
sbx: FILE:8:38: 'away' is not a word of 'workdir'
    8 |     - { path: /usr, when: { workdir: away } }
      |                                      ^
hint: what is known: home
sbx: FILE:9:35: 'user' takes a word, not a list
    9 |     - { path: /usr, when: { user: [root, ordinary] } }
      |                                   ^
hint: sbx-profile(5) shows how it is written
sbx: FILE:10:37: the path is empty
   10 |     - { path: /usr, when: { exists: "" } }
      |                                     ^
hint: write "." for the working directory
sbx: FILE:11:22: 'tmpfs' can't be optional
   11 |   tmpfs: { path: /t, optional: true }
      |                      ^
hint: it has no path of the host that could be missing
END
}

@test "what can't be removed" {
    profile <<'END'
sbx: 1
remove:
  limits: { pids: 12 }
END
    wrong <<'END'
sbx: FILE:3:19: 'pids' is taken back by the word all
    3 |   limits: { pids: 12 }
      |                   ^
hint: write pids: all
END
    profile <<'END'
sbx: 1
remove:
  filesystem: { ro: [/a, { path: /b, optional: true }] }
  limits: { pids: all }
END
    wrong <<'END'
sbx: FILE:3:22: there is no inherited ro '/a' to remove
    3 |   filesystem: { ro: [/a, { path: /b, optional: true }] }
      |                      ^
hint: "sbx profile show" of what this one extends has the entries; optional: true lets one be missing
sbx: FILE:4:19: no 'pids' was inherited that could be removed
    4 |   limits: { pids: all }
      |                   ^
hint: "sbx profile show" of what this one extends has the entries; optional: true lets one be missing
END
}

@test "where it refuses to run, with its reason" {
    profile <<'END'
sbx: 1
refuse:
  - when: { exists: /usr, missing: /no/such }
    because: this is no place for it
END
    sbx_fails 'p\.yaml:3:5: this is no place for it' -- run -p ./p.yaml -- echo ran
    # That is no mistake in the file.
    run -0 sbx profile check p.yaml
}

# --- extends --------------------------------------------------------------------------------

@test "extends: what is missing, with the name that was meant" {
    profile <<'END'
sbx: 1
extends: [nosuch, bulid]
END
    wrong <<'END'
sbx: FILE:2:11: there is no profile 'nosuch'
    2 | extends: [nosuch, bulid]
      |           ^
hint: "sbx profile list" shows those that there are
sbx: FILE:2:19: there is no profile 'bulid'
    2 | extends: [nosuch, bulid]
      |                   ^
hint: did you mean 'build'?
END
}

@test "extends: circles" {
    local dir=$HOME/.config/sbx/profiles

    mkdir -p "$dir"
    printf 'sbx: 1\nextends: [base, b]\n' >"$dir/a.yaml"
    printf 'sbx: 1\nextends: c\n' >"$dir/b.yaml"
    printf 'sbx: 1\nextends: a\n' >"$dir/c.yaml"
    run -125 --separate-stderr sbx run -p a -- echo ran
    equal "" "$output"
    equal "sbx: $dir/c.yaml:2:10: circular: a extends b extends c extends a
    2 | extends: a
      |          ^
hint: take one of these out" "$stderr"
    printf 'sbx: 1\nextends: me\n' >"$dir/me.yaml"
    run -125 --separate-stderr sbx run -p me -- echo ran
    equal "sbx: $dir/me.yaml:2:10: circular: it extends itself
    2 | extends: me
      |          ^
hint: no later directory has a profile of this name; take it out" "$stderr"
    # A local file belongs to its profile already.
    printf 'sbx: 1\n' >"$dir/mine.yaml"
    printf 'sbx: 1\nextends: mine\n' >"$dir/mine.local.yaml"
    run -125 --separate-stderr sbx run -p mine -- echo ran
    like "$stderr" 'mine\.local\.yaml:2:10: circular: mine extends mine\.local extends mine$'
    # The control: the same file twice, but not in a circle.
    printf 'sbx: 1\n' >"$dir/c.yaml"
    printf 'sbx: 1\nextends: [c, b]\n' >"$dir/a.yaml"
    run -0 sbx run -p a -- echo ran
    equal ran "$output"
}

@test "extends: the mistake is told at its place, once" {
    local dir=$HOME/.config/sbx/profiles

    mkdir -p "$dir"
    printf 'sbx: 1\nrx: 1\n' >"$dir/wrong.yaml"
    printf 'sbx: 1\nextends: wrong\n' | tee "$dir/left.yaml" >"$dir/right.yaml"
    printf 'sbx: 1\nextends: [left, right, wrong, other]\n' | profile
    wrong <<END
sbx: $dir/wrong.yaml:2:1: unknown key 'rx'
    2 | rx: 1
      | ^
hint: did you mean 'ro', in 'filesystem'?
sbx: FILE:2:31: there is no profile 'other'
    2 | extends: [left, right, wrong, other]
      |                               ^
hint: "sbx profile list" shows those that there are
END
}

@test "extends: a name that is missing far below is told once, however often it is met" {
    local dir=$HOME/.config/sbx/profiles i

    mkdir -p "$dir"
    for i in {1..25}; do
        printf 'sbx: 1\nextends: [a%d, b%d]\n' $((i + 1)) $((i + 1)) |
            tee "$dir/a$i.yaml" >"$dir/b$i.yaml"
    done
    printf 'sbx: 1\nextends: nosuch\n' >"$dir/a26.yaml"
    printf 'sbx: 1\n' >"$dir/b26.yaml"
    run -125 --separate-stderr timeout $((20 * SBX_TEST_SLOW)) "$SBX" run -p a1 -- echo ran
    equal 1 "$(grep -c 'there is no profile' <<<"$stderr")"
}

@test "extends: more files than a profile may be made of" {
    local dir=$HOME/.config/sbx/profiles i

    mkdir -p "$dir"
    for i in {1..64}; do
        printf 'sbx: 1\nextends: f%d\n' $((i + 1)) >"$dir/f$i.yaml"
    done
    printf 'sbx: 1\n' >"$dir/f65.yaml"
    run -0 sbx run -p f2 -- echo ran
    sbx_fails 'f1\.yaml: a profile is made of more than 64 files' -- run -p f1 -- echo ran
}

# --- YAML -----------------------------------------------------------------------------------

@test "more than one document" {
    printf 'sbx: 1\n---\nsbx: 1\n' | profile
    wrong <<'END'
sbx: FILE:2:1: a second document begins here
    2 | ---
      | ^
hint: one file holds one profile: take the "---" out
END
    printf -- '---\nsbx: 1\n...\n' | profile
    right
}

@test "anchors, aliases, tags, directives, merges" {
    profile <<'END'
sbx: &one 1
description: !!str text
limits: &limits { pids: 5 }
filesystem:
  hide: *one
END
    wrong <<'END'
sbx: FILE:1:6: an anchor (&) is not taken in a profile
    1 | sbx: &one 1
      |      ^
hint: write the value itself, or put it in quotes
sbx: FILE:2:14: a tag (!) is not taken in a profile
    2 | description: !!str text
      |              ^
hint: leave it out, or put the value in quotes
sbx: FILE:3:9: an anchor (&) is not taken in a profile
    3 | limits: &limits { pids: 5 }
      |         ^
hint: write the value itself, or put it in quotes
sbx: FILE:5:9: an alias (*) is not taken in a profile
    5 |   hide: *one
      |         ^
hint: write the value itself; put a pattern in quotes: "*.key"
END
    printf '%%YAML 1.1\n---\nsbx: 1\n' | profile
    wrong <<'END'
sbx: FILE:1:1: a directive (%) is not taken in a profile
    1 | %YAML 1.1
      | ^
hint: leave it out
END
    printf 'sbx: 1\n<<: { match: x }\n' | profile
    run -125 sbx run -p ./p.yaml -- echo ran
    like "$output" "p\.yaml:2:1: unknown key '<<'"
}

@test "what is no YAML" {
    printf 'sbx: 1\nfilesystem:\n\trw: .\n' | profile
    wrong <<'END'
sbx: FILE:3:1: a tab can't indent
    3 | \trw: .
      | ^
hint: what belongs together begins in the same column; indent with spaces
END
    printf 'sbx: 1\nenvironment: { env: [A=1, B=2 }\n' | profile
    wrong <<'END'
sbx: FILE:2:31: a comma or ']' is missing before this
    2 | environment: { env: [A=1, B=2 }
      |                               ^
hint: the bracket is opened in line 2; text with { } [ ] or a comma in it goes in quotes there
END
    printf 'sbx: 1\ndescription: "never closed\n' | profile
    wrong <<'END'
sbx: FILE:2:14: this quote is not closed
    2 | description: "never closed
      |              ^
hint: text that begins with a quote ends with the same
END
    printf 'sbx: 1\ndescription: this: that\n' | profile
    wrong <<'END'
sbx: FILE:2:18: a colon is not expected here
    2 | description: this: that
      |                  ^
hint: text with ": " in it goes in quotes; what belongs together begins in the same column; indent with spaces
END
    printf 'sbx: 1\nfilesystem:\n  hide: *.key\n' | profile
    wrong <<'END'
sbx: FILE:3:9: text can't begin with '*'
    3 |   hide: *.key
      |         ^
hint: put a pattern in quotes: "*.key"
END
}

@test "what is no mapping, and what is nothing" {
    printf -- '- sbx\n- 1\n' | profile
    wrong <<'END'
sbx: FILE:1:1: a profile is a mapping of keys
    1 | - sbx
      | ^
hint: it begins with "sbx: 1"
END
    : | profile
    wrong <<'END'
sbx: FILE: the file is empty
hint: a profile begins with "sbx: 1"
END
    printf '# nothing but a comment\n' | profile
    wrong <<'END'
sbx: FILE: the file is empty
hint: a profile begins with "sbx: 1"
END
    printf 'sbx: 1\n? [a]\n: b\n' | profile
    wrong <<'END'
sbx: FILE:2:3: a key has to be a word
    2 | ? [a]
      |   ^
hint: text that begins with [ or { goes in quotes
END
}

@test "nested past the bound" {
    printf 'sbx: 1\ndescription: [[[[[[[[a]]]]]]]]\n' | profile
    wrong <<'END'
sbx: FILE:2:21: lists and mappings are nested too deeply
    2 | description: [[[[[[[[a]]]]]]]]
      |                     ^
hint: a profile has no use for more than seven levels
END
    {
        printf 'sbx: 1\ndescription: '
        printf '[%.0s' {1..100000}
    } | profile
    run -125 timeout $((20 * SBX_TEST_SLOW)) "$SBX" run -p ./p.yaml -- echo ran
    like "$output" 'p\.yaml:2:21: lists and mappings are nested too deeply'
}

# --- bytes ----------------------------------------------------------------------------------

@test "NUL, as a byte and as an escape" {
    printf 'sbx: 1\ndescription: a\000b\n' | profile
    wrong <<'END'
sbx: FILE:2:15: a NUL byte
    2 | description: a
      |               ^
hint: take it out
END
    printf 'sbx: 1\ndescription: "a\\0b"\n' | profile
    wrong <<'END'
sbx: FILE:2:14: a NUL in this text
    2 | description: "a\0b"
      |              ^
hint: take it out
END
}

@test "not UTF-8; columns count characters" {
    printf 'sbx: 1\ndescription: \303\251\351 caf\n' | profile
    wrong <<'END'
sbx: FILE:2:15: this is not UTF-8
    2 | description: é\xe9 caf
      |               ^
hint: save the file as UTF-8
END
    printf '\377\376s\000b\000x\000' | profile
    run -125 sbx run -p ./p.yaml -- echo ran
    like "$output" 'p\.yaml:1:1: this is not UTF-8'
    printf 'sbx: 1\nidentity: { hostname: \303\251\303\251, x: 1 }\n' | profile
    wrong <<'END'
sbx: FILE:2:23: this is not a host name
    2 | identity: { hostname: éé, x: 1 }
      |                       ^
hint: letters, digits and inner hyphens, in parts separated by dots, 64 characters at most
sbx: FILE:2:27: unknown key 'x'
    2 | identity: { hostname: éé, x: 1 }
      |                           ^
hint: what is known: hostname, uid, gid, as
END
}

@test "what an editor does not show as the end of a line is none" {
    # YAML would end the comment there.
    printf 'sbx: 1\n# harmless \342\200\250filesystem: { rw: / }\n' | profile
    wrong <<'END'
sbx: FILE:2:12: an invisible line separator
    2 | # harmless \u2028filesystem: { rw: / }
      |            ^
hint: take it out
END
    printf 'sbx: 1\n# harmless \302\205filesystem: { rw: / }\n' | profile
    run -125 sbx run -p ./p.yaml -- echo ran
    like "$output" 'p\.yaml:2:12: an invisible line separator'
    printf 'sbx: 1\n# harmless \rfilesystem: { rw: / }\n' | profile
    run -125 sbx run -p ./p.yaml -- echo ran
    like "$output" 'p\.yaml:2:12: a carriage return within a line'
    printf 'sbx: 1\ndescription: "a\033[2Kb"\n' | profile
    run -125 sbx run -p ./p.yaml -- echo ran
    like "$output" 'p\.yaml:2:16: a control character' '\\x1b'
    # The control: lines that end as Windows ends them, and a byte order mark.
    printf '\357\273\277sbx: 1\r\ndescription: x\r\n' | profile
    right
}

@test "a long line is shown where it is wrong" {
    {
        printf 'sbx: 1\nenvironment: { env: ['
        printf 'NAME%d, ' {1..1000}
        printf 'LAST ], x: 1 }\n'
    } | profile
    run -125 --separate-stderr sbx run -p ./p.yaml -- echo ran
    like "$stderr" "unknown key 'x'" 'NAME999, NAME1000, LAST \], x: 1 \}'
    [[ $(wc -c <<<"$stderr") -lt 1000 ]]
    # The caret is under the x.
    local line caret
    line=$(grep -E '^ +2 \| ' <<<"$stderr")
    caret=$(grep -E '^ +\| +\^$' <<<"$stderr")
    equal "x" "${line:${#caret}-1:1}"
}

@test "a file of 1 MiB is the largest" {
    {
        printf 'sbx: 1\n'
        head -c $((1048576 - 7)) /dev/zero | tr '\0' '#'
    } | profile
    equal 1048576 "$(stat -c %s p.yaml)"
    right
    printf '#' >>p.yaml
    sbx_fails "p\.yaml' is longer than 1048576 bytes" -- run -p ./p.yaml -- echo ran
}

@test "a file that is made to be slow ends soon" {
    {
        echo 'sbx: 1'
        printf 'k%05d: 1\n' {1..90000}
    } | profile
    run -125 --separate-stderr timeout $((30 * SBX_TEST_SLOW)) "$SBX" run -p ./p.yaml -- echo ran
    equal "" "$output"
    like "$stderr" "p\.yaml:2:1: unknown key 'k00001'" 'more problems$'
    [[ $(wc -l <<<"$stderr") -lt 300 ]]
    {
        printf 'sbx: 1\nfilesystem:\n hide:\n'
        printf ' - /no/x%05d\n' {1..4096}
    } | profile
    run -0 timeout $((30 * SBX_TEST_SLOW)) "$SBX" profile check p.yaml
    printf ' - /no/x%05d\n' {4097..60000} >>p.yaml
    run -125 --separate-stderr timeout $((30 * SBX_TEST_SLOW)) "$SBX" profile check p.yaml
    like "$stderr" 'p\.yaml:4100:4: the file has more than 4096 entries$'
}

# --- whose file it is -----------------------------------------------------------------------

@test "a file that others can write, or its directory" {
    echo 'sbx: 1' | profile
    right
    chmod o+w p.yaml
    sbx_fails "^sbx: --profile: '$T/w/p.yaml' can't be trusted: everybody can write to it$" \
        "^hint: .*chmod o-w '$T/w/p.yaml'$" -- run -p ./p.yaml -- echo ran
    chmod o-w p.yaml
    chmod o+w .
    sbx_fails "can't be trusted: everybody can write to the directory '$T/w'$" -- \
        run -p ./p.yaml -- echo ran
    chmod o-w .
    right
}

@test "a profile that others can write is not chosen by its name, nor as a local file" {
    local dir=$HOME/.config/sbx/profiles

    mkdir -p "$dir"
    echo 'sbx: 1' | tee "$dir/mine.yaml" >"$dir/mine.local.yaml"
    run -0 sbx run -p mine -- echo ran
    chmod o+w "$dir/mine.local.yaml"
    sbx_fails "mine\.local\.yaml' can't be trusted" -- run -p mine -- echo ran
    chmod o-w "$dir/mine.local.yaml"
    chmod o+w "$dir/mine.yaml"
    sbx_fails "mine\.yaml' can't be trusted" -- run -p mine -- echo ran
    chmod o-w "$dir/mine.yaml"
    chmod o+w "$dir"
    sbx_fails "profiles' .*everybody can write|everybody can write .*profiles'" -- \
        run -p mine -- echo ran
}

@test "a file that a group can write" {
    need_root "only root has another group to give"
    echo 'sbx: 1' | profile
    chgrp 65534 p.yaml
    right
    chmod g+w p.yaml
    sbx_fails "can't be trusted: the group 65534 can write to it$" -- run -p ./p.yaml -- echo ran
}

@test "a file of somebody else" {
    need_root
    echo 'sbx: 1' | profile
    chown 65534 p.yaml
    sbx_fails "can't be trusted: it belongs to uid 65534, not to you or root$" -- \
        run -p ./p.yaml -- echo ran
    # An ordinary user trusts root's, and nobody's else.
    chown 0 p.yaml
    run -0 setpriv --reuid 65534 --regid 65534 --clear-groups -- \
        env HOME=/nonexistent "$SBX" profile check "$T/w/p.yaml"
    chown 65533 p.yaml
    run -125 setpriv --reuid 65534 --regid 65534 --clear-groups -- \
        env HOME=/nonexistent "$SBX" profile check "$T/w/p.yaml"
    like "$output" "can't be trusted: it belongs to uid 65533, not to you or root$"
}

@test "what is no file" {
    mkdir dir.yaml
    mkfifo fifo.yaml
    ln -s nowhere.yaml link.yaml
    sbx_fails "dir\.yaml' is no file" -- run -p dir.yaml -- echo ran
    sbx_fails "fifo\.yaml' is no regular file" -- run -p fifo.yaml -- echo ran
    sbx_fails "the link '.*link\.yaml' leads nowhere" -- run -p link.yaml -- echo ran
    sbx_fails "'missing\.yaml'.*No such file" -- run -p missing.yaml -- echo ran
    sbx_fails "there is no profile 'missing'" -- run -p missing -- echo ran
    sbx_fails "there is no profile ''" -- run -p '' -- echo ran
    sbx_fails "there is no profile '\.\.'" -- run -p .. -- echo ran
}

# --- and the report -------------------------------------------------------------------------

@test "the report says so too" {
    printf 'sbx: 1\nlimits: { pids: 12x }\n' | profile
    run -125 sbx run --report report.json -p ./p.yaml -- echo ran
    equal setup-failed "$(jq -r .outcome report.json)"
    like "$(jq -r .error report.json)" "'12x' is not a whole number"
    like "$(jq -r .origin report.json)" 'p\.yaml:2:17'
    jq -e '.hint | length > 0' report.json
    run -125 sbx run --report report.json -p nosuch -- echo ran
    equal setup-failed "$(jq -r .outcome report.json)"
    like "$(jq -r .error report.json)" "no profile 'nosuch'"
}
