# SPDX-License-Identifier: Apache-2.0
"""The targets beside what was measured, as text and for docs/performance.md, and the plot."""

import os
import re
import shutil
import subprocess

from measure import say

PEERS = ("bubblewrap", "nsjail", "minijail", "firejail")
BLOCK = re.compile(r"(<!-- measured -->\n).*(<!-- end -->\n)", re.DOTALL)


def get(results, *path):
    """The value at a path into nested results, or None where something wasn't measured."""
    for key in path:
        if not isinstance(results, dict) or key not in results:
            return None
        results = results[key]
    return results


def most(values):
    return max(values) if values else None


def launch_over_floor(results, name):
    group = "firejail" if name == "firejail" else "launch"
    return get(results, group, "over_floor", name, "median")


# What is measured, the target, and how to find a launcher's number.
TARGETS = (
    ("a launch of `true`, over the floor", 1.25, launch_over_floor),
    ("the same, over bubblewrap", 0.60,
     lambda results, name: get(results, "launch", "over_bubblewrap", "median")
     if name == "sbx" else None),
    ("system calls of a launch", 200, lambda results, name: get(results, "calls", name, "total")),
    ("system calls of each further `--ro`", 6,
     lambda results, name: most(get(results, "binds", name, "calls_each"))),
    ("1,000 submounts, over none", 2.5,
     lambda results, name: get(results, "submounts", "over_none", name, "1000", "median")),
    # By CPU time: that of a compile is the same within a percent on a busy machine, its wall time
    # isn't within a third.
    ("a compile inside, over outside", 1.01,
     lambda results, name: get(results, "compile", "cpu", "median") if name == "sbx" else None),
    ("memory of supervisor and init, KiB", 1024,
     lambda results, name: get(results, "memory", name, "kib")),
    ("with `-n host`, over the default", 0.75,
     lambda results, name: get(results, "launch", "host_network_over_default", "median")
     if name == "sbx" else None),
)


def targets(results):
    peers = [name for name in PEERS if launch_over_floor(results, name) is not None]
    return [{"what": what, "target": target, "measured": find(results, "sbx"),
             "peers": {name: find(results, name) for name in peers}}
            for what, target, find in TARGETS]


def number(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def judge(target, measured):
    if measured is None:
        return "not measured"
    word = "met" if measured <= target else "missed"
    return f"{word} by {number(abs(measured - target))} ({abs(measured / target - 1):.0%})"


def print_targets(rows):
    peers = list(rows[0]["peers"])
    say(f"{'Targets':38}{'at most':>9}{'sbx':>8}   {'':24}" + "".join(f"{name:>12}" for name in peers))
    for row in rows:
        say(f"  {row['what'].replace('`', ''):36}{row['target']:9g}{number(row['measured']):>8}   "
            f"{judge(row['target'], row['measured']):24}" +
            "".join(f"{number(row['peers'][name]):>12}" for name in peers))


# --- for docs/performance.md ----------------------------------------------------------------


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def targets_table(rows):
    peers = list(rows[0]["peers"])
    return table(["what", "target: at most", "sbx", "", *peers],
                 [[row["what"], f"{row['target']:g}", number(row["measured"]),
                   judge(row["target"], row["measured"]),
                   *[number(row["peers"][name]) for name in peers]] for row in rows])


def times_table(results):
    rows = [[name, f"{time['median']:.2f}", f"{time['p10']:.2f}", f"{time['p90']:.2f}",
             f"{results['launch']['over_floor'][name]['median']:.2f}"]
            for name, time in results["launch"]["ms"].items()]
    time = get(results, "firejail", "ms", "firejail")
    if time is not None:
        rows.append(["firejail (rounds of its own)", f"{time['median']:.1f}", f"{time['p10']:.1f}",
                     f"{time['p90']:.1f}", number(launch_over_floor(results, "firejail"))])
    return table(["a launch of `true`, ms", "median", "p10", "p90", "over the floor"], rows)


def phases_table(results):
    floor = {row["phase"]: row["us"]["median"] for row in get(results, "phases", "floor") or []}
    return table(["phase of a launch, µs", "sbx", "floor"],
                 [[row["phase"], f"{row['us']['median']:.0f}",
                   f"{floor[row['phase']]:.0f}" if row["phase"] in floor else "-"]
                  for row in get(results, "phases", "sbx") or []])


def save(results, directory):
    """Renew the block of measured numbers in performance.md there."""
    path = os.path.join(directory, "performance.md")
    machine = results["machine"]
    lines = [f"Measured on {machine['date']}, Linux {machine['kernel']}, {machine['processors']} "
             f"processors ({machine['processor']}), {machine['mounts']} mounts; load average "
             f"{machine['load_at_start']:.1f} at the start, {machine['load_at_end']:.1f} at the end.",
             "", *targets_table(results["targets"]), *times_table(results), *phases_table(results)]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text, found = BLOCK.subn(lambda match: match[1] + "\n".join(lines) + match[2], text)
    if found != 1:
        raise SystemExit(f"bench: {path} has no place for what was measured")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


# --- the plot -------------------------------------------------------------------------------

GNUPLOT = """set terminal svg size 900,360 enhanced background rgb 'white' font 'sans-serif,12'
set output '{output}'
set multiplot layout 1,2
set border 3
set tics nomirror out
set title 'A launch of true: median, p10 to p90'
set xlabel 'milliseconds'
set logscale x
set grid x lc rgb '#dddddd'
set yrange [-0.7:{launchers}-0.3] reverse
unset key
$launch << END
{launch}
END
plot $launch using 2:0:3:4:ytic(1) with xerrorbars pt 7 ps 0.9 lw 2 lc rgb '#1f5fa8'
reset
set border 3
set tics nomirror out
set title 'A launch on a host with many mounts: median'
set xlabel 'submounts and one'
set ylabel 'milliseconds'
set logscale xy
set grid y lc rgb '#dddddd'
set key top left
$mounts << END
{mounts}
END
plot for [i=0:{series}-1] $mounts index i using ($1+1):2 with linespoints pt 7 ps 0.6 lw 2 \\
    title columnheader(1)
unset multiplot
"""


def plot(results, directory):
    """Draw performance.svg there; returns why not, or None."""
    submounts = get(results, "submounts", "ms")
    if shutil.which("gnuplot") is None:
        return "gnuplot is not installed"
    if "launch" not in results or submounts is None:
        return "it shows launches and submounts, and not both were measured"
    times = {name: time for name, time in results["launch"]["ms"].items()
             if name not in ("sbx plan", "sbx version")}
    if "firejail" in results:
        times["firejail"] = results["firejail"]["ms"]["firejail"]
    launch = [f'"{name}" {time["median"]} {time["p10"]} {time["p90"]}'
              for name, time in times.items()]
    mounts = ["\n".join([name, *[f"{count} {time['median']}" for count, time in of.items()]])
              for name, of in submounts.items()]
    script = GNUPLOT.format(output=os.path.join(directory, "performance.svg"), launchers=len(times),
                            launch="\n".join(launch), mounts="\n\n\n".join(mounts),
                            series=len(mounts))
    done = subprocess.run(["gnuplot"], input=script, text=True, capture_output=True, check=False)
    return done.stderr.strip() or "gnuplot failed" if done.returncode != 0 else None
