#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Emacs, in a tmux and in batch mode.
# bats file_tags=programs,large
# shellcheck disable=SC2016,SC2154

load ../dev

outer() {
    env -u TMUX TMUX_TMPDIR="$T/tmux" TERM=xterm tmux -f /dev/null "$@"
}

teardown() {
    [[ ! -d ${T:-}/tmux ]] || outer kill-server 2>/dev/null || true
    common_teardown
}

# shown PATTERN: is it on the screen?
shown() {
    outer capture-pane -p 2>/dev/null | grep -qE -- "$1"
}

@test "Emacs changes a file; its Lisp can't get out" {
    need emacs
    works emacs emacs -Q --batch --eval '(with-temp-file "text" (insert (number-to-string (* 6 7))))'
    equal 42 "$(<text)"
    lisp='(progn (ignore-errors (with-temp-buffer (insert-file-contents "'$HOME'/.ssh/id_test") (princ (buffer-string))))
        (shell-command "echo x >'$T'/o/planted") (princ "ran"))'
    works emacs emacs -Q --batch --eval "$lisp"
    like "$output" 'ran$'
    unlike "$output" the-secret-key
    [[ ! -e $T/o/planted ]]
    run -0 emacs -Q --batch --eval "$lisp"
    like "$output" the-secret-key
    [[ -e $T/o/planted ]]
    bounds emacs rw no-net
}

@test "Emacs edits a file on a terminal, with the user's settings" {
    need emacs tmux
    skip_unless tmux "there are no terminals here"
    mkdir -p "$T/tmux" "$HOME/.emacs.d"
    echo '(setq inhibit-startup-screen t) (global-set-key "\C-c\C-c" (lambda () (interactive) (insert "as-it-is-set")))' >"$HOME/.emacs.d/init.el"
    echo first >text
    outer new-session -d -x 80 -y 24 "$SBX run --report $REPORT -- emacs -nw text"
    wait_until shown '^first'
    outer send-keys C-c C-c C-x C-s
    wait_until grep -q as-it-is-setfirst text
    outer send-keys C-x C-c
    wait_until has_text "$REPORT"
    chosen emacs
}
