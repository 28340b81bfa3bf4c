# SPDX-License-Identifier: Apache-2.0
"""What a launch costs: time, system calls, phases, launches a second, memory."""

import json
import os
import shutil
import statistics
import subprocess
import time

import peers
from measure import Unmeasured, ratio, say, summary

MS = 1e6  # nanoseconds

# Calls that wait for another process: their time is no work.
WAITS = ("poll", "ppoll", "wait4", "waitid", "recvmsg", "recvfrom", "vfork", "pause")

# A phase lasts to a mark of bench-marks: (process, call or event), what came before it.
PHASES = (
    ((0, "clone3"), "launcher: start, profile, policy, host, plan, preparations"),
    ((0, "born"), "clone into the namespaces"),
    ((1, "pivot_root"), "child: ids, loopback, the view"),
    ((1, "execveat"), "child: the old root goes, lockdown"),
    ((1, "exec"), "exec of the init program"),
    ((1, "spawn"), "init: start, orders"),
    ((2, "exec"), "init forks; filter; exec of the command"),
    ((2, "exit_group"), "the command (true)"),
    ((0, "exit_group"), "its end, init's end, the namespaces' end; report"),
    ((0, "end"), "the launcher's exit"),
)


def print_times(times, ratios):
    say(f"  {'':24}{'median':>9}{'p10':>9}{'p90':>9}   over the floor")
    for name, value in times.items():
        over = ratios.get(name)
        tail = f"{over['median']:9.2f}" if over else ""
        say(f"  {name:24}{value['median']:9.2f}{value['p10']:9.2f}{value['p90']:9.2f}{tail}")


def launch(bench):
    """A launch of `true`, sbx and peers."""
    found, missing = peers.unprivileged(bench)
    cases = {"no sandbox": ["true"], "floor": [*peers.floor(bench), "true"],
             "sbx": [*peers.sbx(bench), "true"],
             "sbx -n host": [*peers.sbx(bench, "-n", "host"), "true"],
             "sbx plan": [bench.sbx, "plan", "--", "true"],
             "sbx version": [bench.sbx, "version"],
             **found}
    why = bench.works(cases["sbx -n host"])
    if why is not None:
        missing["sbx -n host"] = why
        del cases["sbx -n host"]
    samples = bench.rounds(cases, bench.count(60, 1000), (15, 90), warmup=5)
    wall = {name: value["wall_ns"] for name, value in samples.items()}
    times = {name: summary(value, MS) for name, value in wall.items()}
    ratios = {name: ratio(value, wall["floor"]) for name, value in wall.items()}
    result = {"ms": times, "over_floor": ratios, "missing": missing,
              "cpu_ms": {name: summary(value["cpu_ns"], MS) for name, value in samples.items()}}
    for name in ("bubblewrap", "nsjail", "minijail"):
        if name in wall:
            result["over_" + name] = ratio(wall["sbx"], wall[name])
    if "sbx -n host" in wall:
        result["host_network_over_default"] = ratio(wall["sbx -n host"], wall["sbx"])
    print_times(times, ratios)
    for name, why in missing.items():
        say(f"  {name}: not measured: {why}")
    return result


def setuid_peers(bench):
    """firejail, which is set-user-ID root, against sbx."""
    if shutil.which("firejail") is None:
        raise Unmeasured("firejail is not installed")
    command = [*peers.FIREJAIL, "true"]
    why = bench.works(command)
    if why is not None:
        raise Unmeasured(why)
    samples = bench.rounds({"floor": [*peers.floor(bench), "true"],
                            "sbx": [*peers.sbx(bench), "true"], "firejail": command},
                           bench.count(10, 60), (5, 20), pause=50000)
    wall = {name: value["wall_ns"] for name, value in samples.items()}
    times = {name: summary(value, MS) for name, value in wall.items()}
    ratios = {name: ratio(value, wall["floor"]) for name, value in wall.items()}
    print_times(times, ratios)
    return {"ms": times, "over_floor": ratios,
            "over_firejail": ratio(wall["sbx"], wall["firejail"])}


def count_calls(bench, command, times=1):
    """The segments of a launch of /usr/bin/true, as bench-calls sees them.  The counts are those of
    the first of so many `times`, the microseconds the least of all: what disturbs only adds."""
    program = os.path.realpath("/usr/bin/true")
    runs = [json.loads(bench.run([bench.tool("calls"), program, *command], timeout=120))["segments"]
            for _ in range(times)]
    for i, segment in enumerate(runs[0]):
        same = [run[i] for run in runs if len(run) == len(runs[0])]
        segment["user_us"] = min(other["user_us"] for other in same)
        for name, value in segment["by_call"].items():
            value[1] = min(other["by_call"].get(name, value)[1] for other in same)
    return runs[0]


def total_calls(segments):
    return sum(segment["calls"] for segment in segments)


def print_segment(segment):
    """What a process does most often, and what it spends most time in."""
    calls = segment["by_call"].items()
    if not calls:
        return
    often = sorted(calls, key=lambda item: -item[1][0])[:7]
    long = sorted((item for item in calls if item[0] not in WAITS), key=lambda item: -item[1][1])[:7]
    say(f"    {segment['program']}, process {segment['process']}: "
        f"{sum(time for name, (_, time) in calls if name not in WAITS):.0f} us in system calls, "
        f"{segment['user_us']:.0f} us outside them")
    say("      most often: " + ", ".join(f"{name} {count}" for name, (count, _) in often))
    say("      longest, us: " + ", ".join(f"{name} {time:.0f}" for name, (_, time) in long))


def calls(bench):
    """System calls of a launch, without those of the command and its exec."""
    result = {}
    cases = {"floor": peers.floor(bench), "sbx": peers.sbx(bench),
             "sbx -n host": peers.sbx(bench, "-n", "host")}
    if peers.has_bubblewrap(bench):
        cases["bubblewrap"] = peers.BUBBLEWRAP
    for name, command in cases.items():
        try:
            segments = count_calls(bench, [*command, "true"], bench.count(5, 25))
        except Unmeasured as why:
            say(f"  {name}: not measured: {why}")
            continue
        result[name] = {"total": total_calls(segments), "segments": segments}
        parts = " + ".join(str(segment["calls"]) for segment in segments if segment["calls"])
        say(f"  {name:24}{result[name]['total']:9}   {parts}")
    for segment in result["sbx"]["segments"]:
        print_segment(segment)
    return result


def phase_times(marks):
    """The phases of one launch: (text, microseconds)."""
    seen, last, phases = {}, 0.0, []
    command = max(process for _, process, _, what in marks if what == "exec")
    for when, process, program, what in marks:
        # before it is init, sbx's child starts the process that makes its network namespace
        if process == 1 and program != "sbx" and what in ("clone", "clone3", "fork", "vfork"):
            what = "spawn"
        if process in (0, 1, command):
            seen.setdefault((2 if process == command else process, what), when)
    for key, text in PHASES:
        if key in seen:
            phases.append((text, seen[key] - last))
            last = seen[key]
    return phases


def phases(bench):
    """Where the time of a launch goes."""
    result = {}
    for name, command in (("sbx", peers.sbx(bench)), ("floor", peers.floor(bench))):
        count = bench.count(20, 200)
        lists = json.loads(bench.run([bench.tool("marks"), str(count), *command, "true"]))
        rows = [phase_times(marks) for marks in lists]
        result[name] = [
            {"phase": text, "us": summary([row[i][1] for row in rows])}
            for i, (text, _) in enumerate(rows[0])]
        say(f"  {name}, in microseconds (median of {count}):")
        for row in result[name]:
            say(f"    {row['us']['median']:7.0f}   {row['phase']}")
    launcher = sum(row["us"]["median"] for row in (result["sbx"][0], result["sbx"][-1]))
    whole = sum(row["us"]["median"] for row in result["sbx"])
    result["batch_at_best"] = whole / (whole - launcher)
    say(f"  without the launcher's start, plan and exit ({launcher:.0f} of {whole:.0f}) a launch "
        f"would be {result['batch_at_best']:.2f} times as fast: `batch` at its best")
    return result


def throughput(bench):
    """Launches a second, from several callers at once."""
    cases = {"floor": peers.floor(bench), "sbx": peers.sbx(bench)}
    if peers.has_bubblewrap(bench):
        cases["bubblewrap"] = peers.BUBBLEWRAP
    rates = {}
    for _ in range(bench.count(2, 5)):
        for callers in (1, 2, 4):
            for name, command in cases.items():
                length = 100 if bench.rounds_wanted else 300 if bench.quick else 1000
                done = json.loads(bench.run([bench.tool("callers"), "-c", str(callers),
                                             "-m", str(length), *command, "true"]))
                rates.setdefault(name, {}).setdefault(str(callers), []).append(
                    done["launches"] / done["seconds"])
    result = {name: {callers: summary(values) for callers, values in of.items()}
              for name, of in rates.items()}
    say(f"  {'launches a second from':24}{'1':>9}{'2':>9}{'4 callers':>12}")
    for name, of in result.items():
        say(f"  {name:24}{of['1']['median']:9.0f}{of['2']['median']:9.0f}{of['4']['median']:12.0f}")
    return result


def descendants(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            for child in file.read().split():
                found += [int(child), *descendants(int(child))]
    return found


def proportional_size(pid):
    """PSS in KiB."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1])
    except PermissionError:
        pass
    raise Unmeasured("init is not dumpable: only root can read its smaps_rollup")


def memory_of(bench, command):
    """KiB of a launcher and of all that it started, but for the command."""
    process = subprocess.Popen(bench.as_user([*command, bench.tool("load"), "wait"]),
                               cwd=bench.work, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if process.stdout.read(1) == b"":
            raise Unmeasured(f"{command[0]} didn't start")
        time.sleep(0.05)  # for the launcher to come to rest after that
        everyone = [process.pid, *descendants(process.pid)]
        return [proportional_size(pid) for pid in everyone[:-1]]
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


def memory(bench):
    """PSS of what stays while a command runs."""
    result = {}
    cases = {"floor": peers.floor(bench), "sbx": peers.sbx(bench)}
    if peers.has_bubblewrap(bench):
        cases["bubblewrap"] = peers.BUBBLEWRAP
    for name, command in cases.items():
        sizes = [memory_of(bench, command) for _ in range(bench.count(3, 9))]
        result[name] = {"kib": statistics.median(sum(size) for size in sizes),
                        "parts_kib": sizes[0]}
        parts = " + ".join(str(size) for size in sizes[0])
        say(f"  {name:24}{result[name]['kib']:9.0f} KiB   {parts}")
    return result
