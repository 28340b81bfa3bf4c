# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# What the cases share.  A case reads it with `. "$VM_LIB"`, makes its checks, and ends with `finish`.
# Each check prints one line, "ok - what" or "not ok - what" with what was seen below it.

checks=0
failures=0

verdict() {
    checks=$((checks + 1))
    if [ "$1" = 0 ]; then
        echo "ok - $2"
    else
        failures=$((failures + 1))
        echo "not ok - $2"
        printf '%s\n' "$3" | head -n 12 | sed 's/^/    /'
    fi
}

# check WHAT COMMAND...: it exits 0.
check() {
    expect 0 "$@"
}

# refused WHAT COMMAND...: `probe try` says that it was refused (1), not that it couldn't be tried.
refused() {
    expect 1 "$@"
}

# expect STATUS WHAT COMMAND...
expect() {
    wanted=$1
    what=$2
    shift 2
    seen=$("$@" 2>&1 </dev/null)
    status=$?
    [ "$status" = "$wanted" ]
    verdict $? "$what" "exit $status instead of $wanted: $*
$seen"
}

# same WHAT WANTED SEEN
same() {
    [ "$2" = "$3" ]
    verdict $? "$1" "wanted: $2
seen: $3"
}

# contains WHAT TEXT PART, lacks WHAT TEXT PART
contains() {
    case $2 in
    *"$3"*) verdict 0 "$1" "" ;;
    *) verdict 1 "$1" "\"$3\" isn't in: $2" ;;
    esac
}

lacks() {
    case $2 in
    *"$3"*) verdict 1 "$1" "\"$3\" is in: $2" ;;
    *) verdict 0 "$1" "" ;;
    esac
}

# wait_for COMMAND...: try it for ten seconds, which are many on an emulated processor.
wait_for() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$@" && return 0
        sleep 0.5
    done
    return 1
}

# Processes with this word in their arguments; "[w]ord" keeps the search from finding itself.
processes_with() {
    grep -lae "[${1%"${1#?}"}]${1#?}" /proc/[0-9]*/cmdline 2>/dev/null
}

none_with() {
    [ -z "$(processes_with "$1")" ]
}

finish() {
    [ "$checks" -gt 0 ] || {
        echo "not ok - a case without a check"
        exit 1
    }
    echo "checks $checks failures $failures"
    [ "$failures" = 0 ]
    exit $?
}
