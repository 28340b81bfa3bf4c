#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# sbx with one part of its set-up left out (tests/broken/): each time the launch ends with 125, or
# the part is one of those that take nothing away from the isolation.  Those are named here.

load common

setup() {
    common_setup
    BROKEN=${SBX_BUILD:-$REPO/build/release}/sbx-broken
    [[ -x $BROKEN ]] || skip "this build has no sbx-broken"
    mkdir -p "$T/w/sub" "$T/o/shown"
    echo secret >"$T/w/secret"
    CAUGHT=0 FREE=()
    skip_unless userns
}

teardown() {
    common_teardown
}

# What the attestation of a whole run has found for the mount at PATH.
found_at() {
    jq -r --arg path "$1" \
        '.items[] | select(.what == "mount" and .subject == $path) | .found' "$T/whole.json"
}

# Steps without which the command has less, or the same, but never more than the plan says.
#   symlink            a name on a private tmpfs, for comfort: /dev/stdin and the like
#   directory          the same: /run/lock and the like
#   mask               of what isn't there; the step says "where it exists"
#   host-directory     there already
is_harmless() {
    case $1 in
    symlink | directory) return 0 ;;
    mask) [[ $(found_at "$2") == "nothing there" ]] ;;
    *) return 1 ;;
    esac
}

# broken HOW [OPTION...]: a run in which HOW is left out; sets status and output.
broken() {
    local how=$1

    shift
    run env SBX_BREAK="$how" "$BROKEN" run "$@" -- echo RAN </dev/null
}

assert_caught() {
    if [[ $status != 125 || $output == *RAN* ]]; then
        fail "not caught: $1 (exit code $status): $output"
    fi
    [[ $output == sbx:* ]] || fail "no message: $1: $output"
    CAUGHT=$((CAUGHT + 1))
}

# The steps of the plan, "NUMBER KIND TARGET" each; the many masks that every plan has only where
# MASKS is set.
steps() {
    "$BROKEN" plan --json "$@" -- echo RAN </dev/null | jq -r --arg masks "${MASKS:-}" '
        .steps | to_entries[] | select($masks != "" or .value.step != "mask" or
            (.value.origin | startswith("--"))) |
        "\(.key + 1)\t\(.value.step)\t\(.value.target // "")"'
}

# skip_each [OPTION...]: leave out one step after the other.
skip_each() {
    local number kind target

    run "$BROKEN" run --attest "$T/whole.json" "$@" -- echo RAN </dev/null
    [[ $status == 0 && $output == *RAN* ]] || fail "the whole does not run: $output"
    jq -e '.as_planned and ([.items[].state] | all(. == "as-planned"))' "$T/whole.json" >/dev/null ||
        fail "$(jq -c '.items[] | select(.state != "as-planned")' "$T/whole.json")"
    while IFS=$'\t' read -r number kind target; do
        case $kind in
        command) continue ;; # what all the rest is for
        cgroup | cgroup-limit) continue ;;
        process-group) broken init:setpgid "$@" ;;
        session) broken init:setsid "$@" ;;
        *) broken "skip:$number" "$@" ;;
        esac
        if [[ $status == 0 && $output == RAN ]] && is_harmless "$kind" "$target"; then
            FREE+=("$kind $target")
        else
            assert_caught "step $number, $kind $target, of: run $*"
        fi
    done < <(steps "$@")
    echo "# caught $CAUGHT, harmless ${#FREE[@]}"
    ((CAUGHT >= 30)) || fail "only $CAUGHT steps were caught: is that all of the plan?"
}

@test "each step left out: the default" {
    MASKS=yes skip_each
}

@test "each step left out: --profile build" {
    skip_each --profile build
}

@test "each step left out: --rw, --ro, --file, --tmpfs" {
    skip_each --rw . --ro "$T/o" --rw "$T/o/shown" --file "/tmp/f=/etc/passwd" --tmpfs "$T/w/sub"
}

@test "each step left out: --hide, --home host, --proc rw" {
    skip_each --hide "$T/w/secret" --home host --proc rw
}

@test "each step left out: the host's network" {
    skip_each --net host-abstract
}

@test "each step left out: limits" {
    is_root && skip "root's processes are not counted: --pids takes an ordinary user"
    skip_each --pids 50 --file-size 1M --open-files 64 --cpu-time 10s --rlimit as=8G
}

@test "each step left out: a terminal of its own" {
    skip_each --tty new
}

@test "each step left out: --as" {
    is_root || skip "only root can be someone else"
    id nobody >/dev/null 2>&1 || skip "there is no account 'nobody'"
    chmod 777 "$T"
    skip_each --as nobody -e SBX_BREAK # becoming someone else drops all variables but those asked for
}

# --- what is done, but not wholly -------------------------------------------------------------

@test "each namespace left out of the clone" {
    local flag

    # mount, cgroup, uts, ipc, user, pid: see clone(2); that of the network is a step
    for flag in 0x00020000 0x02000000 0x04000000 0x08000000 0x10000000 0x20000000; do
        broken "weaken:$(steps | awk '$2 == "namespaces" { print $1 }'):$flag"
        assert_caught "namespace $flag"
    done
    broken "weaken:1:0"
    [[ $status == 0 && $output == RAN ]] || fail "the control does not run: $output"
}

@test "each mount without its restrictions" {
    local number kind target

    # read-only 1, nosuid 2, nodev 4, noexec 8: see mount_setattr(2)
    while IFS=$'\t' read -r number kind target; do
        case $kind in
        mirror | bind | proc | tmpfs)
            broken "weaken:$number:15" --rw . --ro "$T/o"
            assert_caught "all of $kind $target"
            # What the host has mounted so stays so, said or not.
            [[ $kind == bind && ,$(findmnt -n -o OPTIONS -T "$target" | tail -n 1), == *,nosuid,* ]] && continue
            broken "weaken:$number:2" --rw . --ro "$T/o"
            assert_caught "nosuid of $kind $target"
            ;;
        esac
    done < <(steps --rw . --ro "$T/o")
    ((CAUGHT >= 20)) || fail "only $CAUGHT"
}

@test "a mirror that is restricted at its top only" {
    broken shallow
    assert_caught "no recursion"
    [[ $output == *"not as planned: mount /"* ]]
}

@test "devices of a /dev that is not restricted" {
    broken devices
    assert_caught "the host's /dev"
    [[ $output == *"not as planned: mount /dev/"* ]] || fail "$output"
}

@test "a mirror that still takes part in propagation" {
    # in a namespace whose mounts are shared, as systemd makes those of the host
    cat >"$T/shared" <<END
mount --make-rshared / && exec "$BROKEN" run -- echo RAN
END
    run unshare --user --map-root-user --mount sh "$T/shared"
    [[ $status == 0 && $output == *RAN* ]] || skip "no shared mounts can be had here: $output"
    run env SBX_BREAK=propagation unshare --user --map-root-user --mount sh "$T/shared"
    assert_caught "propagation"
    [[ $output == *"slave"* ]] || fail "$output"
}

@test "capabilities that are not wholly given up" {
    broken bounding
    assert_caught "the bounding set"
    [[ $output == *"capabilities bounding"* ]]
    broken securebits
    assert_caught "the securebits"
    [[ $output == *"securebits"* ]]
}

@test "what init and the command's process leave out" {
    local -A says=([setpgid]="process-group" [close]="descriptors" [seccomp]="seccomp"
        [prlimit]="rlimit" [dumpable]="dumpable")
    local name

    for name in "${!says[@]}"; do
        broken "init:$name"
        assert_caught "init:$name"
        [[ $output == *"not as planned: ${says[$name]}"* ]] || fail "$name: $output"
    done
    broken init:setsid --tty none
    assert_caught "init:setsid"
}

# --- the program that is shipped ------------------------------------------------------------------

@test "the shipped program has nothing of this" {
    local word

    for word in SBX_BREAK SBX_INIT_BREAK __wrap_; do
        grep -q -F "$word" "$BROKEN" || [[ $word == __wrap_ ]] || fail "no $word in sbx-broken"
        ! grep -q -F "$word" "$SBX" || fail "$word is in $SBX"
    done
    run env SBX_BREAK=skip:1 "$SBX" run -- echo RAN
    [[ $status == 0 && $output == RAN ]]
}
