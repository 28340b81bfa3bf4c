#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# suite.sh SUITE: in the guest, one file of the suites in bats, such as cli/view.bats, or "faults", a
# sample of the fault suite; prints TAP.  Not one of cases/: `run cli` asks for it.
set -eu

# An emulated processor takes about ten times as long: the tests' own time limits are as much longer.
SBX_TEST_SLOW=10
SBX_BUILD=/checkout/build/release
SBX_TESTS=/checkout/tests
export SBX_TEST_SLOW SBX_BUILD SBX_TESTS
export NAIVE="$SBX_BUILD/naive" BATS_TEST_TIMEOUT=1500 TERM=linux
[ ! -s "$SBX_BUILD/debian.tar" ] || export SBX_TEST_TREE="$SBX_BUILD/debian.tar"
# A place that the default view shows, and that is no home.
export SBX_TEST_DIR=/srv

# What these kernels can do is not to be skipped.
must="userns mountns nested overlay landlock ipv6 int80 x32 keyring sysvipc default_run cgroup2 outside"
must="$must tmux vim git busybox scope_helper dbus_daemon modify_ldt io_uring alg netfilter vsock tiocsti"
must="$must bpf perf userfaultfd syslog kallsyms fuse devices"
[ "$VM_USER" != root ] || must="$must root binfmt file_handles packet"
case $(uname -r) in
6.1.*) ;;
*) must="$must abstract_scope" ;;
esac
SBX_TEST_MUST_WORK=$(echo "$must" | tr ' ' ,)
export SBX_TEST_MUST_WORK

case $1 in
faults) exec "$SBX_BUILD/faults" --errnos 3 --every "${VM_FAULTS_EVERY:-60}" ;;
# A process group with a parent in its session, as in anybody's shell: an orphaned one can't be stopped.
*) exec bash -c 'set -m; bats --tap "$1" & wait "$!"' bash "$SBX_TESTS/$1" ;;
esac
