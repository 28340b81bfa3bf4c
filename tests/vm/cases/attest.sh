# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What is in force is read back on this kernel too, all of it; and what is left out is caught.
# shellcheck source=/dev/null
. "$VM_LIB"

file=$HOME/attest.json
broken=${SBX%/*}/sbx-broken

# attested [OPTION...]: the states of the items, each once
attested() {
    rm -f "$file"
    "$SBX" run --attest "$file" "$@" -- true </dev/null || echo "exit $?"
    sed -n 's/^ *"state": "\(.*\)",$/\1/p' "$file" | sort -u | tr '\n' ' '
}

same "a default run is as planned, and nothing is unknown" "as-planned " "$(attested)"
contains "Landlock was tried" "$(cat "$file")" '"what": "landlock"'
contains "filters were counted" "$(cat "$file")" '"subject": "filters"'
contains "descriptors were looked at" "$(cat "$file")" '"what": "descriptors"'
same "with a writable directory and limits" "as-planned " \
    "$(attested --rw /var/tmp --open-files 50 --file-size 1M)"
same "with user namespaces" "as-planned " "$(attested --userns)"

if [ -x "$broken" ]; then
    check "the control: nothing is left out" "$broken" run -- true
    for how in bounding securebits init:seccomp init:prlimit init:close init:dumpable init:setpgid; do
        expect 125 "left out: $how" env SBX_BREAK="$how" "$broken" run -- true
    done
    "$broken" plan -- true 2>/dev/null </dev/null |
        sed -n 's/^ *\([0-9]*\)  \(userns-limit\|keyring\|hostname\|tmpfs\|proc\|seal\|chdir\|no-new-privs\|landlock\) .*/\1 \2/p' >"$HOME/steps"
    while read -r number step; do
        expect 125 "left out: $step" env SBX_BREAK="skip:$number" "$broken" run -- true
    done <"$HOME/steps"
fi
finish
