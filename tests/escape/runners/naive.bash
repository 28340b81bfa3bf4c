# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Namespaces without protection: see naive.c.
# shellcheck disable=SC2154 # escape.bash sets them

naive_command() {
    local dir

    command_line=("$NAIVE" run -d "$HOME" "${NAIVE_FLAGS[@]}")
    [[ $NETWORK != host ]] || command_line+=(-n)
    for dir in "${WRITABLE[@]}"; do command_line+=(-w "$dir"); done
    for dir in "${READABLE[@]}"; do command_line+=(-b "$dir"); done
    [[ -z $DESTINATION ]] || command_line+=(-t "$DESTINATION")
    [[ -z $COPY ]] || command_line+=(-f "$COPY")
    [[ -z $TREE ]] || command_line+=(-r "$TREE")
    [[ -z $REPORT ]] || command_line+=(-o "$REPORT")
    command_line+=(-- "$@")
}
