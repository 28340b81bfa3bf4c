#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sbx-scope, the helper that asks systemd for a cgroup, and managers that don't do what they should:
# on a bus of the test's own.  With a real manager, tests/vm/cases/scope.sh tries it all.
# bats file_tags=limits
# shellcheck disable=SC2154,SC2030,SC2031 # set by run; each test is a shell of its own

load common

SBX_BUILD=${SBX_BUILD:-$(dirname "$SBX")}

has_scope_helper() { [[ -x $SBX_BUILD/sbx-scope && -x $SBX_BUILD/fake-manager ]]; }
has_dbus_daemon() { command -v dbus-daemon; }

setup() {
    common_setup
    skip_unless scope_helper "sbx was built without libsystemd"
    skip_unless dbus_daemon "no dbus-daemon (Debian: dbus-daemon)"
    mkdir -m 700 bus
    BUS=$PWD/bus/bus
    # what sbx does: a socket as descriptor 0, one answer, and the end when it is closed
    cat >ask.py <<'PY'
import socket, struct, subprocess, sys
mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
helper = subprocess.Popen(sys.argv[1:], stdin=its)
its.close()
answer = mine.recv(4096)
if len(answer) == 248:
    number, unused = struct.unpack("iI", answer[:8])
    print(number, answer[8:].split(b"\0")[0].decode())
else:
    print("no answer", len(answer))
print("stays" if helper.poll() is None and len(answer) == 248 and number == 0 else "ends")
mine.close()
print("exit", helper.wait())
PY
}

start_bus() {
    cat >bus.conf <<END
<busconfig><type>session</type><listen>unix:path=$BUS</listen>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
END
    background dbus-daemon --config-file="$PWD/bus.conf" --nofork --nopidfile
    wait_until test -S "$BUS"
}

start_manager() {
    background "$SBX_BUILD/fake-manager" "$BUS" "$1" >manager
    wait_until grep -q ready manager
}

# ask [SLICE]
ask() {
    run -0 python3 -I ask.py "$SBX_BUILD/sbx-scope" "$BUS" sbx-1-test.scope $$ "$@"
}

@test "a refusal is passed on, without what a terminal would act on" {
    start_bus
    start_manager refuse
    ask
    equal $'13 not [31m for you\nends\nexit 1' "$output"
    grep -q '^asked for sbx-1-test.scope$' manager
}

@test "another error is passed on, too" {
    start_bus
    start_manager exists
    ask user.slice
    like "$output" '^[1-9][0-9]* it exists$' '^exit 1$'
}

@test "an answer that is none" {
    start_bus
    start_manager nonsense
    ask
    like "$output" 'its answer is no job$' '^exit 1$'
}

@test "a job that fails" {
    start_bus
    start_manager failed
    ask
    like "$output" "^13 it can't move the processes into the scope" '^exit 1$'
}

@test "a job that is done: the helper stays until its socket is closed" {
    start_bus
    start_manager 'done'
    ask
    equal $'0 \nstays\nexit 0' "$output"
}

@test "a manager that doesn't answer, or whose job doesn't end, is given up" {
    local how

    # on a bus each, so that they are waited for together
    for how in hang silent other; do
        mkdir -m 700 "$how"
        BUS=$PWD/$how/bus
        start_bus
        start_manager "$how"
        background python3 -I ask.py "$SBX_BUILD/sbx-scope" "$BUS" sbx-1-test.scope $$ >"$how/answer"
    done
    for how in hang silent other; do
        wait_until grep -q ^exit "$how/answer"
        like "$(cat "$how/answer")" '^110 ' '^exit 1$'
    done
}

@test "a bus without a manager" {
    start_bus
    ask
    like "$output" '^111 .*org.freedesktop.systemd1' '^exit 1$'
}

@test "no bus, and what is none" {
    ask
    like "$output" "^2 the bus can't be connected to\$" '^exit 1$'
    python3 -Ic 'import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1])' "$BUS"
    ask
    like "$output" "^111 the bus can't be connected to\$" '^exit 1$'
}

@test "by hand it says what it is" {
    run -1 "$SBX_BUILD/sbx-scope"
    like "$output" 'It is started by sbx'
}
