/* SPDX-License-Identifier: Apache-2.0 */
/* What `sbx ps` and `sbx exec` make of a supervisor's answers, which a socket holds already. */
#include "run/visit.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

static const char *const argv[] = {"/nowhere/program", NULL};
static const struct visit_command command = {.argv = argv, .argc = 1, .directory = "/w"};

struct talk {
    int visitor;
    int supervisor;
};

static struct talk begin(void)
{
    int ends[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    return (struct talk){.visitor = ends[0], .supervisor = ends[1]};
}

static void end(const struct talk *talk)
{
    close(talk->visitor);
    if (talk->supervisor >= 0)
        close(talk->supervisor);
}

static void answer(const struct talk *talk, const void *message, size_t size)
{
    cr_assert_eq(send(talk->supervisor, message, size, MSG_NOSIGNAL), (ssize_t)size);
}

static void answer_started(const struct talk *talk)
{
    const uint32_t type = ANSWER_STARTED;

    answer(talk, &type, sizeof(type));
}

static void answer_failed(const struct talk *talk, uint32_t stage, int number)
{
    const struct answer_failed failed = {.type = ANSWER_FAILED, .stage = stage, .number = number};

    answer(talk, &failed, sizeof(failed));
}

static void answer_changed(const struct talk *talk, uint32_t change, int value)
{
    const struct answer_changed changed = {
        .type = ANSWER_CHANGED, .change = change, .value = value};

    answer(talk, &changed, sizeof(changed));
}

/* No more is said; what is asked can still be received. */
static int exec(struct talk *talk, struct sbx_report *report, struct sbx_error *err)
{
    int result;

    cr_assert_eq(shutdown(talk->supervisor, SHUT_WR), 0);
    result = visit_exec(talk->visitor, &command, false, report, err);
    end(talk);
    return result;
}

Test(visit, an_answer_ends_its_texts)
{
    struct talk talk = begin();
    struct answer_info said = {.type = ANSWER_INFO, .init = 7};
    struct answer_info heard;

    memset(said.name, 'n', sizeof(said.name));
    memset(said.profile, 'p', sizeof(said.profile));
    memset(said.command, 'c', sizeof(said.command));
    answer(&talk, &said, sizeof(said));
    cr_assert_eq(visit_hear(talk.visitor, 0, &heard), 0);
    cr_expect_eq(heard.init, 7);
    cr_expect_eq(strlen(heard.name), sizeof(heard.name) - 1);
    cr_expect_eq(strlen(heard.profile), sizeof(heard.profile) - 1);
    cr_expect_eq(strlen(heard.command), sizeof(heard.command) - 1);
    end(&talk);
}

Test(visit, another_message_is_no_answer)
{
    struct talk talk = begin();
    const uint32_t type = ANSWER_INFO;
    struct answer_info heard = {.init = 7};

    cr_expect_eq(visit_hear(talk.visitor, 0, &heard), -ETIMEDOUT);
    answer(&talk, &type, sizeof(type));
    cr_expect_eq(visit_hear(talk.visitor, 0, &heard), -EPROTO);
    close(take_fd(&talk.supervisor));
    cr_expect_eq(visit_hear(talk.visitor, 0, &heard), -ECONNRESET);
    cr_expect_eq(heard.init, 7);
    end(&talk);
}

Test(visit, a_command_that_ends)
{
    struct talk talk = begin();
    struct sbx_report report;

    answer_started(&talk);
    answer_changed(&talk, WIRE_STOPPED, SIGTSTP); /* whoever passes no signals on has no part */
    answer_changed(&talk, WIRE_CONTINUED, SIGCONT);
    answer_changed(&talk, WIRE_EXITED, 5);
    cr_assert_eq(exec(&talk, &report, NULL), 0);
    cr_expect_eq(report.outcome, SBX_OUTCOME_EXITED);
    cr_expect_eq(report.exit_code, 5);

    talk = begin();
    answer_started(&talk);
    answer_changed(&talk, WIRE_KILLED, SIGSEGV);
    cr_assert_eq(exec(&talk, &report, NULL), 0);
    cr_expect_eq(report.outcome, SBX_OUTCOME_SIGNALED);
    cr_expect_eq(report.signal, SIGSEGV);
}

Test(visit, a_sandbox_that_ends_takes_the_command_with_it)
{
    struct talk talk = begin();
    struct sbx_report report;

    answer_started(&talk);
    cr_assert_eq(exec(&talk, &report, NULL), 0);
    cr_expect_eq(report.outcome, SBX_OUTCOME_SIGNALED);
    cr_expect_eq(report.signal, SIGKILL);
    cr_expect_str_eq(report.cause, "sandbox-ended");
}

Test(visit, a_sandbox_that_ends_before_the_command_has_started)
{
    struct talk talk = begin();
    struct sbx_error err = {0};
    struct sbx_report report;

    cr_expect_eq(exec(&talk, &report, &err), -ECONNRESET);
    cr_expect_str_eq(err.message, "the sandbox ended before the command started");
    cr_expect_eq(report.outcome, SBX_OUTCOME_SETUP_FAILED);
}

Test(visit, a_command_that_can_not_be_executed)
{
    struct talk talk = begin();
    struct sbx_report report;

    answer_failed(&talk, WIRE_STAGE_EXEC, EACCES);
    cr_assert_eq(exec(&talk, &report, NULL), 0);
    cr_expect_eq(report.outcome, SBX_OUTCOME_NOT_EXECUTABLE);
    cr_expect_not_null(strstr(report.error.message, "/nowhere/program"));
}

Test(visit, a_command_that_can_not_be_started)
{
    const struct {
        uint32_t stage;
        int number;
        const char *message;
    } rows[] = {
        {0, EISDIR,
         "standard input, output or error is a directory: it would lead out of the "
         "sandbox"},
        {0, EAGAIN, "the sandbox can't start the command"},
        {WIRE_STAGE_FORK, EAGAIN, "the sandbox can't start the command"},
        {WIRE_STAGE_CHDIR, ENOENT, "cannot enter '/w'"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct talk talk = begin();
        struct sbx_error err = {0};
        struct sbx_report report;

        answer_failed(&talk, rows[i].stage, rows[i].number);
        cr_expect_lt(exec(&talk, &report, &err), 0);
        cr_expect_str_eq(err.message, rows[i].message);
        cr_expect_eq(report.outcome, SBX_OUTCOME_SETUP_FAILED);
    }
}

Test(visit, what_is_asked)
{
    struct talk talk = begin();
    struct sbx_report report;
    struct request_exec request;
    uint32_t type = 0;

    cr_assert_eq(visit_ask(talk.visitor), 0);
    cr_assert_eq(recv(talk.supervisor, &type, sizeof(type), 0), sizeof(type));
    cr_expect_eq(type, REQUEST_INFO);

    answer_started(&talk);
    answer_changed(&talk, WIRE_EXITED, 0);
    cr_assert_eq(visit_exec(talk.visitor, &command, false, &report, NULL), 0);
    cr_assert_eq(recv(talk.supervisor, &request, sizeof(request), MSG_DONTWAIT), sizeof(request));
    cr_expect_eq(request.type, REQUEST_EXEC);
    cr_expect_eq(request.argc, 1);
    cr_expect_eq(request.envc, 0);
    cr_expect_eq(request.strings_size, sizeof("/nowhere/program") + sizeof("/w"));
    end(&talk);
}

Test(visit, a_command_that_is_too_long)
{
    static char word[REQUEST_MAX_STRINGS + 1];
    static const char *const long_argv[] = {word, NULL};
    const struct visit_command long_command = {.argv = long_argv, .argc = 1, .directory = ""};
    struct talk talk = begin();
    struct sbx_error err = {0};
    struct sbx_report report;

    memset(word, 'x', sizeof(word) - 1);
    cr_expect_eq(visit_exec(talk.visitor, &long_command, false, &report, &err), -E2BIG);
    cr_expect_str_eq(err.message, "cannot send the command to the sandbox");
    end(&talk);
}
