/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option table: one row an option, in the order of enum option_id.  Help, man page and
 * completion are generated from it, so a new option is a row here and a case in spec_build().
 */
#include "policy/option.h"

#include "base/cleanup.h"
#include "policy/nearest.h"

#include <string.h>

/* What every mount rule shares; said once, at the first of them. */
#define RULES                                                                                      \
    "For any path the longest matching rule decides, and of two rules for the same path the "      \
    "later one, whichever of --ro, --rw, --hide, --tmpfs, --file and --dev-node they are."

/* What limits of a cgroup share; said once, at the first of them. */
#define CGROUP                                                                                     \
    "It takes a cgroup v2 that the caller may change: that of --cgroup-parent; else the one that " \
    "sbx is in, or the nearest above that can be used; else a scope that systemd's manager of "    \
    "this user makes, or for root that of the machine. sbx makes a new one in it for each run "    \
    "and removes it after. Where none can be had, the run ends with 125 before it has started."
#define NEEDS " It takes a cgroup, as --memory does."

#define NUMERIC_ID                                                                                 \
    "It is a name only: on the host the command still counts as the caller, and files of the "     \
    "caller are shown as owned by this id."

static const struct sbx_option options[] = {
    {OPTION_ROOT, "root", 0, "filesystem", SBX_VALUE_PATH, "DIR", NULL, false,
     "a directory tree to use as the root",
     "Make the directory DIR the root of what the command sees, a tree such as debootstrap(8) or "
     "mmdebstrap(1) makes. It is read-only with everything that is mounted below it; -w / makes it "
     "writable. /proc, /dev, /tmp and /run are as without --root, and /sys is the host's, "
     "read-only. No link of the tree leads out of it. A mount point that the tree lacks is made "
     "in the view, or where the tree is writable in the tree; a file that a writable tree lacks is "
     "not. DIR may be a link: who can write to the directory that it lies in decides which tree it "
     "is.\n\n"
     "PATH, HOME, SHELL and the user's name are those of the tree. The SRC of --ro, --rw and "
     "--file is a path of the host as always, only '/' by itself is DIR; a DST is a path of the "
     "tree. The command starts where the view shows the caller's directory, else in /."},
    {OPTION_RO, "ro", 0, "filesystem", SBX_VALUE_BIND, "SRC[:DST[:FLAGS]]", NULL, true,
     "show a host path read-only",
     "Show the host path SRC read-only inside, at DST or else at its own place, with everything "
     "that is mounted below it.\n\n"
     "FLAGS is a comma list: noexec forbids to execute files from there, optional says that a "
     "missing SRC is no error. A colon within a path is written \\:, a backslash \\\\. "
     "A relative path starts at the working directory.\n\n" RULES},
    {OPTION_RW, "rw", 'w', "filesystem", SBX_VALUE_BIND, "SRC[:DST[:FLAGS]]", NULL, true,
     "show a host path and let the command write to it",
     "Show the host path SRC inside, at DST or else at its own place, and let the command change "
     "what lies there, as far as the caller may. SRC, DST and FLAGS are as for --ro.\n\n"
     "What the command leaves there is as untrusted as the command: look at it before you use it, "
     "Makefiles, git hooks and editor settings above all."},
    {OPTION_HIDE, "hide", 0, "filesystem", SBX_VALUE_PATH, "PATH", NULL, true,
     "show nothing at this path",
     "Put an empty read-only directory, or an empty file, in the place of PATH. A path that isn't "
     "there is no error: *sbx plan* says of each whether it is."},
    {OPTION_TMPFS, "tmpfs", 0, "filesystem", SBX_VALUE_TMPFS, "PATH[:size=SIZE,mode=MODE,inodes=N]",
     NULL, true, "an empty private directory in memory",
     "Put an empty writable directory at PATH. It lives in memory and is gone when the command "
     "ends. SIZE limits what it holds, with K, M or G; MODE is its permissions in octal, 0755 "
     "where it is not given; N is how many files and directories it may hold."},
    {OPTION_FILE, "file", 0, "filesystem", SBX_VALUE_FILE, "DST=SRC", NULL, true,
     "a read-only copy of a host file at DST",
     "Show at DST a read-only copy of what the host file SRC holds when the run starts. "
     "An equals sign within DST is written \\=, a backslash \\\\."},
    {OPTION_DEV_NODE, "dev-node", 0, "filesystem", SBX_VALUE_PATH, "PATH", NULL, true,
     "let the command use this device of the host",
     "Show the host's device PATH, such as /dev/kvm, at its own place. The command may use it as "
     "far as the caller may, and so reaches the driver behind it."},
    {OPTION_HOME, "home", 0, "filesystem", SBX_VALUE_PATH, "private|host|DIR", "private|host",
     false, "what the command sees as its home",
     "private, the default, is an empty home directory in memory; the working directory and "
     "what is needed of the directories in PATH are put back read-only. host shows the caller's "
     "own home read-only, with all keys and passwords that lie in it; with --root it is that of "
     "the "
     "tree. DIR shows this directory "
     "as the home, writable; for a directory that is called host, write ./host."},
    {OPTION_PROC, "proc", 0, "filesystem", SBX_VALUE_CHOICE, "ro|rw", "ro|rw", false,
     "whether /proc can be written to",
     "ro, the default, is a fresh read-only /proc of the sandbox's own processes. rw makes it "
     "writable, for programs that change their own settings there. What root alone may write "
     "stays refused."},
    {OPTION_CD, "cd", 'C', "filesystem", SBX_VALUE_PATH, "DIR", NULL, false,
     "the command's working directory",
     "Start the command in DIR, a path inside the sandbox. Without it the command starts where "
     "sbx was started."},
    {OPTION_NET, "net", 'n', "network", SBX_VALUE_CHOICE, "none|host|host-abstract",
     "none|host|host-abstract", false, "which network the command reaches",
     "none, the default, is a network of its own with nothing but a loopback interface. host is "
     "the host's network, all that listens on its loopback included; the host's abstract unix "
     "sockets (the X server's and D-Bus's, on some systems) stay closed, which needs a kernel "
     "with Landlock's scope for them (Linux 6.12). host-abstract is the host's network with its "
     "abstract sockets: the explicit word for older kernels, where nothing can close them."},
    {OPTION_ENV, "env", 'e', "environment", SBX_VALUE_ENV, "NAME[=VALUE]", NULL, true,
     "set a variable, or pass the caller's on",
     "Set the environment variable NAME to VALUE. NAME alone passes the caller's value on, if it "
     "has one. Without this option the command has only PATH, HOME, USER, LOGNAME, SHELL, TERM, "
     "TERMINFO, COLORTERM, NO_COLOR, LANG, LANGUAGE, LC_*, TZ and PWD."},
    {OPTION_ENV_ALL, "env-all", 0, "environment", SBX_VALUE_FLAG, NULL, NULL, false,
     "pass the caller's whole environment on",
     "Pass every environment variable of the caller on. Tokens, passwords and addresses of "
     "agents are often among them; --env NAME passes a single one."},
    {OPTION_HOSTNAME, "hostname", 0, "identity", SBX_VALUE_TEXT, "NAME", NULL, false,
     "host name inside (default: sbx)",
     "The host name that the command sees; sbx where this is not given. Letters, digits and "
     "hyphens, in parts separated by dots, 64 characters at most."},
    {OPTION_UID, "uid", 0, "identity", SBX_VALUE_ID, "N", NULL, false, "user id inside",
     "The user id that the command sees as its own, the caller's where this is not "
     "given. " NUMERIC_ID},
    {OPTION_GID, "gid", 0, "identity", SBX_VALUE_ID, "N", NULL, false, "group id inside",
     "The group id that the command sees as its own, the caller's where this is not "
     "given. " NUMERIC_ID},
    {OPTION_AS, "as", 0, "identity", SBX_VALUE_TEXT, "USER", NULL, false,
     "started by root: become this user first",
     "Where root starts sbx: give up root for USER, a name or number, before anything else is "
     "done, so that sbx itself, the sandbox and the command are an ordinary user's. Without it a "
     "command that root runs still owns root's files, and only a list of them is hidden. "
     "Only root can use this."},
    {OPTION_USERNS, "userns", 0, "lockdown", SBX_VALUE_FLAG, NULL, NULL, false,
     "allow user namespaces of the command's own",
     "Let the command make user namespaces of its own, as browsers and other sandboxes do. "
     "It implies a writable /proc, which is where a new namespace's ids are set.\n\n"
     "What this opens: in a namespace of its own the command has all capabilities, and so reaches "
     "kernel code for mounts, networks and packet filters that is closed to it otherwise, and "
     "where many faults have been found."},
    {OPTION_SECCOMP, "seccomp", 0, "lockdown", SBX_VALUE_CHOICE, "default|strict|off",
     "default|strict|off", false, "which system calls the command may make",
     "default allows what compilers, interpreters, servers and desktop programs need, and refuses "
     "what reaches deep into the kernel. strict allows less: what a program needs that computes "
     "and reads and writes files. off sets no filter at all; the report says so."},
    {OPTION_ALLOW_SYSCALL, "allow-syscall", 0, "lockdown", SBX_VALUE_SYSCALL, "NAME", NULL, true,
     "allow this system call too",
     "Allow the system call NAME, whatever the policy of --seccomp says of it."},
    {OPTION_DENY_SYSCALL, "deny-syscall", 0, "lockdown", SBX_VALUE_SYSCALL, "NAME", NULL, true,
     "refuse this system call",
     "Refuse the system call NAME with EPERM, whatever the policy of --seccomp says of it. "
     "Of --allow-syscall and --deny-syscall for one call the later decides."},
    {OPTION_ON_REFUSAL, "on-refusal", 0, "lockdown", SBX_VALUE_CHOICE, "errno|notify|kill",
     "errno|notify|kill", false, "what comes of a refused system call",
     "errno, the default: the call fails, most often with EPERM, and nobody is told. notify: it "
     "fails in the same way, and the report has its name and how often it was made. kill: the "
     "first "
     "one ends the run; the outcome is limit, the cause syscall, and the report has its name. A "
     "call "
     "that the policy does not know fails with ENOSYS, as on an older kernel, and does not count."},
    {OPTION_KEEP_FD, "keep-fd", 0, "lockdown", SBX_VALUE_COUNT, "N", NULL, true,
     "pass this open descriptor to the command",
     "Pass the open file descriptor N, from 3 to 1023, to the command under the same number. "
     "Descriptors past 2 are closed otherwise. A descriptor reaches what it is open for, "
     "whatever the view hides; a directory is a way out of the view."},
    {OPTION_PIDS, "pids", 0, "limits", SBX_VALUE_COUNT, "N", NULL, false,
     "processes and threads at one time",
     "How many processes and threads there may be inside at one time. More cannot be started "
     "(EAGAIN). The limit counts this sandbox alone. Where no cgroup can be made it is a resource "
     "limit; started by root it is refused there, because the kernel does not count root's "
     "processes: use --as."},
    {OPTION_MEMORY, "memory", 0, "limits", SBX_VALUE_SIZE, "SIZE", NULL, false,
     "memory of everything inside",
     "How much memory all processes inside may use together, with what their files in private "
     "directories such as /tmp take and what the kernel caches for them. Where more is needed and "
     "nothing can be given back, everything inside is killed at once, and the outcome is oom. Swap "
     "is not used, unless --swap allows it.\n\n" CGROUP},
    {OPTION_SWAP, "swap", 0, "limits", SBX_VALUE_SIZE, "SIZE", NULL, false,
     "swap space of everything inside",
     "How much swap space everything inside may use, in addition to --memory; 0 forbids it." NEEDS},
    {OPTION_CPUS, "cpus", 0, "limits", SBX_VALUE_CPUS, "N", NULL, false,
     "processors' worth of CPU time",
     "How much CPU time everything inside may use together, in processors: with 1.5 that is 150 ms "
     "in every 100 ms. What would use more has to wait." NEEDS},
    {OPTION_CPUSET, "cpuset", 0, "limits", SBX_VALUE_CPU_LIST, "LIST", NULL, false,
     "the processors that may be used",
     "On which processors everything inside runs: numbers and ranges with commas between them, "
     "such as 0-3,5." NEEDS},
    {OPTION_IO_WEIGHT, "io-weight", 0, "limits", SBX_VALUE_COUNT, "N", NULL, false,
     "share of busy disks, from 1 to 10000",
     "The sandbox's share of a busy disk beside the other cgroups in the same one, which have 100. "
     "It counts on disks for which the kernel's io.cost controller is on." NEEDS},
    {OPTION_CGROUP_PARENT, "cgroup-parent", 0, "limits", SBX_VALUE_PATH, "DIR", NULL, false,
     "where to make the sandbox's cgroup",
     "Make the sandbox's cgroup in DIR, the directory of a cgroup v2 that the caller may change, "
     "also where no limit asks for one. The caller has to be in a cgroup below one whose "
     "cgroup.procs it may write to and that DIR is in."},
    {OPTION_CGROUP, "cgroup", 0, "limits", SBX_VALUE_CHOICE, "auto|delegate|none",
     "auto|delegate|none", false, "what the command may do with its cgroup",
     "What /sys/fs/cgroup is inside. auto shows the run's own cgroup, read-only, where the run has "
     "one, and nothing otherwise. delegate makes it a writable tree, as Delegate= of systemd does, "
     "and gives the run a cgroup if no limit does: the command can make cgroups in it and limit "
     "them. The limits of the run lie above what it sees, out of its reach. The kernel gives "
     "controllers to such cgroups only when no process is left at the top: the command moves "
     "itself and process 1 into one of them first. none shows nothing."},
    {OPTION_FILE_SIZE, "file-size", 0, "limits", SBX_VALUE_SIZE, "SIZE", NULL, false,
     "size of any one file",
     "The largest size of any one file that the command writes, with K, M or G. Writing past it "
     "ends a process with SIGXFSZ."},
    {OPTION_MAX_OUTPUT, "max-output", 0, "limits", SBX_VALUE_SIZE, "SIZE", NULL, false,
     "what the command may print, in all",
     "How much may be written to standard output and standard error together, with K, M or G. sbx "
     "stands between them and the command and passes SIZE bytes on; when there are more, "
     "everything "
     "inside is killed and the outcome is limit. The command's output is then a pipe, and in the "
     "terminal's place it has one of its own, as with --tty new. See OUTPUT in sbx-run(1)."},
    {OPTION_OPEN_FILES, "open-files", 0, "limits", SBX_VALUE_COUNT, "N", NULL, false,
     "open descriptors of any one process",
     "How many descriptors any one process inside may have open."},
    {OPTION_CPU_TIME, "cpu-time", 0, "limits", SBX_VALUE_TIME, "TIME", NULL, false,
     "CPU time of any one process",
     "The CPU time that any one process inside may use, in whole seconds. A process that uses "
     "more is ended by SIGXCPU. A time is written with s, min or h, such as 90s."},
    {OPTION_RLIMIT, "rlimit", 0, "limits", SBX_VALUE_RLIMIT, "NAME=SOFT[:HARD]", NULL, true,
     "a resource limit of each process, by name",
     "Set a limit of setrlimit(2) for each process inside. NAME is as, data, memlock, msgqueue or "
     "stack, with bytes or K, M or G; nice, rtprio or sigpending, with a number; or rttime, with a "
     "time. A value may be unlimited, which needs a caller who has no limit there. Without HARD "
     "both are SOFT."},
    {OPTION_TIME, "time", 't', "limits", SBX_VALUE_TIME, "TIME", NULL, false,
     "end the command after this time",
     "End the command and everything that it started after TIME of wall time, with SIGTERM and "
     "after the time of --grace with SIGKILL. sbx then exits with 124. A time is written with ms, "
     "s, min or "
     "h, such as 500ms or 1.5h; a number alone is seconds."},
    {OPTION_GRACE, "grace", 0, "limits", SBX_VALUE_TIME, "TIME", NULL, false,
     "time between SIGTERM and SIGKILL",
     "How long the command may go on after --time has ended it with SIGTERM, before everything "
     "inside is killed: 2 seconds where it is not given."},
    {OPTION_PROFILE, "profile", 'p', "run", SBX_VALUE_TEXT, "NAME|FILE", NULL, false,
     "take what the command may do from this profile",
     "Take the settings of the profile NAME, or of FILE, whose name has a slash or ends in .yaml. "
     "What is given on the command line is added to them, and decides where both say something.\n\n"
     "Without this option it is the profile whose match has the command's name, but only where the "
     "command's file is one that nobody but root can have put there; else the profile default. "
     "\"sbx profile which COMMAND\" says which one, and why."},
    {OPTION_DIE_WITH_PARENT, "die-with-parent", 0, "run", SBX_VALUE_FLAG, NULL, NULL, false,
     "end the sandbox when sbx's parent ends",
     "End the sandbox when the process that started sbx ends."},
    {OPTION_TTY, "tty", 0, "run", SBX_VALUE_CHOICE, "auto|new|inherit|none",
     "auto|new|inherit|none", false, "which terminal the command gets",
     "inherit lets the command share the caller's terminal, as a shell lets a job; the system-call "
     "filter keeps it from typing into it. new gives the command a session and a pseudo-terminal "
     "of its own in the place of the caller's, between which sbx passes on what is typed and "
     "printed; no descriptor of the command leads to the caller's terminal. none gives it a "
     "session without a terminal: in the terminal's place it has an empty standard input, and a "
     "pipe for its output. auto, the default, is inherit as long as the filter guards the "
     "terminal, and new without it (--seccomp off, --allow-syscall ioctl).\n\n"
     "Output reaches the caller's terminal as it is, with all escape sequences. See TERMINALS in "
     "sbx-run(1)."},
    {OPTION_NAME, "name", 0, "run", SBX_VALUE_TEXT, "NAME", NULL, false, "a name for this sandbox",
     "A name for this sandbox, which its report carries. Letters, digits, dots, underscores and "
     "hyphens, 63 characters at most, the first a letter or digit."},
    {OPTION_REPORT, "report", 0, "run", SBX_VALUE_PATH, "FILE", NULL, false,
     "write how the run ended to FILE, as JSON",
     "Write to FILE, as JSON, how the run ended: its outcome, exit code or signal, cause, times "
     "and peak memory, and which best-effort parts of the isolation were absent. FILE is a path "
     "of the host."},
    {OPTION_REPORT_FORMAT, "report-format", 0, "run", SBX_VALUE_CHOICE, "json|isolate",
     "json|isolate", false, "how the report is written",
     "json, the default, is one JSON object. isolate is lines of key:value, as the meta file of "
     "isolate(1): time, time-wall, max-rss, csw-voluntary, csw-forced, exitcode, exitsig, killed, "
     "status and message, with a cgroup cg-mem and cg-oom-killed."},
    {OPTION_ATTEST, "attest", 0, "run", SBX_VALUE_PATH, "FILE", NULL, false,
     "write what was found in force to FILE, as JSON",
     "Before each command starts, sbx reads back what is in force and compares it with the plan; "
     "where something differs the command is not started. This writes to FILE, as JSON, what was "
     "looked at for the first command: what was expected, what was found, and who asked for it. "
     "FILE is a path of the host, and is written before the command starts. See ATTESTATION in "
     "sbx-run(1)."},
    {OPTION_VERBOSE, "verbose", 'v', "run", SBX_VALUE_FLAG, NULL, NULL, false,
     "say what is run, and how it ended",
     "Say on standard error what is run and, after it, how it ended, its times and its peak "
     "memory. Of --verbose and --quiet the later decides."},
    {OPTION_QUIET, "quiet", 'q', "run", SBX_VALUE_FLAG, NULL, NULL, false,
     "no notes on how a run ended, only errors",
     "Leave out the notes on how a run ended, such as that a time limit ended it. Errors are "
     "printed all the same."},
};

_Static_assert(ARRAY_SIZE(options) == OPTION_COUNT, "one row for each enum option_id");

const struct sbx_option *sbx_options(size_t *ret_count)
{
    *ret_count = ARRAY_SIZE(options);
    return options;
}

const struct sbx_option *option_by_id(enum option_id id)
{
    return (unsigned)id < ARRAY_SIZE(options) ? &options[id] : NULL;
}

const struct sbx_option *option_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

bool option_needs_whole(const struct sbx_option *option)
{
    switch ((enum option_id)(option - options)) {
    case OPTION_ALLOW_SYSCALL: /* libseccomp knows system calls by name */
    case OPTION_DENY_SYSCALL:
    case OPTION_ON_REFUSAL:
    case OPTION_REPORT: /* JSON */
    case OPTION_REPORT_FORMAT:
    case OPTION_ATTEST:
    case OPTION_AS: /* that user may not reach sbx-full */
        return true;
    default:
        return false;
    }
}

const struct sbx_option *option_by_letter(char letter)
{
    for (size_t i = 0; letter != 0 && i < ARRAY_SIZE(options); i++)
        if (options[i].letter == letter)
            return &options[i];
    return NULL;
}

const struct sbx_option *sbx_option_nearest(const char *name)
{
    const char *names[ARRAY_SIZE(options) + 1] = {0};
    const char *nearest;

    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        names[i] = options[i].name;
    nearest = nearest_word(name, names);
    return nearest == NULL ? NULL : option_by_name(nearest);
}
