/* SPDX-License-Identifier: Apache-2.0 */
#include "suite.h"

#include "off.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls of sbx itself decide what is planned, and there are many of them: a sample has fewer. Other
 * kinds of launches make most calls of sbx and the child as the first kind does. */
#define RARER_IN_SBX   8
#define RARER_IN_CHILD 2

#define MAX_TRIES 5 /* of a case, while the host changes */

/* What came of a launch. */
struct seen {
    struct trace_result result;
    struct world_output output;
};

/* A worker's world, and what an undisturbed launch says in it. */
struct worker {
    struct world world;
    struct trace_program program;
    struct seen seen;  /* of the case */
    struct seen fresh; /* of an undisturbed launch */
    char facts[WORLD_MAX_TEXT];
};

static struct worker worker;     /* too large for a stack, and each process has one */
static struct off_filter filter; /* around every launch, where calls are missing in some */

/* --- one launch ------------------------------------------------------------------------------ */

static int launch(const struct fault_case *which, struct trace_record *record,
                  struct seen *ret_seen)
{
    if (world_reset(&worker.world) < 0)
        return -1;
    if (worker.program.filter != NULL)
        off_fill(&filter, which);
    if (trace_run(&worker.program, which, record, &ret_seen->result) < 0) {
        perror("faults: cannot trace a launch");
        return -1;
    }
    world_read(&worker.world, &ret_seen->output);
    return 0;
}

/* Runs undisturbed twice: the first one may make what then stays, such as the state directory. */
static int learn_facts(struct trace_record *record)
{
    char reason[JUDGE_MAX_REASON] = "";
    enum verdict verdict = VERDICT_NONE;

    for (int i = 0; i < MAX_TRIES && (i < 2 || verdict != VERDICT_ISOLATED); i++) {
        if (record != NULL)
            memset(record, 0, sizeof(*record));
        if (launch(NULL, record, &worker.fresh) < 0 ||
            (i == 0 && world_remember(&worker.world) < 0))
            return -1;
        verdict = judge(NULL, &worker.fresh.result, &worker.fresh.output, worker.facts, reason);
        strcpy(worker.facts, worker.fresh.output.facts);
    }
    if (verdict == VERDICT_ISOLATED)
        return 0;
    fprintf(stderr, "faults: an undisturbed launch: %s\n%s", reason, worker.fresh.output.error);
    return -1;
}

static int begin(struct suite *suite, struct trace_record *record)
{
    unsigned number = suite->worlds;

    if (world_make(&worker.world, suite->base, number, suite->options->sbx,
                   suite->options->witness) < 0 ||
        world_choose(&worker.world, suite->variant) < 0 || trace_prepare() < 0)
        return -1;
    world_program(&worker.world, &worker.program);
    worker.program.filter = suite->options->off ? &filter.program : NULL;
    return learn_facts(record);
}

/* What only a living sbx can remove, the next one sweeps.  True where nothing is left of @what. */
static bool is_swept(char *what, size_t size)
{
    return launch(NULL, NULL, &worker.fresh) == 0 && !world_changed(&worker.world, what, size);
}

static enum verdict run_once(const struct fault_case *which, char reason[static JUDGE_MAX_REASON])
{
    char what[256];
    enum verdict verdict;
    bool may_leave; /* what can't be removed, or by nobody that lives */
    bool swept;

    if (launch(which, NULL, &worker.seen) < 0) {
        snprintf(reason, JUDGE_MAX_REASON, "it could not be run: %s", strerror(errno));
        return VERDICT_FAILED;
    }
    verdict = judge(which, &worker.seen.result, &worker.seen.output, worker.facts, reason);
    if (!world_changed(&worker.world, what, sizeof(what)))
        return verdict;
    may_leave = verdict == VERDICT_KILLED || worker.seen.result.nr == SYS_unlinkat;
    if (verdict != VERDICT_FAILED)
        snprintf(reason, JUDGE_MAX_REASON, "something is left: %s", what);
    swept = is_swept(what, sizeof(what));
    if (!may_leave || !swept)
        verdict = VERDICT_FAILED;
    if (!swept)
        world_remember(&worker.world); /* told once */
    return verdict;
}

/* Others mount file systems and bind sockets, which an undisturbed launch shows too. */
static bool has_host_changed(void)
{
    if (launch(NULL, NULL, &worker.fresh) < 0 ||
        strcmp(worker.facts, worker.fresh.output.facts) == 0)
        return false;
    return learn_facts(NULL) == 0;
}

/* Is that what the table says?  Where the kernel has no Landlock, nothing is missing without it. */
static bool is_expected(enum verdict verdict, enum verdict expected)
{
    return verdict == expected ||
           (expected == VERDICT_DEGRADED && verdict == VERDICT_ISOLATED &&
            strstr(worker.fresh.output.report, "Landlock is absent") != NULL);
}

static enum verdict check_off(const struct suite *suite, const struct fault_case *which,
                              enum verdict verdict, char reason[static JUDGE_MAX_REASON])
{
    enum verdict expected = off_expected(which, suite->variant->name);

    if (verdict == VERDICT_FAILED)
        return verdict;
    if (verdict == VERDICT_CLOSED && !off_is_named(which, worker.seen.output.error)) {
        snprintf(reason, JUDGE_MAX_REASON, "it isn't named: %.300s", worker.seen.output.error);
        return VERDICT_FAILED;
    }
    if (is_expected(verdict, expected)) {
        snprintf(reason, JUDGE_MAX_REASON, "%.*s", JUDGE_MAX_REASON - 1, worker.seen.output.error);
        return verdict;
    }
    snprintf(reason, JUDGE_MAX_REASON, "%s, and %s was expected: %.300s", verdict_names[verdict],
             verdict_names[expected], worker.seen.output.error);
    return VERDICT_FAILED;
}

static enum verdict run_case(const struct suite *suite, const struct fault_case *which,
                             char reason[static JUDGE_MAX_REASON])
{
    enum verdict verdict = VERDICT_NONE;

    for (int i = 0; i < MAX_TRIES; i++) {
        verdict = run_once(which, reason);
        if (which->fault.kind == FAULT_OFF)
            verdict = check_off(suite, which, verdict, reason);
        if (verdict != VERDICT_FAILED || !has_host_changed())
            break;
    }
    return verdict;
}

/* --- the cases ------------------------------------------------------------------------------- */

static int add_case(struct suite *suite, const struct fault_case *which)
{
    if (suite->count == suite->capacity) {
        fputs("faults: too many cases\n", stderr);
        return -1;
    }
    suite->cases[suite->count++] = (struct suite_case){.which = *which};
    return 0;
}

/* By turns: sbx and the child make many calls, and most of them in loops, so that with fewer errnos
 * than there are each round has others. */
static bool is_turn(enum role role, unsigned index, size_t fault, unsigned errnos)
{
    const struct fault *faults;

    (void)fault_list(&faults);
    if (faults[fault].kind != FAULT_ERRNO || (role != ROLE_SBX && role != ROLE_CHILD))
        return true;
    return (fault + 3 * (size_t)index) % FAULT_ERRNO_COUNT < errnos;
}

/* A kind of launch that is run besides the first one, and wasn't asked for by name. */
static bool is_besides(const struct suite *suite)
{
    return suite->variant != &variants[0] && suite->options->variant == NULL;
}

/* One of how many cases of @role is taken. */
static unsigned every_of(const struct suite *suite, enum role role)
{
    unsigned every = suite->options->every;

    if (role == ROLE_SBX && (every > 1 || is_besides(suite)))
        return every * RARER_IN_SBX;
    return role == ROLE_CHILD && is_besides(suite) ? every * RARER_IN_CHILD : every;
}

static unsigned errnos_of(const struct suite *suite)
{
    unsigned errnos = suite->options->errnos;

    if (!is_besides(suite))
        return errnos;
    return errnos < 4 ? 1 : errnos / 4;
}

static int add_cases_of(struct suite *suite, enum role role)
{
    const struct trace_calls *calls = &suite->record.roles[role];
    unsigned every = every_of(suite, role);
    unsigned counter = 0;
    const struct fault *faults;
    size_t fault_count = fault_list(&faults);

    for (unsigned index = 0; index < calls->count; index++)
        for (size_t i = 0; i < fault_count; i++) {
            const struct fault_case which = {role, index, faults[i]};

            if (is_turn(role, index, i, errnos_of(suite)) &&
                fault_applies(&faults[i], role, calls->items[index].nr) &&
                counter++ % every == suite->options->seed % every && add_case(suite, &which) < 0)
                return -1;
        }
    return 0;
}

static int add_off_cases(struct suite *suite)
{
    for (unsigned row = 0; row < off_count; row++)
        for (size_t i = 0; i < OFF_ERRNO_COUNT; i++) {
            const struct fault_case which = off_case(row, off_errnos[i]);

            if (add_case(suite, &which) < 0)
                return -1;
        }
    return 0;
}

/* A call that sbx makes, that an older kernel lacks, and of which nobody has said what then. */
static int check_rows(const struct trace_record *record)
{
    for (int role = 0; role < ROLE_COUNT; role++)
        for (size_t i = 0; i < record->roles[role].count; i++)
            if (!off_knows(record->roles[role].items[i].nr)) {
                fprintf(stderr, "faults: call number %d has no row in off.c\n",
                        record->roles[role].items[i].nr);
                return -1;
            }
    return 0;
}

int suite_plan(struct suite *suite)
{
    int result;

    result = begin(suite, &suite->record);
    if (result == 0)
        world_free(&worker.world);
    suite->worlds++;
    suite->count = 0;
    if (suite->options->off)
        return result < 0 || check_rows(&suite->record) < 0 ? -1 : add_off_cases(suite);
    for (int role = 0; role < ROLE_COUNT && result == 0; role++)
        if (suite->options->role == ROLE_COUNT || suite->options->role == role)
            result = add_cases_of(suite, (enum role)role);
    return result;
}

/* --- many launches --------------------------------------------------------------------------- */

/* Tracer and tracee take turns: on one processor they hand over faster. */
static void stay_on(unsigned number)
{
    cpu_set_t allowed;
    cpu_set_t chosen;
    int wanted;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
        return;
    wanted = (int)(number % (unsigned)CPU_COUNT(&allowed));
    CPU_ZERO(&chosen);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && wanted-- == 0)
            CPU_SET(cpu, &chosen);
    (void)sched_setaffinity(0, sizeof(chosen), &chosen);
}

_Noreturn static void work(struct suite *suite, unsigned number)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    stay_on(number);
    if (begin(suite, NULL) < 0)
        _exit(1);
    for (size_t i = number; i < suite->count; i += suite->options->workers) {
        struct suite_case *item = &suite->cases[i];

        item->verdict = (uint8_t)run_case(suite, &item->which, item->reason);
        item->nr = (int)worker.seen.result.nr;
    }
    _exit(0);
}

int suite_run(struct suite *suite)
{
    int result = 0;
    int status;

    for (unsigned number = 0; number < suite->options->workers; number++) {
        pid_t pid = fork();

        if (pid == 0)
            work(suite, number);
        suite->worlds++;
        if (pid < 0)
            result = -1;
    }
    while (wait(&status) > 0)
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            result = -1;
    if (result < 0)
        fputs("faults: a worker failed\n", stderr);
    return result;
}

enum verdict suite_run_one(struct suite *suite)
{
    char reason[JUDGE_MAX_REASON];
    struct fault_case which;
    enum verdict verdict;

    if (!fault_case_parse(suite->options->only, &which)) {
        fprintf(stderr, "faults: no such case: %s\n", suite->options->only);
        return VERDICT_NONE;
    }
    suite->options->off = which.fault.kind == FAULT_OFF;
    if (begin(suite, NULL) < 0)
        return VERDICT_NONE;
    verdict = run_case(suite, &which, reason);
    printf("%s: %s%s%s\nsystem call: %ld, reached: %d, command started: %d, wait status: %#x\n"
           "--- standard error\n%s--- report\n%s--- facts\n%s",
           suite->options->only, verdict_names[verdict], reason[0] != '\0' ? ": " : "", reason,
           worker.seen.result.nr, worker.seen.result.reached, worker.seen.result.started,
           (unsigned)worker.seen.result.status, worker.seen.output.error, worker.seen.output.report,
           worker.seen.output.facts);
    return verdict;
}
