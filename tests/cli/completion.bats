#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The completion scripts: what they offer for profiles.
# bats file_tags=completion
# shellcheck disable=SC2016,SC2154 # set by run; what stands in single quotes is meant for the shell inside

load common

setup() {
    common_setup
    ln -s "$SBX" "$T/sbx"
    PATH=$T:$PATH
    mkdir -p "$HOME/.config/sbx/profiles"
    printf 'sbx: 1\ndescription: Mine alone\n' >"$HOME/.config/sbx/profiles/mine-alone.yaml"
    unset XDG_CONFIG_HOME
    touch mineral.yaml mineral.txt
    "$SBX" completion bash >"$T/o/bash"
    "$SBX" completion fish >"$T/o/fish"
    "$SBX" completion zsh >"$T/o/_sbx"
}

has_fish() { command -v fish; }
has_zsh() { command -v zsh; }

# offered LINE: what bash offers at its end, one a line
offered() {
    bash --norc -c '
        . "$1"
        compopt() { :; }
        COMP_LINE=$2
        COMP_POINT=${#2}
        read -ra COMP_WORDS <<<"$2"
        [[ $2 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _sbx
        printf "%s\n" "${COMPREPLY[@]}"' bash "$T/o/bash" "$1" | LC_ALL=C sort -u
}

# The verbs of `sbx profile`, as its own message has them.
verbs() {
    sbx profile nonsense 2>&1 | sed -n 's/.*write sbx profile //p' | sed 's/ or /, /; s/, /\n/g' |
        LC_ALL=C sort
}

@test "bash: the verbs of profile are those that there are" {
    [[ $(verbs | wc -l) -ge 7 ]] || fail "no verbs: $(verbs)"
    equal "$(printf '%s\n' --help "$(verbs)")" "$(offered 'sbx profile ')"
    equal show "$(offered 'sbx profile sh')"
}

@test "bash: the options of each verb of profile are taken by it" {
    local verb

    for verb in $(verbs); do
        for option in $(offered "sbx profile $verb -"); do
            run sbx profile "$verb" "$option"
            unlike "$output" 'unknown option'
        done
    done
    like "$(offered 'sbx profile show -')" '^--yaml$'
    like "$(offered 'sbx profile list -')" '^--names$'
}

@test "bash: doctor and its option" {
    like "$(offered 'sbx doc')" '^doctor$'
    equal $'--help\n--json' "$(offered 'sbx doctor ')"
}

@test "bash: fs has its options, and leaves paths to readline" {
    equal $'--help\n--json' "$(offered 'sbx fs -')"
    equal --json "$(offered 'sbx fs /usr --j')"
    equal "" "$(offered 'sbx fs min')"
    like "$(offered 'sbx ')" '^fs$'
}

@test "bash: profiles by name, and files" {
    equal $'mine-alone\nmineral.yaml' "$(offered 'sbx run -p min')"
    equal $'mine-alone\nmineral.yaml' "$(offered 'sbx run --profile min')"
    equal $'mine-alone\nmineral.yaml' "$(offered 'sbx plan --profile min')"
    equal $'mine-alone\nmineral.yaml' "$(offered 'sbx profile show min')"
    equal $'mine-alone\nmineral.yaml' "$(offered 'sbx profile diff build min')"
    like "$(offered 'sbx run -p ')" '^default$' '^build$'
    # A path is left to readline.
    equal "" "$(offered 'sbx run -p ./min')"
    equal "" "$(offered 'sbx profile check min')"
    like "$(offered 'sbx profile which sb')" '^sbx$'
}

# fish_offered LINE
fish_offered() {
    fish --no-config -c "source $T/o/fish; complete -C '$1'" | cut -f 1 | LC_ALL=C sort
}

@test "fish offers the same" {
    skip_unless fish "fish is not installed"
    equal "$(verbs)" "$(fish_offered 'sbx profile ')"
    equal $'mine-alone\nmineral.yaml' "$(fish_offered 'sbx run -p min')"
    equal $'mine-alone\nmineral.yaml' "$(fish_offered 'sbx profile show min')"
    equal $'--help\n--json' "$(fish_offered 'sbx doctor --')"
    equal ./mineral.txt$'\n'./mineral.yaml "$(fish_offered 'sbx run -p ./min')"
    equal $'mineral.txt\nmineral.yaml' "$(fish_offered 'sbx fs min')"
    like "$(fish_offered 'sbx fs -')" '^--json$'
}

@test "zsh reads the script, which has the verbs and asks for the names" {
    local verb

    for verb in $(verbs); do
        like "$(<"$T/o/_sbx")" "^        '$verb:"
    done
    like "$(<"$T/o/_sbx")" "^        'doctor:" 'doctor\) _arguments .*--json'
    like "$(<"$T/o/_sbx")" 'sbx profile list --names' '--profile=.*:_sbx_profiles'
    skip_unless zsh "zsh is not installed"
    zsh -n "$T/o/_sbx"
}

@test "bash: running sandboxes are offered by their names, and after one the commands" {
    XDG_RUNTIME_DIR=$(mktemp -d /tmp/sbx-run.XXXXXXXX)
    export XDG_RUNTIME_DIR
    word=$(token)
    background "$SBX" run --name alpha -- ./probe hold "$word"
    wait_until sh -c '"$SBX" ps --names | grep -q alpha'
    equal alpha "$(offered 'sbx exec al')"
    equal alpha "$(offered 'sbx stop ')"
    equal alpha "$(offered 'sbx stats ')"
    like "$(offered 'sbx exec alpha ech')" '^echo$'
    like "$(offered 'sbx exec -')" '^--cd$' '^--env$'
    equal "$(printf '%s\n' --grace --help)" "$(offered 'sbx stop -')"
    for option in $(offered 'sbx ps -') $(offered 'sbx stats -'); do
        run sbx stats "$option"
        [[ $option == --names ]] || unlike "$output" 'unknown option'
    done
    rm -rf "$XDG_RUNTIME_DIR"
}
