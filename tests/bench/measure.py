# SPDX-License-Identifier: Apache-2.0
"""What every measurement needs: who runs it, with which programs, and what to make of the samples."""

import json
import os
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Unmeasured(Exception):
    """A measurement that can't be made here; its text says why."""


class Bench:
    """The programs under test, the user who runs them, and a directory of that user's."""

    def __init__(self, build, user, quick, rounds):
        self.build = build
        self.quick = quick
        self.rounds_wanted = rounds
        self.is_root = os.geteuid() == 0
        self.account = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
        self.sbx = os.path.join(build, "sbx")
        self.home = self._make_home()
        self.work = os.path.join(self.home, "work")
        os.mkdir(self.work)
        self.give(self.home)

    def _make_home(self):
        """A home of its own, so that no profile or setting of the user's counts; removed by
        close().  The launches run in a directory in it, as most work does."""
        place = self.account.pw_dir if self.is_root else os.environ.get("HOME", "")
        if not os.access(place, os.W_OK):
            place = "/var/tmp"
        return tempfile.mkdtemp(prefix="sbx-bench.", dir=place)

    def give(self, path):
        """What root has made is the user's."""
        for place, directories, files in os.walk(path):
            for name in [".", *directories, *files]:
                os.chown(os.path.join(place, name), self.account.pw_uid, self.account.pw_gid)

    def close(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def tool(self, name):
        return os.path.join(self.build, "bench-" + name)

    def count(self, quick, full):
        """How many rounds: what the user said, or one of two."""
        return self.rounds_wanted or (quick if self.quick else full)

    def as_user(self, command, before=()):
        """`command` as the ordinary user, in an environment where nothing else is set; `before`
        is what root runs around that."""
        prefix = []
        if self.is_root and self.account.pw_uid != 0:
            prefix = ["setpriv", f"--reuid={self.account.pw_uid}",
                      f"--regid={self.account.pw_gid}", "--clear-groups", "--"]
        environment = ["env", "-i", f"PATH={PATH}", f"HOME={self.home}",
                       f"USER={self.account.pw_name}", "LC_ALL=C.UTF-8"]
        return [*before, *prefix, *environment, *command]

    def run(self, command, before=(), directory=None, **more):
        """Run to the end as the user; returns standard output, raises Unmeasured on failure."""
        done = subprocess.run(self.as_user(command, before), cwd=directory or self.work,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, **more)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise Unmeasured(f"{os.path.basename(command[0])}: {lines[-1]}")
        return done.stdout

    def rounds(self, cases, count, seconds=(10, 60), warmup=2, pause=1000, output="null", before=(),
               directory=None):
        """Samples of `cases` (name -> command), interleaved; see rounds.c.  After so many `seconds`
        (quick, full) fewer rounds have to do: on a busy machine too this comes to an end."""
        command = [self.tool("rounds"), "-r", str(count), "-w", str(min(warmup, count)),
                   "-t", str(seconds[0] if self.quick else seconds[1]), "-p", str(pause),
                   "-o", output]
        for name, case in cases.items():
            command += ["::", name, *case]
        return json.loads(self.run(command, before=before, directory=directory))

    def works(self, command):
        """None, or why the command doesn't work here."""
        try:
            self.run(command, timeout=20)
        except Unmeasured as why:
            return str(why)
        except subprocess.TimeoutExpired:
            return "it hangs"
        return None


def quantile(values, share):
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def summary(values, unit=1.0):
    """median, p10, p90 of `values`, each divided by `unit`."""
    return {"median": statistics.median(values) / unit, "p10": quantile(values, 0.1) / unit,
            "p90": quantile(values, 0.9) / unit, "n": len(values)}


def ratio(over, under):
    """The median of the ratios of the same rounds, and their p10 and p90."""
    return summary([a / b for a, b in zip(over, under)])


def say(text=""):
    print(text, flush=True)


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)
