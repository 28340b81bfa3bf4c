# SPDX-License-Identifier: Apache-2.0
"""What the sandbox costs while the command runs: system calls, compilers, file trees, bytes."""

import glob
import os
import shutil
import statistics

import peers
from measure import Unmeasured, ratio, say, summary

SECOND = 1e9
FETCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../slow/fetch-source")


# --- system calls ---------------------------------------------------------------------------


def call_cost(bench):
    """Nanoseconds of a getppid(2) without a sandbox and under the policies."""
    command = [bench.tool("load"), "getppid", "200000" if bench.quick else "500000"]
    cases = {"no sandbox": command, "sbx": [*peers.sbx(bench), *command],
             "sbx --seccomp strict": [*peers.sbx(bench, "--seccomp", "strict"), *command],
             "sbx --seccomp off": [*peers.sbx(bench, "--seccomp", "off"), *command]}
    times = {name: [] for name in cases}
    for _ in range(bench.count(5, 20)):
        for name, case in cases.items():
            times[name].append(float(bench.run(case)))
    result = {"ns": {name: summary(values) for name, values in times.items()},
              "added_ns": {name: statistics.median(a - b for a, b in zip(values, times["no sandbox"]))
                           for name, values in times.items()}}
    for name in cases:
        say(f"  {name:24}{result['ns'][name]['median']:9.1f}   {result['added_ns'][name]:+.1f}")
    return result


# --- inside against outside -----------------------------------------------------------------


def compare(bench, name, command, count, directory, options=()):
    """`command` outside and inside, interleaved: the ratios of wall time and of CPU time."""
    samples = bench.rounds({"outside": command, "inside": [*peers.sbx(bench, *options), *command]},
                           count, (15, 60), warmup=1, directory=directory)
    inside, outside = samples["inside"], samples["outside"]
    result = {"outside_s": summary(outside["wall_ns"], SECOND),
              "inside_s": summary(inside["wall_ns"], SECOND),
              "wall": ratio(inside["wall_ns"], outside["wall_ns"]),
              "cpu": ratio(inside["cpu_ns"], outside["cpu_ns"]),
              "ratios": [a / b for a, b in zip(inside["cpu_ns"], outside["cpu_ns"])]}
    say(f"  {name:24}{result['outside_s']['median']:9.3f}{result['inside_s']['median']:9.3f}"
        f"{result['wall']['median']:9.3f} ({result['wall']['p10']:.3f} to "
        f"{result['wall']['p90']:.3f}){result['cpu']['median']:9.3f}")
    return result


def head():
    say(f"  {'':24}{'outside':>9}{'inside':>9}{'ratio':>9} (p10 to p90)    of CPU time")


def generated_program(bench):
    """A C program that keeps a compiler busy, the same each time."""
    directory = os.path.join(bench.work, "generated")
    os.mkdir(directory)
    with open(os.path.join(directory, "program.c"), "w", encoding="ascii") as file:
        file.write("#include <stdio.h>\n#include <string.h>\n")
        for i in range(200 if bench.quick else 600):
            file.write(f"int f{i}(const int *a, int n)\n{{\n    int s = {i};\n"
                       f"    for (int i = 0; i < n; i++)\n"
                       f"        s = a[i] % {i + 3} == 0 ? s * {i % 7 + 2} + a[i] : s ^ (a[i] << {i % 13});\n"
                       f"    return s;\n}}\n")
        file.write("int main(void)\n{\n    puts(\"done\");\n    return 0;\n}\n")
    bench.give(directory)
    return directory


def debian_source(bench, package, prepare):
    """Debian's source of `package`, unpacked and prepared; its directory."""
    for tool in ("apt-get", "dpkg-source", "make"):
        if shutil.which(tool) is None:
            raise Unmeasured(f"{tool} is missing")
    cache = os.path.join(bench.account.pw_dir, ".cache/sbx-test")
    proxies = [f"{name}={os.environ[name]}" for name in ("http_proxy", "https_proxy")
               if name in os.environ]
    fetch = os.path.join(bench.work, "fetch-source")
    shutil.copy(FETCH, fetch)
    os.chmod(fetch, 0o755)
    bench.run(["env", *proxies, fetch, cache, package], timeout=900)
    directory = os.path.join(bench.work, package)
    description = glob.glob(os.path.join(cache, package, "*.dsc"))[0]
    bench.run(["dpkg-source", "--no-check", "-x", description, directory])
    bench.run(["sh", "-ec", prepare], directory=directory, timeout=600)
    return directory


def compile_(bench):
    """Compilers: nearly all of their time is their own."""
    head()
    result = {"generated program": compare(
        bench, "generated program", ["cc", "-O2", "-c", "program.c", "-o", "program.o"],
        bench.count(5, 20), generated_program(bench), ["-w", "."])}
    sources = () if bench.quick else (
        ("zlib", "./configure --static >/dev/null", "make -s clean; make -s libz.a"),
        ("sqlite3", "./configure --disable-tcl >/dev/null; make -s sqlite3.c >/dev/null",
         "cc -O0 -c sqlite3.c -o sqlite3.o"),
    )
    for package, prepare, command in sources:
        try:
            directory = debian_source(bench, package, prepare)
            result[package] = compare(bench, package, ["sh", "-ec", command], bench.count(8, 12),
                                      directory, ["-w", "."])
        except Unmeasured as why:
            say(f"  {package}: not measured: {why}")
    ratios = [value for program in result.values() for value in program["ratios"]]
    return {"programs": result, "cpu": summary(ratios)}


def worktree(bench):
    directory = os.path.join(bench.work, "worktree")
    for i in range(40 if bench.quick else 200):
        os.makedirs(os.path.join(directory, str(i)))
        for j in range(50):
            with open(os.path.join(directory, str(i), str(j)), "w", encoding="ascii") as file:
                file.write(f"{i} {j}\n")
    bench.give(directory)
    bench.run(["sh", "-ec", "git init -q; git add .; git -c user.name=bench "
               "-c user.email=bench@localhost commit -qm bench"], directory=directory)
    return directory


def trees(bench):
    """Programs that look at many files."""
    result = {}
    head()
    if shutil.which("git") is not None:
        # --no-optional-locks: it would write the index outside and could not inside.
        result["git status"] = compare(bench, "git status",
                                       ["git", "--no-optional-locks", "status", "--porcelain"],
                                       bench.count(10, 100), worktree(bench))
    result["find /usr"] = compare(bench, "find /usr",
                                  ["sh", "-c", "find /usr -size +1000000k 2>&1 || true"],
                                  bench.count(5, 20), bench.work)
    return result


# --- bytes ----------------------------------------------------------------------------------


def stream(bench):
    """64 MiB to standard output, MiB a second from the first byte to the last."""
    size = 64 << 20
    command = [bench.tool("load"), "write", str(size)]
    cases = {"no sandbox": command, "sbx": [*peers.sbx(bench), *command],
             "sbx --tty new": [*peers.sbx(bench, "--tty", "new"), *command]}
    result = {}
    for output in ("pipe", "pty"):
        samples = bench.rounds(cases, bench.count(3, 15), (8, 30), warmup=1, output=output)
        for name, value in samples.items():
            if any(length != size for length in value["bytes"]):
                raise Unmeasured(f"{name}: bytes were lost")
        flow = {name: value["flow_ns"] for name, value in samples.items()}
        result[output] = {
            "mib_s": {name: summary([size / (1 << 20) / (time / SECOND) for time in times])
                      for name, times in flow.items()},
            "over_outside": {name: ratio(times, flow["no sandbox"])
                             for name, times in flow.items()}}
        for name in cases:
            say(f"  through a {output:5}{name:20}{result[output]['mib_s'][name]['median']:9.0f} "
                f"MiB/s {result[output]['over_outside'][name]['median']:6.2f} times as long")
    return result
