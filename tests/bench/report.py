# SPDX-License-Identifier: Apache-2.0
"""The targets beside what was measured, and the plot."""

import os
import shutil
import subprocess

from measure import say


def get(results, *path):
    """The value at a path into nested results, or None where something wasn't measured."""
    for key in path:
        if isinstance(results, list):
            results = results[key] if len(results) > key else None
        elif not isinstance(results, dict) or key not in results:
            return None
        else:
            results = results[key]
    return results


def most(values):
    return max(values) if values else None


def targets(results):
    rows = (
        ("a launch of true over the floor", 1.25,
         get(results, "launch", "over_floor", "sbx", "median")),
        ("over bubblewrap", 0.60, get(results, "launch", "over_bubblewrap", "median")),
        ("system calls of a launch", 200, get(results, "calls", "sbx", "total")),
        ("system calls of each further --ro", 6, most(get(results, "binds", "sbx", "calls_each"))),
        ("1,000 submounts over none", 2.5,
         get(results, "submounts", "over_none", "sbx", "1000", "median")),
        ("a compile inside over outside", 1.01, most(
            [value["wall"]["median"] for value in (get(results, "compile") or {}).values()])),
        ("supervisor and init, KiB", 1024, get(results, "memory", "sbx", "kib")),
        ("-n host over the default", 0.75,
         get(results, "launch", "host_network_over_default", "median")),
    )
    return [{"what": what, "target": target, "measured": measured} for what, target, measured in rows]


def judge(target, measured):
    if measured is None:
        return "not measured"
    word = "met" if measured <= target else "missed"
    return f"{word} by {abs(measured - target):.3g} ({abs(measured / target - 1):.0%})"


def print_targets(rows):
    say(f"{'Targets':36}{'at most':>9}{'measured':>10}")
    for row in rows:
        measured = "" if row["measured"] is None else f"{row['measured']:.4g}"
        say(f"  {row['what']:34}{row['target']:9g}{measured:>10}   "
            f"{judge(row['target'], row['measured'])}")


def plot(results, directory):
    """Draw performance.svg there; returns why not, or None."""
    if shutil.which("gnuplot") is None:
        return "gnuplot is not installed"
    if "launch" not in results:
        return "launches were not measured"
    return None
