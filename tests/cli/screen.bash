# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A tmux of our own shows an interactive bash; keys are sent to it, its screen is read.
# To be loaded after common.bash.

setup() {
    common_setup
    skip_unless tmux "tmux isn't installed"
    unset TMUX
    mkdir "$T/tmux"
    cat >"$T/bashrc" <<'END'
PS1='READY$ '
PS2='> '
unset PROMPT_COMMAND HISTFILE
bind 'set enable-bracketed-paste off'
set +o history
END
    chmod 755 "$T/tmux"
    screen new-session -d -x 80 -y 24 "bash --noprofile --rcfile '$T/bashrc' -i"
    wait_screen 'READY\$'
}

teardown() {
    [[ -z ${T:-} || ! -d $T/tmux ]] || screen kill-server 2>/dev/null || true
    common_teardown
}

screen() {
    TMUX_TMPDIR=$T/tmux TERM=xterm tmux -f /dev/null "$@"
}

keys() {
    screen send-keys "$@"
}

# type TEXT: as typed, then Enter
type_line() {
    screen send-keys -l "$1"
    screen send-keys Enter
}

shown() {
    screen capture-pane -p -J 2>/dev/null
}

screen_has() { grep -qE -- "$1" <<<"$(shown)"; }

# wait_screen PATTERN: until a line of the screen matches
wait_screen() {
    local i

    for ((i = 0; i < 200 * SBX_TEST_SLOW; i++)); do
        screen_has "$1" && return
        sleep 0.05
    done
    fail "never on the screen: $1" "$(shown)"
}

# A prompt that is alive: it answers, and the terminal echoes.
prompt_is_back() {
    local word=$RANDOM$RANDOM

    type_line "stty -a >'$T/stty'; echo \"<$word\"'>'"
    wait_screen "^<$word>"
    # Echo is on: what was typed can be seen.
    wait_screen "echo \"<$word"
    like "$(tr -s ' ;' '\n' <"$T/stty")" '^icanon$' '^isig$' '^echo$' '^icrnl$' '^opost$'
}
