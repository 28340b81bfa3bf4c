/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults: launches sbx over and over, each time with one system call disturbed, and looks whether
 * it failed closed.  See README.md.
 */
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_CASES 65536

static const char usage[] =
    "Usage: faults [OPTIONS]\n"
    "Disturb each system call of a launch in turn; prints TAP.\n"
    "\n"
    "  --sbx PATH       the program under test (default: sbx beside this one)\n"
    "  --witness PATH   what it launches (default: witness beside this one)\n"
    "  --variant NAME   only launches of this kind (see --variants)\n"
    "  --role NAME      only calls of this process: sbx, child, init, command, helper\n"
    "  --errnos N       each call of sbx and the child fails with so many of the ten errnos, by\n"
    "                   turns (default: all)\n"
    "  --every N        a sample: each N-th case, and of those in sbx each 8 N-th\n"
    "  --seed N         ... starting with this one (default 0)\n"
    "  --only CASE      one case, such as child:12:EIO, and all it came to\n"
    "  --off            instead: calls that an older kernel lacks, each missing for a whole "
    "launch\n"
    "  --list           the calls of an undisturbed launch\n"
    "  --workers N      launches at a time (default: one a processor)\n"
    "  --variants       the kinds of launches\n";

struct total {
    size_t cases;
    size_t verdicts[VERDICT_COUNT];
    size_t lines; /* of TAP */
};

/* --- printing -------------------------------------------------------------------------------- */

static const char *call_name(long nr, char *buffer, size_t size)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)nr);

    if (name != NULL)
        snprintf(buffer, size, "%s", name);
    else
        snprintf(buffer, size, "call %ld", nr);
    free(name);
    return buffer;
}

static void print_calls(const struct trace_record *record)
{
    for (int role = 0; role < ROLE_COUNT; role++)
        for (size_t i = 0; i < record->roles[role].count; i++) {
            const struct trace_call *call = &record->roles[role].items[i];
            char name[64];

            printf("%s:%zu %s %s\n", role_names[role], i, call_name(call->nr, name, sizeof(name)),
                   call->path);
        }
}

static void print_failure(const struct suite *suite, const struct suite_case *item)
{
    char words[FAULT_CASE_SIZE];
    char name[64];
    const struct trace_call *call = &suite->record.roles[item->which.role].items[item->which.index];

    fault_case_print(&item->which, words);
    printf("# --variant %s --only %s  (%s %s) %s\n", suite->variant->name, words,
           call_name(item->nr, name, sizeof(name)), item->nr == call->nr ? call->path : "",
           item->reason);
}

static bool same_group(const struct fault_case *one, enum role role, const struct fault *fault)
{
    return one->role == role && one->fault.kind == fault->kind &&
           one->fault.number == fault->number;
}

/* One line of TAP for each kind of fault in each process, then the cases that failed. */
static void print_group(const struct suite *suite, enum role role, const struct fault *fault,
                        struct total *total)
{
    size_t verdicts[VERDICT_COUNT] = {0};
    size_t cases = 0;
    bool bad;

    for (size_t i = 0; i < suite->count; i++)
        if (same_group(&suite->cases[i].which, role, fault)) {
            verdicts[suite->cases[i].verdict]++;
            cases++;
        }
    if (cases == 0)
        return;
    bad = verdicts[VERDICT_FAILED] + verdicts[VERDICT_NONE] > 0;
    printf("%s %zu - %s: %s in %s: %zu cases:", bad ? "not ok" : "ok", ++total->lines,
           suite->variant->name, fault_name(fault), role_names[role], cases);
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
        if (verdicts[verdict] > 0)
            printf(" %zu %s", verdicts[verdict], verdict_names[verdict]);
        total->verdicts[verdict] += verdicts[verdict];
    }
    putchar('\n');
    total->cases += cases;
    for (size_t i = 0; i < suite->count && bad; i++)
        if (same_group(&suite->cases[i].which, role, fault) &&
            suite->cases[i].verdict <= VERDICT_FAILED)
            print_failure(suite, &suite->cases[i]);
}

/* One line of TAP for each call and errno, then what sbx said, or why it isn't as it has to be. */
static void print_off(const struct suite *suite, struct total *total)
{
    char words[FAULT_CASE_SIZE];

    for (size_t i = 0; i < suite->count; i++) {
        const struct suite_case *item = &suite->cases[i];
        const char *rest = item->reason;

        fault_case_print(&item->which, words);
        printf("%s %zu - %s: %s: %s\n", item->verdict <= VERDICT_FAILED ? "not ok" : "ok",
               ++total->lines, suite->variant->name, words, verdict_names[item->verdict]);
        while (*rest != '\0') {
            int length = (int)strcspn(rest, "\n");

            printf("#   %.*s\n", length, rest);
            rest += length + (rest[length] == '\n');
        }
        total->verdicts[item->verdict]++;
        total->cases++;
    }
    fflush(stdout);
}

static void print_suite(const struct suite *suite, struct total *total)
{
    const struct fault *faults;
    size_t count = fault_list(&faults);

    for (int role = 0; role < ROLE_COUNT; role++)
        for (size_t i = 0; i < count; i++)
            print_group(suite, (enum role)role, &faults[i], total);
    fflush(stdout);
}

static void print_total(const struct total *total, const struct suite_options *options)
{
    printf("1..%zu\n# %zu cases", total->lines, total->cases);
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
        if (total->verdicts[verdict] > 0)
            printf(", %zu %s", total->verdicts[verdict], verdict_names[verdict]);
    if (options->every > 1)
        printf("; every %u, seed %u", options->every, options->seed);
    putchar('\n');
}

/* --- running --------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int run_variant(struct suite *suite, bool list, struct total *total)
{
    enum verdict verdict;

    if (suite->options->only != NULL) {
        verdict = suite_run_one(suite);
        total->verdicts[verdict]++;
        return 0;
    }
    if (suite_plan(suite) < 0)
        return -1;
    if (list) {
        print_calls(&suite->record);
        return 0;
    }
    if (suite_run(suite) < 0)
        return -1;
    if (suite->options->off)
        print_off(suite, total);
    else
        print_suite(suite, total);
    return 0;
}

static int run(struct suite_options *options, bool list)
{
    static struct suite suite;
    struct total total = {0};
    int result = 0;

    suite = (struct suite){.options = options, .capacity = MAX_CASES};
    strcpy(suite.base, "/var/tmp/sbx-faults.XXXXXX");
    suite.cases = mmap(NULL, MAX_CASES * sizeof(*suite.cases), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (suite.cases == MAP_FAILED || mkdtemp(suite.base) == NULL || chmod(suite.base, 0755) < 0) {
        perror("faults: cannot prepare");
        return 1;
    }
    for (size_t i = 0; i < variant_count && result == 0; i++) {
        suite.variant = &variants[i];
        if (options->variant == NULL || strcmp(options->variant, variants[i].name) == 0)
            result = run_variant(&suite, list, &total);
    }
    if (result == 0 && !list && options->only == NULL)
        print_total(&total, options);
    nftw(suite.base, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    return result < 0 || total.verdicts[VERDICT_FAILED] + total.verdicts[VERDICT_NONE] > 0;
}

static void beside_us(char *buffer, size_t size, const char *name)
{
    ssize_t length = readlink("/proc/self/exe", buffer, size - 1);
    char *slash;

    buffer[length < 0 ? 0 : length] = '\0';
    slash = strrchr(buffer, '/');
    if (slash != NULL)
        snprintf(slash + 1, size - (size_t)(slash + 1 - buffer), "%s", name);
}

static unsigned number_of(const char *text, unsigned least)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || value < least || value > 1000000) {
        fprintf(stderr, "faults: not a number: %s\n", text);
        exit(2);
    }
    return (unsigned)value;
}

static int role_of(const char *name)
{
    for (int role = 0; role < ROLE_COUNT; role++)
        if (strcmp(role_names[role], name) == 0)
            return role;
    fprintf(stderr, "faults: no such process: %s\n", name);
    exit(2);
}

static void print_variants(void)
{
    for (size_t i = 0; i < variant_count; i++) {
        printf("%s:", variants[i].name);
        for (const char *const *word = variants[i].options; *word != NULL; word++)
            printf(" %s", *word);
        putchar('\n');
    }
}

static const struct option long_options[] = {
    {"sbx", required_argument, NULL, 's'},     {"witness", required_argument, NULL, 'w'},
    {"variant", required_argument, NULL, 'v'}, {"role", required_argument, NULL, 'r'},
    {"errnos", required_argument, NULL, 'n'},  {"every", required_argument, NULL, 'e'},
    {"seed", required_argument, NULL, 'S'},    {"only", required_argument, NULL, 'o'},
    {"workers", required_argument, NULL, 'j'}, {"off", no_argument, NULL, 'O'},
    {"list", no_argument, NULL, 'l'},          {"variants", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};

static void check_variant(const char *name)
{
    for (size_t i = 0; i < variant_count; i++)
        if (strcmp(variants[i].name, name) == 0)
            return;
    fprintf(stderr, "faults: no such kind of launch: %s (see --variants)\n", name);
    exit(2);
}

/* The launch has another working directory. */
static const char *absolute(const char *path)
{
    char *real = realpath(path, NULL);

    if (real == NULL) {
        perror(path);
        exit(2);
    }
    return real;
}

/* Fill in @options; returns false for --variants, which was answered. */
static bool parse(int argc, char **argv, struct suite_options *options, bool *ret_list)
{
    int letter;

    while ((letter = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (letter) {
        case 's':
            options->sbx = absolute(optarg);
            break;
        case 'w':
            options->witness = absolute(optarg);
            break;
        case 'v':
            options->variant = optarg;
            check_variant(optarg);
            break;
        case 'r':
            options->role = role_of(optarg);
            break;
        case 'n':
            options->errnos = number_of(optarg, 1);
            break;
        case 'e':
            options->every = number_of(optarg, 1);
            break;
        case 'S':
            options->seed = number_of(optarg, 0);
            break;
        case 'o':
            options->only = optarg;
            break;
        case 'j':
            options->workers = number_of(optarg, 1);
            break;
        case 'O':
            options->off = true;
            break;
        case 'l':
            *ret_list = true;
            break;
        case 'V':
            print_variants();
            return false;
        default:
            fputs(usage, letter == 'h' ? stdout : stderr);
            exit(letter == 'h' ? 0 : 2);
        }
    }
    if (options->only != NULL && options->variant == NULL)
        options->variant = variants[0].name;
    return true;
}

/* A reader that goes away must not keep the worlds from being removed.  A handler, for what is
 * ignored would be in sbx too. */
static void on_broken_pipe(int number)
{
    (void)number;
}

int main(int argc, char **argv)
{
    const struct sigaction broken_pipe = {.sa_handler = on_broken_pipe, .sa_flags = SA_RESTART};
    static char sbx[4096];
    static char witness[4096];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct suite_options options = {.sbx = sbx,
                                    .witness = witness,
                                    .role = ROLE_COUNT,
                                    .errnos = FAULT_ERRNO_COUNT,
                                    .every = 1,
                                    .workers = processors > 0 ? (unsigned)processors : 1};
    bool list = false;

    beside_us(sbx, sizeof(sbx), "sbx");
    beside_us(witness, sizeof(witness), "witness");
    if (!parse(argc, argv, &options, &list))
        return 0;
    sigaction(SIGPIPE, &broken_pipe, NULL);
    world_isolate_mounts();
    return run(&options, list);
}
