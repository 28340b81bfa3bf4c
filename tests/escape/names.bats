#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Names that trip up who reads or writes them.
# bats file_tags=escape
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

# Each makes trouble of its own: mountinfo escapes the first four, a terminal the next, JSON, shells
# and option values the others.
names() {
    printf '%s\0' 'with space' $'new\nline' $'tab\tname' 'back\134slash' $'\e[31mred' $'invalid\xff\xfeutf8' \
        'quo"te' 'col:on' 'equals=sign' 'comma,s' '$(touch x)' '-dash' '*' ' ' '%s%n'
}

# for_each_name COMMAND...: the command gets it as its last word
for_each_name() {
    local name

    while IFS= read -r -d '' name; do
        "$@" "$name"
    done < <(names)
}

@test "a directory with a hostile name is hidden all the same" {
    hide_it() {
        mkdir "$T/w/$1"
        HOME=$T/w/$1
        secret_in "$HOME/secret"
        inside cat "$HOME/secret"
    }
    attack() {
        may_refuse=yes
        for_each_name hide_it
        came_out
    }
    holds plain
}

@test "a directory with a hostile name isn't made writable by another's grant" {
    grant() {
        mkdir -p "$T/w/granted" "$T/w/$1" "$T/w/granted$1"
        WRITABLE=("$T/w/$1")
        inside sh -c 'echo proof >granted/proof; echo proof >"granted$1/proof"' sh "$1"
    }
    attack() {
        may_refuse=yes
        for_each_name grant
        [[ -n $(find "$T"/w/granted* -name proof) ]]
    }
    holds plain
}

@test "a submount with a hostile name stays read-only" {
    skip_unless mountns "no mount namespaces here"
    attack() {
        local name

        build sh -c 'for d in sub/*; do echo proof >"$d/proof"; done'
        mkdir sub
        while IFS= read -r -d '' name; do mkdir "sub/$name"; done < <(names)
        in_mount_ns bash -c 'for d in sub/*; do mount -t tmpfs x "$d"; done; "$@"; find sub -name proof' bash \
            timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 || true
        grep -aq '/proof$' "$T/out" && ! came_out 'Read-only'
    }
    holds naive
}

@test "a name as long as they get, in every place that takes one, grants nothing else" {
    of_sbx "the options are sbx's"
    long=$(printf '/%0255d' {1..15})
    attack() {
        local path option

        victim_file
        may_refuse=yes
        if [[ $AROUND == naive ]]; then
            # A grant that cuts its path short.
            WRITABLE=("$T/o")
            tries create "$T/o/new"
        else
            for path in "$T/o$long" "${T}/o/${long:0:4000}" "$T/w$(printf '/%.0s' {1..5000})x" "$(printf 'x%.0s' {1..5000})"; do
                for option in --ro --rw --hide --tmpfs --home -C --report; do
                    timeout -k 5 $((30 * SBX_TEST_SLOW)) "$SBX" run "$option" "$path" -- "$T/w/probe" begin "$T/w/probe" try create "$T/o/new" \
                        >>"$T/out" 2>&1 </dev/null || true
                done
            done
        fi
        outside_changed
    }
    holds naive
}
