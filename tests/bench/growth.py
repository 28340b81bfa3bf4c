# SPDX-License-Identifier: Apache-2.0
"""What grows with the host or with what is asked for: submounts, binds."""

import os
import statistics
import time

import peers
from launching import MS, count_calls, total_calls
from measure import Unmeasured, ratio, say, summary

SUBMOUNTS = (0, 10, 100, 1000, 5000)
BINDS = (1, 10, 100, 1000)


def submounts(bench):
    """A launch on a host with many mounts; root makes them in a mount namespace of their own."""
    if not bench.is_root:
        raise Unmeasured("only root can make the mounts")
    counts = SUBMOUNTS[:-1] if bench.quick else SUBMOUNTS
    cases = {"floor": [*peers.floor(bench), "true"], "sbx": [*peers.sbx(bench), "true"]}
    if peers.has_bubblewrap(bench):
        cases["bubblewrap"] = [*peers.BUBBLEWRAP, "true"]
    blocks = {}
    # A block is a few rounds in each of the namespaces: what disturbs for a while meets all.
    begin = time.monotonic()
    for block in range(bench.count(2, 12)):
        if block >= 2 and time.monotonic() - begin > 90:
            break
        for count in counts:
            before = [bench.tool("submounts"), str(count), "/srv"]
            samples = bench.rounds(cases, 2 if bench.rounds_wanted else 5, warmup=1, before=before)
            for name, value in samples.items():
                blocks.setdefault(name, {}).setdefault(count, []).extend(value["wall_ns"])
    result = {"ms": {name: {str(count): summary(values, MS) for count, values in of.items()}
                     for name, of in blocks.items()},
              "over_none": {name: {str(count): ratio(values, of[0])
                                   for count, values in of.items()} for name, of in blocks.items()}}
    say(f"  {'ms with N submounts, N =':24}" + "".join(f"{count:>16}" for count in counts))
    for name in blocks:
        say(f"  {name:24}" + "".join(
            f"{result['ms'][name][str(count)]['median']:9.2f} ({result['over_none'][name][str(count)]['median']:4.1f})"
            for count in counts))
    return result


def bind_options(bench, option, count, twice):
    words = []
    for i in range(count):
        path = os.path.join(bench.work, "binds", str(i))
        os.makedirs(path, exist_ok=True)
        words += [option, path, path] if twice else [option, path]
    return words


def step(samples, few, many):
    """Microseconds that each bind from the `few` to the `many` takes, by the same rounds."""
    pairs = zip(samples[str(few)]["wall_ns"], samples[str(many)]["wall_ns"])
    return statistics.median((b - a) / 1e3 / (many - few) for a, b in pairs)


def binds(bench):
    """A launch with many read-only binds: time, and system calls for each."""
    result = {}
    counts = BINDS[:-1] if bench.quick else BINDS
    names = ["sbx"] + (["bubblewrap"] if peers.has_bubblewrap(bench) else [])
    say(f"  {'N binds, N =':24}" + "".join(f"{count:>14}" for count in counts))
    for name in names:
        commands = {}
        for count in counts:
            if name == "sbx":
                commands[str(count)] = [*peers.sbx(bench, *bind_options(bench, "--ro", count, False)),
                                        "true"]
            else:
                commands[str(count)] = [*peers.BUBBLEWRAP,
                                        *bind_options(bench, "--ro-bind", count, True), "true"]
        totals = [total_calls(count_calls(bench, command)) for command in commands.values()]
        samples = bench.rounds(commands, bench.count(5, 30), (8, 60), warmup=1)
        result[name] = {
            "calls": dict(zip(commands, totals)),
            "ms": {count: summary(value["wall_ns"], MS) for count, value in samples.items()},
            # Of each further one, from N to the next N: equal numbers mean that it is linear.
            "calls_each": [(b - a) / (n - m) for a, b, m, n in
                           zip(totals, totals[1:], counts, counts[1:])],
            "us_each": [step(samples, m, n) for m, n in zip(counts, counts[1:])]}
        say(f"  {name:24}" + "".join(f"{total:8} calls" for total in totals))
        say(f"  {'':24}" + "".join(f"{result[name]['ms'][str(count)]['median']:11.2f} ms"
                                  for count in counts))
        say(f"  {'':24}for each further one, calls: " +
            ", ".join(f"{each:.1f}" for each in result[name]["calls_each"]) + "; us: " +
            ", ".join(f"{each:.0f}" for each in result[name]["us_each"]))
    return result
