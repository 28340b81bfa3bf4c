# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# bubblewrap with all that bwrap(1) offers against hostile code.  It has no filter of its own
# (--seccomp takes one that the caller has compiled).
# shellcheck disable=SC2016,SC2154 # escape.bash sets them

bwrap_command() {
    local dir

    command_line=(bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /var/tmp --tmpfs /run
        --tmpfs "$HOME" --unshare-user --unshare-all --disable-userns --cap-drop ALL --new-session
        --die-with-parent --hostname sandbox --clearenv --setenv PATH "$PATH" --setenv HOME "$HOME")
    [[ -z $TREE ]] ||
        command_line=("${command_line[0]}" --bind "$TREE" / --dev /dev --proc /proc --tmpfs /tmp
            "${command_line[@]:13}")
    [[ $NETWORK != host ]] || command_line+=(--share-net)
    for dir in "${WRITABLE[@]}"; do command_line+=(--bind "$dir" "$dir"); done
    for dir in "${READABLE[@]}"; do command_line+=(--ro-bind "$dir" "$dir"); done
    [[ -z $DESTINATION ]] || command_line+=(--tmpfs "$DESTINATION")
    [[ -z $COPY ]] || command_line+=(--file 8 "${COPY%%=*}")
    command_line+=(--chdir "$PWD" -- "$@")
    [[ -z $COPY ]] ||
        command_line=(bash -c 'exec 8<"$1"; shift; exec "$@"' bash "${COPY#*=}" "${command_line[@]}")
}
