/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of the filter: the user's changes, its description, and real programs under it. */
#include "filtered_child.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct spec_syscall deny_getppid = {"getppid", false, "--deny-syscall #1"};
static const struct spec_syscall allow_getppid = {"getppid", true, "--allow-syscall #1"};

#define WITH(policy_, ...)                                                                         \
    ((struct syscalls_request){.policy = policy_,                                                  \
                               .changes = (const struct spec_syscall[]){__VA_ARGS__},              \
                               .change_count =                                                     \
                                   sizeof((const struct spec_syscall[]){__VA_ARGS__}) /            \
                                   sizeof(struct spec_syscall)})

static void getppid_works(struct report *report)
{
    WORKS(SYS_getppid);
}

static void getppid_refused(struct report *report)
{
    FAILS(EPERM, SYS_getppid);
    WORKS(SYS_getpid);
}

Test(syscalls_choice, later_change_wins)
{
    const struct syscalls_request deny = WITH(SPEC_SECCOMP_DEFAULT, deny_getppid),
                                  allow_deny =
                                      WITH(SPEC_SECCOMP_DEFAULT, allow_getppid, deny_getppid),
                                  deny_allow =
                                      WITH(SPEC_SECCOMP_STRICT, deny_getppid, allow_getppid);

    expect_good(&deny, getppid_refused);
    expect_good(&allow_deny, getppid_refused);
    expect_good(&deny_allow, getppid_works);
}

/* Allowed means: whatever the arguments; denied means the whole call. */
static void changed_calls(struct report *report)
{
    FAILS(EBADF, SYS_ioctl, -1, 0x5412UL /* TIOCSTI */, "x");
    FAILS(EINVAL, SYS_clone3, NULL, 0);
    FAILS(EOPNOTSUPP, SYS_keyctl, 9999, 0, 0, 0, 0);
    FAILS(EPERM, SYS_socket, 1, 1, 0);
    FAILS(EPERM, SYS_unshare, 0);
    FAILS(EPERM, SYS_bpf, 99, NULL, 0);
    FAILS(ENOSYS, 9999);
}

/* What is refused by its arguments only. */
static void allowed_whole_calls(struct report *report)
{
    FAILS(EFAULT, SYS_chmod, NULL, 06755);
    FAILS(EFAULT, SYS_open, NULL, O_CREAT | O_WRONLY, 06755);
    FAILS(EINVAL, SYS_openat2, AT_FDCWD, "x", NULL, 0UL);
    FAILS(EBADF, SYS_fcntl, -1, F_SETLEASE, F_RDLCK);
    FAILS(EINVAL, SYS_sched_setscheduler, 1, -1, NULL);
    FAILS(EPERM, SYS_fchmod, -1, 06755);
    FAILS(EPERM, SYS_openat, -1, "x", O_CREAT | O_WRONLY, 06755);
}

Test(syscalls_choice, allowing_replaces_conditions)
{
    for (unsigned policy = 0; policy < SYSCALLS_BUILTIN_POLICIES; policy++) {
        const struct syscalls_request changed =
            WITH(policy, {"chmod", true, ""}, {"open", true, ""}, {"openat2", true, ""},
                 {"fcntl", true, ""}, {"sched_setscheduler", true, ""});

        expect_good(&changed, allowed_whole_calls);
    }
}

Test(syscalls_choice, changes_replace_all_rules)
{
    const struct syscalls_request changed =
        WITH(SPEC_SECCOMP_DEFAULT, {"ioctl", true, ""}, {"clone3", true, ""}, {"keyctl", true, ""},
             {"socket", false, ""}, {"unshare", false, ""});

    expect_good(&changed, changed_calls);
}

static void unknown_denied(struct report *report)
{
    FAILS(EPERM, SYS_ustat, 0, NULL);
    FAILS(EPERM, SYS_setns, -1, 0);
    FAILS(EBADF, SYS_open_tree, -1, "x", 0);
}

/* A change may name what the policy doesn't know, and take back what --userns opens. */
Test(syscalls_choice, changes_of_userns_and_unknown_calls)
{
    struct syscalls_request changed =
        WITH(SPEC_SECCOMP_DEFAULT, {"ustat", false, ""}, {"setns", false, ""});

    changed.userns = true;
    expect_good(&changed, unknown_denied);
}

Test(syscalls_choice, calls_of_other_architectures)
{
    const struct syscalls_request changed = WITH(SPEC_SECCOMP_STRICT, {"socketcall", true, ""});

    expect_good(&changed, getppid_works);
}

Test(syscalls_choice, unknown_name)
{
    const struct syscalls_request request =
        WITH(SPEC_SECCOMP_DEFAULT, allow_getppid, {"ptarce", true, "--allow-syscall #2"});
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct sock_filter *filter = NULL;
    struct sbx_error err = {0};
    size_t length = 0;

    cr_expect_eq(syscalls_check(&request, &err), -EINVAL);
    cr_expect_eq(err.kind, SBX_ERROR_USAGE);
    cr_expect_str_eq(err.origin, "--allow-syscall #2");
    cr_expect_str_eq(err.message, "there is no system call \"ptarce\"");
    cr_expect_str_eq(err.hint, "did you mean \"ptrace\"?");
    cr_expect_eq(syscalls_filter(arena, &request, &filter, &length, NULL), -EINVAL);
    cr_expect_null(filter);
    cr_expect_null(syscalls_describe(arena, &request));
}

Test(syscalls_choice, off)
{
    struct syscalls_request request = {.policy = SPEC_SECCOMP_OFF, .userns = true};
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct sock_filter *filter = (const void *)arena;
    struct sbx_error err = {0};
    size_t length = 1;

    cr_expect_eq(syscalls_filter(arena, &request, &filter, &length, NULL), 0);
    cr_expect_null(filter);
    cr_expect_eq(length, 0);
    cr_expect_str_eq(syscalls_describe(arena, &request), "off: every system call passes");

    /* Allowing is done already; refusing can't be done, so it must not be passed over. */
    request = WITH(SPEC_SECCOMP_OFF, allow_getppid);
    cr_expect_eq(syscalls_filter(arena, &request, &filter, &length, NULL), 0);
    request = WITH(SPEC_SECCOMP_OFF, deny_getppid);
    cr_expect_eq(syscalls_filter(arena, &request, &filter, &length, &err), -EINVAL);
    cr_expect_eq(err.kind, SBX_ERROR_USAGE);
    cr_expect_str_eq(err.origin, "--deny-syscall #1");
    cr_expect_neq(err.hint[0], '\0');
}

static unsigned number_in(const char *text, const char *before)
{
    const char *found = strstr(text, before);

    cr_assert_not_null(found, "%s", text);
    return (unsigned)strtoul(found + strlen(before), NULL, 10);
}

Test(syscalls_choice, description)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct syscalls_request request = {.policy = SPEC_SECCOMP_DEFAULT};
    const char *plain = syscalls_describe(arena, &request), *changed;
    const unsigned allowed = number_in(plain, "default: "), refused = number_in(plain, "allowed, ");

    cr_expect_not_null(strstr(plain, " refused, others unknown (ENOSYS)"), "%s", plain);
    cr_expect_null(strchr(plain, ';'), "%s", plain);
    cr_expect_gt(allowed, 300);
    cr_expect_gt(refused, 40);

    request = WITH(SPEC_SECCOMP_DEFAULT, {"ptrace", false, ""}, {"mount", false, ""},
                   {"ustat", true, ""}, {"mount", true, ""});
    changed = syscalls_describe(arena, &request);
    cr_expect_not_null(strstr(changed, "; -ptrace +mount +ustat"), "%s", changed);
    cr_expect_eq(number_in(changed, "default: "), allowed + 1);
    cr_expect_eq(number_in(changed, "allowed, "), refused);

    request = (struct syscalls_request){.policy = SPEC_SECCOMP_STRICT, .userns = true};
    changed = syscalls_describe(arena, &request);
    cr_expect_eq(strncmp(changed, "strict+userns: ", 15), 0, "%s", changed);
    request.userns = false;
    cr_expect_lt(number_in(syscalls_describe(arena, &request), "strict: "), allowed - 40);
}

/* What was made at build time is what would be made now. */
Test(syscalls_choice, builtin_programs)
{
    _cleanup_arena_ struct arena *arena = arena_new();

    for (unsigned policy = 0; policy < SYSCALLS_BUILTIN_POLICIES; policy++)
        for (int userns = 0; userns < 2; userns++) {
            const struct syscalls_request request = {.policy = policy, .userns = userns};
            const struct sock_filter *builtin;
            struct sock_filter *compiled;
            size_t builtin_length, compiled_length;

            cr_assert_eq(syscalls_filter(arena, &request, &builtin, &builtin_length, NULL), 0);
            cr_assert_eq(syscalls_compile(arena, &request, &compiled, &compiled_length, NULL), 0);
            cr_expect_eq(builtin, syscalls_builtin[policy][userns].filter);
            cr_assert_eq(builtin_length, compiled_length);
            cr_expect_arr_eq(builtin, compiled, builtin_length * sizeof(*builtin));
        }
}

/* Nobody forgot a call: each is in a list, or named here as dead. */
Test(syscalls_choice, every_call_is_decided)
{
    static const char *const dead[] = {
        "_sysctl",         "afs_syscall",     "create_module",   "epoll_ctl_old", "epoll_wait_old",
        "get_kernel_syms", "get_thread_area", "getpmsg",         "nfsservctl",    "putpmsg",
        "query_module",    "security",        "set_thread_area", "sysfs",         "tuxcall",
        "uselib",          "ustat",           "vserver",
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct syscalls_request request = {.policy = SPEC_SECCOMP_DEFAULT};
    struct seccomp_rule *rules;
    size_t count;
    unsigned decided = 0;

    cr_assert_eq(syscalls_rules(arena, &request, &rules, &count, NULL), 0);
    for (int number = 0; number < 512; number++) {
        const char *name = seccomp_syscall_name(arena, number);
        bool found = name == NULL;

        for (size_t i = 0; i < count && !found; i++)
            found = strcmp(rules[i].name, name) == 0, decided += found;
        for (size_t i = 0; i < ARRAY_SIZE(dead) && !found; i++)
            found = strcmp(dead[i], name) == 0;
        cr_expect(found, "%s (%d) is in no list", name, number);
    }
    cr_expect_gt(decided, 280);
}

/* real programs */

static void execute(const char *file, const char *const *argv)
{
    int null = open("/dev/null", O_RDWR);

    dup2(null, 0);
    dup2(null, 1);
    execv(file, (char *const *)argv);
    _exit(127);
}

static void run_shell(struct report *report)
{
    (void)report;
    execute("/bin/sh",
            (const char *const[]){"sh", "-ec",
                                  "d=$(mktemp -d); cd \"$d\"; trap 'rm -rf \"$d\"' 0\n"
                                  "seq 100 | sort -rn | head -1 | grep -qx 100\n"
                                  "cp -a /etc/passwd p; mv p q; ln -s q r; ls -laR\n"
                                  "(exit 3) & wait $! || test $? = 3; ulimit -n 100\n"
                                  "ulimit -c 0; chmod 600 q; touch -d yesterday q\n"
                                  "find . -type f | xargs cat | tr a-z A-Z\n"
                                  "timeout 5 dd if=/dev/zero of=z bs=1k count=64 status=none\n"
                                  "tar cf t.tar q z; tar tf t.tar; df .; id; date\n",
                                  NULL});
}

static void run_python(struct report *report)
{
    (void)report;
    execute("/usr/bin/python3",
            (const char *const[]){"python3", "-c",
                                  "import subprocess, tempfile, threading, asyncio, os, socket\n"
                                  "a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1)\n"
                                  "t = threading.Thread(target=lambda: None); t.start(); t.join()\n"
                                  "assert subprocess.run(['true']).returncode == 0\n"
                                  "asyncio.run(asyncio.sleep(0.01))\n"
                                  "tempfile.TemporaryFile().write(os.urandom(10))\n",
                                  NULL});
}

static void run_compiler(struct report *report)
{
    (void)report;
    execute("/bin/sh",
            (const char *const[]){"sh", "-ec",
                                  "d=$(mktemp -d); trap 'rm -rf \"$d\"' 0; cd \"$d\"\n"
                                  "echo 'int main(void){return 42;}' >a.c; cc -O2 -pipe -o a a.c\n"
                                  "./a || test $? = 42\n",
                                  NULL});
}

static void run_program(const struct syscalls_request *request, const char *needs,
                        void (*body)(struct report *))
{
    if (access(needs, X_OK) < 0)
        cr_skip_test("no %s here", needs);
    expect_good(NULL, body);
    expect_good(request, body);
}

static const struct syscalls_request defaults = {.policy = SPEC_SECCOMP_DEFAULT};
static const struct syscalls_request strict = {.policy = SPEC_SECCOMP_STRICT};

Test(syscalls_choice, shell_strict)
{
    run_program(&strict, "/bin/sh", run_shell);
}

Test(syscalls_choice, shell_default)
{
    run_program(&defaults, "/bin/sh", run_shell);
}

Test(syscalls_choice, python_strict)
{
    run_program(&strict, "/usr/bin/python3", run_python);
}

Test(syscalls_choice, compiler_strict)
{
    run_program(&strict, "/usr/bin/cc", run_compiler);
}
