#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Editors and other programs on a terminal: a tmux of our own shows them, keys are sent to it.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2154

load dev

outer() {
    TMUX_TMPDIR=$T/tmux TERM=xterm tmux -f /dev/null "$@"
}

teardown() {
    [[ ! -d ${T:-}/tmux ]] || outer kill-server 2>/dev/null || true
    common_teardown
}

# terminal COMMAND...: runs it on a terminal, in the working directory
terminal() {
    need tmux
    skip_unless tmux "there are no terminals here"
    unset TMUX
    mkdir -p "$T/tmux"
    outer new-session -d -x 80 -y 24 "$(printf '%q ' "$@")"
}

keys() {
    outer send-keys "$@"
}

# shown PATTERN: is it on the screen?
shown() {
    outer capture-pane -p 2>/dev/null | grep -qE -- "$1"
}

# over: the program has ended, and its terminal with it
over() {
    ! outer has-session 2>/dev/null
}

has_line() {
    grep -qxF -- "$1" "$2"
}

@test "vim edits a file in a tmux, with the user's settings" {
    need vim tmux
    echo first >text
    echo 'iabbrev abbr as-it-is-set' >"$HOME/.vimrc"
    terminal "$SBX" run --report "$REPORT" -- vim text
    wait_until shown '^first'
    keys o 'abbr ' Escape
    wait_until shown as-it-is-set
    keys :wq Enter
    wait_until over
    chosen vim
    equal $'first\nas-it-is-set ' "$(<text)"
}

@test "vim in a tmux can't write outside, nor change .git, nor show a key" {
    need vim tmux
    mkdir .git
    echo kept >.git/config
    echo first >text
    terminal "$SBX" run -- vim text
    wait_until shown '^first'
    keys ":w $T/o/planted" Enter
    wait_until shown "E212|E166|Can't open|Press ENTER"
    keys Enter
    keys ':w! .git/config' Enter
    wait_until shown "E212|E166|Can't open|Press ENTER"
    keys Enter
    keys ":r $HOME/.ssh/id_test" Enter
    wait_until shown "E484|Can't open"
    run ! shown the-secret-key
    keys ':q!' Enter
    wait_until over
    [[ ! -e $T/o/planted ]]
    equal kept "$(<.git/config)"

    terminal vim text
    wait_until shown '^first'
    keys ":w $T/o/planted" Enter
    wait_until is_file "$T/o/planted"
    keys ":r $HOME/.ssh/id_test" Enter
    wait_until shown the-secret-key
    keys ':w! .git/config' Enter
    wait_until has_line the-secret-key .git/config
}

@test "vim without a terminal: a file's commands have no network" {
    need vim
    echo first >text
    works vim vim -es -u NONE -c '%s/first/second/' -c wq text
    equal second "$(<text)"
    bounds vim rw no-net
}

@test "nano edits a file in a tmux" {
    need nano tmux
    echo first >text
    echo 'set nowrap' >"$HOME/.nanorc"
    terminal "$SBX" run --report "$REPORT" -- nano text
    wait_until shown '^first'
    keys 'zero '
    wait_until shown '^zero first'
    keys C-o Enter
    wait_until has_line 'zero first' text
    keys C-x
    wait_until over
    chosen nano
    bounds nano rw no-net
}

@test "less pages through a file; what is typed at it can't get out" {
    need less tmux
    seq 1000 >numbers
    works less less numbers
    equal "$(<numbers)" "$output"
    terminal "$SBX" run --report "$REPORT" -- less numbers
    wait_until shown '^1$'
    keys G
    wait_until shown '^1000$'
    keys "!cat $HOME/.ssh/id_test; echo x >$T/o/planted; echo x >planted; echo end-of-it" Enter
    wait_until shown '^end-of-it'
    run ! shown the-secret-key
    keys Enter
    keys q
    wait_until over
    chosen less
    [[ ! -e $T/o/planted && ! -e planted ]]
    terminal less numbers
    wait_until shown '^1$'
    keys "!cat $HOME/.ssh/id_test; echo x >$T/o/planted; echo x >planted; echo end-of-it" Enter
    wait_until shown '^the-secret-key'
    wait_until is_file planted
    [[ -e $T/o/planted ]]
    rm planted
    bounds less ro no-net
}

@test "tmux in a tmux: shells of one sandbox, none of the host's sessions" {
    need tmux
    terminal "$SBX" run --report "$REPORT" -- tmux -f /dev/null -L inner new-session sh
    wait_until shown '\$|#'
    keys 'echo $((6 * 7)); hostname' Enter
    wait_until shown '^42'
    wait_until shown '^sbx'
    keys C-b '"'
    sleep 0.5
    keys 'echo second-$((1 + 1)) shell' Enter
    wait_until shown 'second-2 shell'
    keys "ls -a $HOME/.ssh; tmux -S $T/tmux/tmux-$(id -u)/default ls; echo end-\$((1 + 1))" Enter
    wait_until shown 'end-2'
    run ! shown id_test
    run -0 shown "(error connecting to|no server running on) $T|error connecting"
    keys 'tmux -L inner kill-server' Enter
    wait_until over
    chosen tmux
    bounds tmux ro no-net
    # From outside there is a session to be seen.
    terminal sleep 60
    run -0 tmux -S "$T/tmux/tmux-$(id -u)/default" ls
}
