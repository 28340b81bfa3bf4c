# SPDX-License-Identifier: Apache-2.0
"""The launchers that are compared: each as its users would call it for a like sandbox."""

import shutil

# A read-only host, its own /proc, /dev and /tmp, no network, all namespaces.
BUBBLEWRAP = ["bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
              "--tmpfs", "/tmp", "--unshare-all"]
NSJAIL = ["nsjail", "-Mo", "--really_quiet", "--disable_rlimits", "--chroot", "/",
          "--tmpfsmount", "/tmp"]
MINIJAIL = ["minijail0", "-U", "-m", "-M", "-p", "-v", "-l", "-e", "-r", "-t", "-P", "/"]
# Set-user-ID root.  What it leaves running after its end disturbs others: it has rounds of its own.
FIREJAIL = ["firejail", "--quiet", "--noprofile", "--net=none", "--private-tmp"]


def floor(bench):
    return [bench.tool("floor")]


def sbx(bench, *options):
    return [bench.sbx, "run", *options, "--"]


def unprivileged(bench):
    """The peers without set-user-ID that work here, and why the others don't."""
    found, missing = {}, {}
    for name, command in (("bubblewrap", BUBBLEWRAP), ("nsjail", NSJAIL), ("minijail", MINIJAIL)):
        if shutil.which(command[0]) is None:
            missing[name] = "not installed"
            continue
        full = [*command, "true"] if name == "bubblewrap" else [*command, "--", "/usr/bin/true"]
        why = bench.works(full)
        if why is None:
            found[name] = full
        else:
            missing[name] = why
    return found, missing


def has_bubblewrap(bench):
    return "bubblewrap" in unprivileged(bench)[0]
