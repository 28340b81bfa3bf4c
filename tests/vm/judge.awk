# SPDX-License-Identifier: Apache-2.0
#
# What a guest's answers say, a line a case: run calls it with `list`, the file of the cases that the
# guest was given, and `verbose`.  Exit code 0 only where each of them came to its end and passed.
#
# Both kinds of cases print "ok" and "not ok": our own scripts by lib.sh, the suites as TAP, where a
# line may be a skip with its reason, and where the plan "1..N" says how many lines there have to be.

function show(line) {
    lines = lines "      " line "\n"
}

$1 == "kernel" { release = $2 }
$1 == "died" { print "  guest: " substr($0, 6) }
$1 == "finished" { finished = 1 }
$1 == "begin" {
    what = $2 " " $3
    lines = ""
    passed = failed = skipped = showing = 0
    planned = -1
}
$1 == "|" {
    line = substr($0, 3)
    if (line ~ /^1\.\.[0-9]+$/) {
        planned = substr(line, 4) + 0
    } else if (line ~ /^ok .* # skip/) {
        skipped++
        reason = line
        sub(/.* # skip */, "", reason)
        reasons[reason]++
        if (verbose == "yes")
            show(line)
    } else if (line ~ /^ok /) {
        passed++
        showing = 0
        if (verbose == "yes")
            show(line)
    } else if (line ~ /^not ok /) {
        failed++
        showing = 1
        show(line)
    } else if (showing || planned < 0 && line !~ /^checks /) {
        show(line)
    }
}
$1 == "end" {
    whole = planned < 0 ? passed > 0 : passed + failed + skipped == planned
    good = $2 == 0 && failed == 0 && whole
    result[what] = good ? "ok" : "FAILED"
    if (!good)
        bad = 1
    split(what, word, " ")
    code = ($2 > 1) ? ", exit code " $2 : ""
    skips = skipped ? ", " skipped " skipped" : ""
    printf("  %-7s %-12s %s (%d of %d checks passed%s, %d s%s)\n%s", word[1], word[2], result[what],
           passed, passed + failed, skips, $3, code, lines)
    total_passed += passed
    total_failed += failed
    total_skipped += skipped
}
END {
    while ((getline line < list) > 0) {
        split(line, word, " ")
        what = word[1] " " (word[3] != "" ? word[3] : word[2])
        sub(/\.sh$/, "", what)
        if (!(what in result)) {
            split(what, word, " ")
            printf "  %-7s %-12s FAILED (it did not come to its end)\n", word[1], word[2]
            bad = 1
        }
    }
    if (total_skipped > 0) {
        printf "  in all: %d passed, %d failed, %d skipped:\n", total_passed, total_failed, total_skipped
        for (reason in reasons)
            printf "  %7d %s\n", reasons[reason], reason | "sort -k 1,1nr -k 2"
        close("sort -k 1,1nr -k 2")
    }
    exit bad || !finished || release == ""
}
