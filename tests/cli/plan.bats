#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `sbx plan`: the steps of a run, and nothing is run.
# bats file_tags=plan
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is meant for the shell inside

load common

@test "a plan runs nothing and changes nothing" {
    run -0 sbx plan --rw . -- touch "$T/w/made"
    [[ ! -e made ]]
    run -0 sbx plan --json --rw . -- touch "$T/w/made"
    [[ ! -e made ]]
    run -0 sbx plan --report report.json --tmpfs /tmp/x -- true
    [[ ! -e report.json ]]
    equal probe "$(ls -A)"
}

@test "the text names every part of the default view and its origin" {
    run -0 sbx plan -- true
    like "$output" namespaces id-map hostname keyring mirror proc '/tmp' '/var/tmp' '/run' '/dev' '/dev/shm' \
        "$HOME" capabilities no-new-privs seccomp command '\[default\]'
    # One step a line, each with its origin.
    equal "" "$(grep -E '^ *[0-9]+ ' <<<"$output" | grep -vE '\[[^]]+\]$')"
}

@test "--json: parses, every step has a name and an origin" {
    sbx plan --json --rw . -- true >plan.json
    jq -e '.steps | length > 20' plan.json
    jq -e 'all(.steps[]; (.step | type == "string" and length > 0) and (.origin | type == "string" and length > 0))' plan.json
    jq -e '.command == ["true"]' plan.json
}

@test "text and JSON are the same steps in the same order" {
    sbx plan --rw . --hide /usr/share -- true >plan.txt
    sbx plan --json --rw . --hide /usr/share -- true >plan.json
    jq -r '.steps[].step' plan.json >from-json
    sed -nE 's/^ *[0-9]+ +([a-z0-9-]+) .*/\1/p' plan.txt >from-text
    cmp from-json from-text
}

@test "each option's step says which option asked for it" {
    echo x >source
    sbx plan --json --ro /usr:/tmp/usr --rw . --rw "$T/o" --hide /usr/share --tmpfs /mnt --file /tmp/f=source \
        --hostname box --open-files 50 --time 5s --env A=1 -- true >plan.json
    origin() { jq -r --arg target "$1" '[.steps[] | select(.target == $target and .step != "chdir") | .origin] | last' plan.json; }
    like "$(origin /tmp/usr)" '--ro'
    like "$(origin "$T/w")" '--rw #1'
    like "$(origin "$T/o")" '--rw #2'
    like "$(origin /usr/share)" '--hide'
    like "$(origin /mnt)" '--tmpfs'
    like "$(origin /tmp/f)" '--file'
    like "$(origin box)" '--hostname'
    jq -e '[.steps[].origin] | any(startswith("--open-files"))' plan.json
    jq -e '.time_ms == 5000' plan.json
}

@test "odd bytes in paths: the JSON still parses, the text stays one line a step" {
    local name

    for name in $'new\nline' 'quote"' 'back\slash' $'\x1b[31m' $'\xff' 'ünï'; do
        mkdir -p -- "$T/o/$name"
        sbx plan --json --ro "${T}/o/${name//\\/\\\\}" -- true >plan.json
        jq -e '.steps | length > 20' plan.json
        run -0 sbx plan --ro "${T}/o/${name//\\/\\\\}" -- true
        unlike "$output" $'\x1b'
        equal "" "$(grep -E '^ *[0-9]+ ' <<<"$output" | grep -vE '\]$')"
    done
}

@test "the plan is stable: two in a row are equal" {
    equal "$(sbx plan --json --rw . -- true)" "$(sbx plan --json --rw . -- true)"
}

@test "what is printed is what is done: every mount inside is in the plan" {
    sbx plan --json --rw . --tmpfs /mnt -- true | jq -r '.steps[] | .target // empty' | sort -u >planned
    facts --rw . --tmpfs /mnt
    # Mounts that aren't the host's own, seen through the mirror.
    awk '{ print $5 }' /proc/self/mountinfo | sort -u >host
    fact '.mounts[].target' | sort -u | comm -23 - host >inside
    sort -u planned -o planned
    equal "" "$(comm -23 inside planned)"
    grep -qx "$T/w" planned
    grep -qx /mnt planned
}

@test "what is printed is what is done: every private mount of the plan is inside" {
    local target

    sbx plan --json --tmpfs /mnt -- true | jq -r '.steps[] | select(.step == "tmpfs" or .step == "proc" or .step == "devpts") | .target' >planned
    facts --tmpfs /mnt
    fact '.mounts[].target' >inside
    while IFS= read -r target; do
        grep -qxF -- "$target" inside || fail "planned but not there: $target"
    done <planned
}

@test "the plan's environment is the command's" {
    sbx plan --json -e A=1 -- true | jq -r '.environment[]' | sort >planned
    run -0 sbx run -e A=1 -- env
    sort <<<"$output" | grep -v '^_=' >inside
    cmp planned inside
}

@test "a wrong option or value: 125, as run says it" {
    sbx_fails 'no-such-option' -- plan --no-such-option -- true
    sbx_fails '--time' -- plan --time 5x -- true
    sbx_fails '/no/such' -- plan --ro /no/such -- true
}

@test "plan of a command that isn't there is a plan all the same" {
    run -0 sbx plan -- /no/such/command
    like "$output" '/no/such/command'
}

@test "supplementary groups that stay in force are named" {
    need_root "only root can give itself groups"
    mkdir -m 777 "$T/o/w"
    cd "$T/o/w"
    run -0 setpriv --reuid 65534 --regid 65534 --groups 6 env HOME="$T/o/w" "$SBX" plan -- true
    like "$output" '(disk|\b6\b)'
}
