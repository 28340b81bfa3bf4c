# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the runners and the cases use what is set here, and the other way round
# What the cases of the escape suite share.
#
# A case is a flaw that a sandbox runner has had.  It defines attack(): lay out the bait, run the
# hostile code by `inside`, and succeed only if the bait was touched.  Whether it was is seen from
# outside: a secret that came out, a file that changed, a process that died, a listener that was
# called.  Only where nothing outside can tell (does the kernel take this system call?) does
# `says_done` believe the hostile code, which has no reason to play a success down.
#
# `holds [CONTROL]` runs the attack twice, each in a tree of its own: by the control, where it has
# to succeed, or the case shows nothing; and by the sandbox under test, where it must fail.
#   plain   no sandbox at all                   naive   namespaces without protection (naive.c)
#
# ESCAPE_RUNNER names the sandbox under test: a file of runners/ (default: sbx).
# NAIVE is the program of naive.c (default: build/release/naive).

NAIVE=${NAIVE:-${PROBE%/*}/naive}
ESCAPE_RUNNER=${ESCAPE_RUNNER:-sbx}

for runner in "${BASH_SOURCE[0]%/*}"/runners/*.bash; do
    # shellcheck disable=SC1090 # each of runners/
    source "$runner"
done

setup() {
    common_setup
    BASE=$T
    # What a case may ask of any runner.
    WRITABLE=()   # directories that the command may write to
    READABLE=()   # directories bound where they are
    DESTINATION=  # a path at which an empty directory is asked for
    COPY=         # DST=SRC: a file that is asked for
    TREE=         # a directory that is asked for as the root
    REPORT=       # where the result is to be written
    SANDBOX_NAME= # what it is to be called, so that a command can join it
    NETWORK=none  # or host
    SBX_NETWORK=host # the word by which sbx is asked for it
    NAIVE_FLAGS=()
    FD_0=/dev/null
    may_refuse=   # to refuse to run is an answer as good as any
    no_control=   # why the attack can't be shown to work
}

teardown() {
    common_teardown
    rm -rf "$BASE"
}

# --- the two runs ---------------------------------------------------------------------------

# attempt RUNNER: does the attack succeed there?
attempt() {
    AROUND=$1
    T=$BASE/$1
    mkdir "$T" "$T/home" "$T/w" "$T/o"
    cp "$PROBE" "$T/w/probe"
    export T HOME=$T/home
    cd "$T/w" || return
    SECRET=secret-$RANDOM$RANDOM$RANDOM
    : >"$T/out"
    attack
}

holds() {
    local control=${1:-plain}

    if [[ -z $no_control ]]; then
        [[ $control != naive ]] || skip_unless userns "the control needs a user namespace"
        attempt "$control" ||
            fail "the control shows nothing: the attack doesn't work by $control either" "$(tail -n 20 "$T/out")"
    fi
    if attempt "$ESCAPE_RUNNER"; then
        fail "ESCAPED from $ESCAPE_RUNNER" "$(tail -n 20 "$T/out")"
    fi
    grep -aq '^begun' "$T/out" || [[ -n $may_refuse && -s $T/out ]] ||
        fail "DID NOT RUN by $ESCAPE_RUNNER" "$(tail -n 20 "$T/out")"
    [[ -z $no_control ]] || skip "it held, but without a control: $no_control"
}

# control_needs FEATURE REASON: without it, the attack is run by the sandbox under test only
control_needs() {
    "has_$1" >/dev/null 2>&1 && return
    case ",${SBX_TEST_MUST_WORK:-}," in
    *",$1,"*) fail "must work here, but doesn't: $1 ($2)" ;;
    esac
    no_control=$2
}

# of_sbx REASON: a case that no peer can be asked
of_sbx() {
    [[ $ESCAPE_RUNNER == sbx ]] || skip "no such thing: $1"
}

# --- the attack -----------------------------------------------------------------------------

# build COMMAND...: the whole command line, into command_line
build() {
    command_line=()
    "${AROUND}_command" "$T/w/probe" begin "$@"
}

# inside COMMAND...: run it there; what it says is kept in $T/out
inside() {
    build "$@"
    status=0
    timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 <"$FD_0" 3>&- 4>&- || status=$?
}

# inside_background COMMAND...: the same, and go on once it has begun; what the case then writes to
# descriptor 9 is its standard input.  $! is the runner.
inside_background() {
    mkfifo "$T/input"
    # Both ways, or the opening would wait for somebody at the other end.
    exec 9<>"$T/input"
    build "$@"
    "${command_line[@]}" >>"$T/out" 2>&1 <"$T/input" 3>&- 4>&- 9>&- &
    runner_pid=$!
    BACKGROUND+=("$!")
    wait_until_begun
}

wait_until_begun() {
    local i

    for ((i = 0; i < 200 * SBX_TEST_SLOW; i++)); do
        ! grep -aq '^begun' "$T/out" || return 0
        ! is_over "$runner_pid" || return 1
        sleep 0.02
    done
    return 1
}

# proceed: let what waits for its input go on, and see it end
proceed() {
    echo go >&9 || true
    exec 9>&-
    wait "$runner_pid" || true
}

# holding MARK: the host's pids of the probes that have it as their last word
holding() {
    pgrep -f -- "^[^ ]*probe [a-z]+ $1\$"
}

# stays MARK: is it there a while after what is to end it?  Where all is well that is told at once.
stays() {
    local i

    for ((i = 0; i < 3; i++)); do
        holding "$1" >/dev/null || return 1
        sleep 0.1
    done
}

# tries TRY...: one of the probe's
tries() {
    inside "$T/w/probe" try "$@"
}

# on_terminal SCRIPT COMMAND...: a shell on a terminal of its own; "$@" in it runs the command
on_terminal() {
    build "${@:2}"
    timeout -k 5 $((30 * SBX_TEST_SLOW)) "$PROBE" pty bash -c "$1" shell "${command_line[@]}" </dev/null >>"$T/out" 2>&1 || true
}

# --- bait and evidence ------------------------------------------------------------------------

# secret_in FILE: something that no guess finds
secret_in() {
    mkdir -p "${1%/*}"
    echo "$SECRET" >"$1"
}

# The secret came out, or any other text.
came_out() { grep -aqF -- "${1:-$SECRET}" "$T/out"; }

# The probe says that the kernel did it.
says_done() { grep -aq '^done:' "$T/out"; }

# victim_file: $T/o/victim, which is to stay as it is
victim_file() {
    echo original >"$T/o/victim"
}

outside_changed() {
    [[ $(ls -A "$T/o") != victim || $(cat "$T/o/victim") != original ]]
}

# victim_process: a process outside, with $MARK among its words; its pid is $victim
victim_process() {
    MARK=$(token)
    background "$PROBE" hold "$MARK" >"$T/victim"
    victim=$!
    wait_until has_text "$T/victim"
}

# A signal that was sent may be a moment older than the death.
victim_died() {
    if says_done; then
        wait_until is_over "$victim"
    else
        is_over "$victim"
    fi
}

# listener KIND NAME: somebody who answers; `was_called` tells whether anybody came
listener() {
    background "$PROBE" "listen-$1" ${2:+"$2"} >"$T/called"
    wait_until has_text "$T/called"
}

was_called() {
    # The connection may be a moment older than the line about it.
    says_done && wait_until grep -q '^connected' "$T/called"
}
