# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# sbx with its defaults: no option but what the case asks for.
# shellcheck disable=SC2154 # escape.bash sets them

sbx_command() {
    local dir

    command_line=("$SBX" run)
    [[ $NETWORK != host ]] || command_line+=(-n "$SBX_NETWORK")
    for dir in "${WRITABLE[@]}"; do command_line+=(--rw "$dir"); done
    for dir in "${READABLE[@]}"; do command_line+=(--ro "$dir"); done
    [[ -z $DESTINATION ]] || command_line+=(--tmpfs "$DESTINATION")
    [[ -z $COPY ]] || command_line+=(--file "$COPY")
    [[ -z $TREE ]] || command_line+=(--root "$TREE" -w /)
    [[ -z $REPORT ]] || command_line+=(--report "$REPORT")
    [[ -z $SANDBOX_NAME ]] || command_line+=(--name "$SANDBOX_NAME")
    command_line+=(-- "$@")
}
