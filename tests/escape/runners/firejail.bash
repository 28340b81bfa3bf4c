# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# firejail with its default profile and what firejail(1) offers besides.
# shellcheck disable=SC2154 # escape.bash sets them

firejail_command() {
    local dir

    command_line=(firejail --quiet --deterministic-exit-code --profile=default --read-only=/
        --read-only="$BASE" --blacklist="$HOME" --private-dev --private-tmp --disable-mnt --ipc-namespace --caps.drop=all
        --nonewprivs --noroot --nogroups --seccomp.block-secondary
        --dbus-user=none --dbus-system=none --machine-id --hostname=sandbox
        --rmenv=ESCAPE_TOKEN)
    [[ $NETWORK == host ]] || command_line+=(--net=none)
    for dir in "${WRITABLE[@]}"; do command_line+=(--read-write="$dir"); done
    [[ -z $DESTINATION ]] || command_line+=(--tmpfs="$DESTINATION")
    command_line+=(-- "$@")
}
