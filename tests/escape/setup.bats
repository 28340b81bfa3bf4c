#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The set-up: what hostile code has left for it, and races with it.
# bats file_tags=escape
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

# Where a link may point that somebody plants: the victim's directory by its own name, and by the
# names that it has while a launcher sets up.
targets() {
    printf '%s\n' "$T/o" "/oldroot$T/o" "/newroot$T/o" "/proc/self/root$T/o" "/proc/1/root$T/o" \
        "/proc/self/cwd/../o" "../../o" "/proc/self/fd/3$T/o" "/proc/self/fd/4$T/o" "/proc/self/fd/5$T/o"
}

# with_each_target WORD...: plant each of them at $T/w/jail/link; then the case's set-up
with_each_target() {
    local target

    may_refuse=yes
    victim_file
    WRITABLE=("$T/w/jail")
    while IFS= read -r target; do
        rm -rf jail
        mkdir jail
        ln -s "$target" jail/link
        "$@"
    done < <(targets)
    outside_changed
}

@test "CVE-2026-87766: a planted link, and the next run makes a directory through it" {
    attack() {
        DESTINATION=$T/w/jail/link/new
        with_each_target inside true
    }
    holds naive
}

@test "CVE-2024-28185: a planted link, and the next run writes a file through it" {
    attack() {
        echo intruder >source
        COPY=$T/w/jail/link/victim=$T/w/source
        with_each_target inside true
    }
    [[ $ESCAPE_RUNNER != firejail ]] || skip "no such thing: firejail puts no file of the caller's choice into the view"
    holds naive
}

@test "CVE-2024-42472: a planted link, and the next run shows what it points to" {
    attack() {
        mkdir jail
        secret_in "$HOME/secret"
        ln -s "$HOME" jail/data
        WRITABLE=("$T/w/jail")
        READABLE=("$T/w/jail/data")
        may_refuse=yes
        inside sh -c 'cat jail/data/secret'
        came_out
    }
    [[ $ESCAPE_RUNNER != firejail ]] || skip "no such thing: firejail binds only for root"
    holds naive
}

# race COMMAND...: jail/link is a directory and a link by turns, as fast as it goes, while the
# command is run 25 times
race() {
    local i

    may_refuse=yes
    mkdir jail jail/link
    ln -s "$1" jail/other
    shift
    background "$PROBE" swap "$T/w/jail/link" "$T/w/jail/other" $((20 * SBX_TEST_SLOW)) >"$T/swap"
    wait_until has_text "$T/swap"
    for ((i = 0; i < 25; i++)); do
        "$@"
    done
    kill -9 "${BACKGROUND[-1]}"
}

@test "CVE-2021-30465: a race for the destination of a mount" {
    attack() {
        victim_file
        WRITABLE=("$T/w/jail")
        DESTINATION=$T/w/jail/link/new
        race "$T/o" inside true
        outside_changed
    }
    holds naive
}

@test "CVE-2018-15664, CVE-2024-23651: a race for the source of a mount" {
    attack() {
        secret_in "$HOME/secret"
        WRITABLE=("$T/w/jail")
        READABLE=("$T/w/jail/link")
        race "$HOME" inside cat jail/link/secret
        came_out
    }
    [[ $ESCAPE_RUNNER != firejail ]] || skip "no such thing: firejail binds only for root"
    holds naive
}

@test "CVE-2018-15664: a race for the destination of a file" {
    attack() {
        victim_file
        echo intruder >source
        WRITABLE=("$T/w/jail")
        COPY=$T/w/jail/link/victim=$T/w/source
        race "$T/o" inside true
        outside_changed
    }
    [[ $ESCAPE_RUNNER != firejail ]] || skip "no such thing: firejail puts no file of the caller's choice into the view"
    holds naive
}

@test "CVE-2019-16884, CVE-2019-19921, CVE-2025-52881: links for dev, proc and tmp in the tree that becomes the root" {
    attack() {
        local target name

        may_refuse=yes
        victim_file
        while IFS= read -r target; do
            rm -rf tree
            mkdir tree
            cp -r /bin/busybox "$T/w/probe" tree 2>/dev/null
            for name in dev proc tmp sys run; do ln -s "$target" "tree/$name"; done
            TREE=$T/w/tree
            "${AROUND}_command" /probe begin /probe facts
            timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 </dev/null || true
        done < <(targets)
        outside_changed
    }
    [[ $ESCAPE_RUNNER != firejail ]] || skip "no such thing: firejail has --chroot for root only"
    holds naive
}

@test "CVE-2020-17368: words of the command line reach a shell" {
    attack() {
        victim_file
        NAIVE_FLAGS=(-s)
        WRITABLE=("$T/o")
        inside echo 'x; touch injected' '$(touch injected)' '`touch injected`' "; touch '$T/o/injected'"
        outside_changed
    }
    holds naive
}

@test "CVE-2020-17367, CVE-2024-32462: the command's words are taken for the launcher's options" {
    attack() {
        local -a words=(-w "$T/o" --rw="$T/o" --bind "$T/o" "$T/o" --read-write="$T/o")

        victim_file
        [[ $AROUND != naive ]] || words=(-w "$T/o")
        build "$T/w/probe" try create "$T/o/new" "${words[@]}"
        # The control's flaw: it looks for options everywhere, as getopt does without two dashes.
        [[ $AROUND != naive ]] || without_dashes
        timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 </dev/null || true
        outside_changed
    }
    without_dashes() {
        local i

        for i in "${!command_line[@]}"; do
            [[ ${command_line[i]} != -- ]] || unset "command_line[i]"
        done
    }
    holds naive
}

# joined COMMAND...: a sandbox with the command, which watches; meanwhile others join it
joined() {
    local i

    SANDBOX_NAME=escape-$$-$RANDOM
    cp "$([[ $AROUND == naive ]] && echo "$NAIVE" || echo "$SBX")" "$T/o/launcher"
    [[ $AROUND == naive ]] || cp -r "${SBX%/*}/share" "$SBX-full" "$T/o/" 2>/dev/null || true
    inside_background "$@" || return
    wait_until grep -aq '^watching' "$T/out" || return
    for ((i = 0; i < 4; i++)); do
        if [[ $AROUND == naive ]]; then
            "$T/o/launcher" join "$(pgrep -P "$runner_pid")" true
        else
            "$T/o/launcher" exec "$SANDBOX_NAME" -- true
        fi
    done >>"$T/joins" 2>&1
    exec 9>&-
    wait "$runner_pid"
}

@test "CVE-2016-9962: who joins a sandbox is robbed of what it has open" {
    of_sbx "no command that joins, or only for root"
    attack() {
        secret_in "$HOME/secret"
        joined "$T/w/probe" try rob "$HOME/secret" $((2 * SBX_TEST_SLOW))
        came_out
    }
    holds naive
}

@test "CVE-2019-5736, CVE-2019-12499: the launcher that joins a sandbox is overwritten from inside" {
    of_sbx "no command that joins, or only for root"
    attack() {
        joined "$T/w/probe" try overwrite-exe launcher $((2 * SBX_TEST_SLOW))
        grep -q '^#!/owned' "$T/o/launcher"
    }
    holds naive
}

@test "CVE-2019-12589, CVE-2022-31214: who joins a sandbox has less of it around" {
    of_sbx "no command that joins, or only for root"
    attack() {
        MARK=$(token)
        SANDBOX_NAME=escape-$$-$RANDOM
        inside_background "$T/w/probe" begin sh -c 'read -r line' || return
        if [[ $AROUND == naive ]]; then
            background "$NAIVE" join "$(pgrep -P "$runner_pid")" "$T/w/probe" stubborn "$MARK" >"$T/join"
        else
            background "$SBX" exec "$SANDBOX_NAME" -- "$T/w/probe" stubborn "$MARK" >"$T/join"
        fi
        wait_until has_text "$T/join" && wait_until holding "$MARK" || return
        grep -E '^(NoNewPrivs|Seccomp|CapEff|CapBnd):' "/proc/$(holding "$MARK")/status" >"$T/status"
        kill -9 "$(holding "$MARK")"
        proceed
        grep -qE '^((NoNewPrivs|Seccomp):[^0-9]*0|Cap...:.*[1-9a-f].*)$' "$T/status"
    }
    holds naive
}

@test "the profile of the next run is written by this one" {
    of_sbx "bubblewrap has no profiles"
    attack() {
        local profiles=$T/w/config/sbx/profiles

        mkdir -p "$profiles"
        secret_in "$HOME/secret"
        may_refuse=yes
        (
            export XDG_CONFIG_HOME=$T/w/config
            WRITABLE=("$T/w")
            inside sh -c 'printf "sbx: 1\nfilesystem:\n  ro: [%s]\n" "$2/secret" >"$1/default.local.yaml"' sh "$profiles" "$HOME"
            WRITABLE=()
            # The next one is sbx's in any case: a profile is nothing to other runners.
            timeout -k 5 $((30 * SBX_TEST_SLOW)) "$SBX" run -- cat "$HOME/secret" >>"$T/out" 2>&1
        )
        came_out
    }
    holds plain
}
