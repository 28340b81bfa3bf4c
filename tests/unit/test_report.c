/* SPDX-License-Identifier: Apache-2.0 */
#include "run/report.h"

#include "base/error.h"
#include "run/report_text.h"
#include "unit/scratch.h"

#include <jansson.h>
#include <signal.h>
#include <sys/wait.h>

static const struct sbx_report exited = {.outcome = SBX_OUTCOME_EXITED, .exit_code = 3};

/* The directory that @path is in, as a plan has it. */
static struct plan_directory directory_of(const char *path)
{
    char *parent = strdup(path);
    struct plan_directory directory = {0};
    struct stat status;

    *strrchr(parent, '/') = '\0';
    if (stat(parent, &status) == 0)
        directory = (struct plan_directory){.device = status.st_dev, .inode = status.st_ino};
    free(parent);
    return directory;
}

static int report_open_planned(const char *path, enum report_format format,
                               struct report_file *ret_file, struct sbx_error *err)
{
    const struct plan_directory directory = directory_of(path);

    return report_open(path, &directory, format, ret_file, err);
}

/* Open, write, close. */
static int report_to(const char *path, const struct sbx_report *report, struct sbx_error *err)
{
    struct report_file file;
    int result = report_open_planned(path, REPORT_FORMAT_JSON, &file, err);

    if (result == 0)
        result = report_write(&file, report, err);
    report_close(&file);
    return result;
}

static json_t *parsed(const struct scratch *scratch, const char *path)
{
    const char *text = scratch_content(scratch, path);
    json_error_t error;
    json_t *json;

    cr_assert_not_null(text, "%s is not there", path);
    json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(json, "line %d: %s in: %s", error.line, error.text, text);
    cr_expect_eq(text[strlen(text) - 1], '\n');
    return json;
}

static const char *text_at(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static json_int_t number_at(const json_t *json, const char *key)
{
    cr_expect(json_is_integer(json_object_get(json, key)), "%s", key);
    return json_integer_value(json_object_get(json, key));
}

static void expect_null(const json_t *json, const char *key)
{
    cr_expect(json_is_null(json_object_get(json, key)), "%s is not null, or not there", key);
}

Test(report, the_exit_code_of_each_outcome)
{
    static const struct {
        enum sbx_outcome outcome;
        int exit_code, signal, expected;
        const char *name;
    } rows[] = {
        {SBX_OUTCOME_EXITED, 0, 0, 0, "exited"},
        {SBX_OUTCOME_EXITED, 255, 0, 255, "exited"},
        {SBX_OUTCOME_SIGNALED, -1, SIGKILL, 137, "signaled"},
        {SBX_OUTCOME_TIMEOUT, -1, SIGKILL, 124, "timeout"},
        {SBX_OUTCOME_LIMIT, -1, SIGXCPU, 128 + SIGXCPU, "limit"},
        {SBX_OUTCOME_NOT_EXECUTABLE, -1, 0, 126, "not-executable"},
        {SBX_OUTCOME_NOT_FOUND, -1, 0, 127, "not-found"},
        {SBX_OUTCOME_SETUP_FAILED, -1, 0, 125, "setup-failed"},
        {SBX_OUTCOME_INIT_DIED, -1, SIGKILL, 137, "init-died"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct sbx_report report = {
            .outcome = rows[i].outcome, .exit_code = rows[i].exit_code, .signal = rows[i].signal};

        cr_expect_eq(sbx_report_exit_code(&report), rows[i].expected, "%s", rows[i].name);
        cr_expect_str_eq(sbx_outcome_name(rows[i].outcome), rows[i].name);
    }
    cr_expect_str_eq(sbx_outcome_name((enum sbx_outcome)99), "unknown");
    cr_expect_eq(sbx_report_exit_code(&(struct sbx_report){.outcome = (enum sbx_outcome)99}), 125,
                 "what is not known is a failure");
}

Test(report, a_run_that_went_well)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "r.json");
    struct sbx_report report = {.outcome = SBX_OUTCOME_EXITED,
                                .exit_code = 3,
                                .wall_ms = 12,
                                .user_ms = 5,
                                .system_ms = 6,
                                .peak_process_kb = 7000,
                                .name = "job",
                                .degraded = {"one", "two"},
                                .degraded_count = 2};
    struct sbx_error err = {0};
    json_t *json;

    cr_assert_eq(report_to(path, &report, &err), 0, "%s", err.message);
    json = parsed(&scratch, path);
    cr_expect_str_eq(text_at(json, "outcome"), "exited");
    cr_expect_eq(number_at(json, "exit_code"), 3);
    cr_expect_eq(number_at(json, "sbx_exit_code"), 3);
    expect_null(json, "signal");
    expect_null(json, "signal_name");
    cr_expect_eq(number_at(json, "wall_ms"), 12);
    cr_expect_eq(number_at(json, "user_ms"), 5);
    cr_expect_eq(number_at(json, "system_ms"), 6);
    cr_expect_eq(number_at(json, "peak_process_kb"), 7000);
    cr_expect_str_eq(text_at(json, "name"), "job");
    cr_assert_eq(json_array_size(json_object_get(json, "degraded")), 2);
    cr_expect_str_eq(json_string_value(json_array_get(json_object_get(json, "degraded"), 1)),
                     "two");
    expect_null(json, "error");
    expect_null(json, "hint");
    expect_null(json, "errno");
    expect_null(json, "step");
    expect_null(json, "origin");
    json_decref(json);
}

/* What nobody has counted is null, and not nothing. */
Test(report, what_was_refused_and_counted)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "r.json");
    struct sbx_report report = {.outcome = SBX_OUTCOME_LIMIT, .exit_code = -1, .signal = 9};
    struct sbx_error err = {0};
    json_t *json, *refused;

    cr_assert_eq(report_to(path, &report, &err), 0, "%s", err.message);
    json = parsed(&scratch, path);
    expect_null(json, "refused");
    expect_null(json, "output_bytes");
    cr_expect_eq(number_at(json, "sbx_exit_code"), 137);
    json_decref(json);
    report.refusals_counted = report.output_counted = true;
    report.refusals[0] = (struct sbx_report_refusal){"mount", 2};
    report.refusal_count = 1;
    report.refusals_more = 7;
    cr_assert_eq(report_to(path, &report, &err), 0, "%s", err.message);
    json = parsed(&scratch, path);
    refused = json_object_get(json, "refused");
    cr_assert_eq(json_array_size(refused), 2);
    cr_expect_str_eq(text_at(json_array_get(refused, 0), "syscall"), "mount");
    cr_expect_eq(number_at(json_array_get(refused, 0), "count"), 2);
    expect_null(json_array_get(refused, 1), "syscall");
    cr_expect_eq(number_at(json_array_get(refused, 1), "count"), 7);
    cr_expect_eq(number_at(json, "output_bytes"), 0);
    json_decref(json);
}

Test(report, a_run_that_failed)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "r.json");
    struct sbx_report report = {.outcome = SBX_OUTCOME_SETUP_FAILED, .exit_code = -1};
    struct sbx_error err = {0};
    json_t *json;

    error_set(&report.error, SBX_ERROR_SETUP, ENOENT, "bind", "/x", "cannot bind /x \377");
    error_add_origin(&report.error, "--rw #1");
    error_add_hint(&report.error, "look");
    cr_assert_eq(report_to(path, &report, &err), 0, "%s", err.message);
    json = parsed(&scratch, path);
    cr_expect_str_eq(text_at(json, "outcome"), "setup-failed");
    expect_null(json, "exit_code");
    expect_null(json, "name");
    cr_expect_eq(number_at(json, "sbx_exit_code"), 125);
    cr_expect_str_eq(text_at(json, "step"), "bind");
    cr_expect_str_eq(text_at(json, "origin"), "--rw #1");
    cr_expect_str_eq(text_at(json, "error"), "cannot bind /x \\xff");
    cr_expect_str_eq(text_at(json, "errno"), "ENOENT");
    cr_expect_str_eq(text_at(json, "hint"), "look");
    json_decref(json);
}

Test(report, a_signal_has_its_name)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "r.json");
    struct sbx_report report = {
        .outcome = SBX_OUTCOME_LIMIT, .exit_code = -1, .signal = SIGXCPU, .cause = "cpu-time"};
    json_t *json;

    cr_assert_eq(report_to(path, &report, NULL), 0);
    json = parsed(&scratch, path);
    cr_expect_eq(number_at(json, "signal"), SIGXCPU);
    cr_expect_str_eq(text_at(json, "signal_name"), "XCPU");
    cr_expect_str_eq(text_at(json, "cause"), "cpu-time");
    json_decref(json);
    report.signal = SIGRTMIN + 2; /* it has none */
    cr_assert_eq(report_to(path, &report, NULL), 0);
    json = parsed(&scratch, path);
    expect_null(json, "signal_name");
    json_decref(json);
}

Test(report, none_is_wanted)
{
    struct report_file file;

    cr_expect_eq(report_open(NULL, NULL, REPORT_FORMAT_JSON, &file, NULL), 0);
    cr_expect_lt(file.directory, 0);
    cr_expect_lt(file.direct, 0);
    cr_expect_eq(report_write(&file, &exited, NULL), 0);
    report_close(&file);
}

/* The directory is exchanged between the plan and the opening: by a link, or by another one. */
Test(report, another_directory_than_the_plans)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *planned = scratch_directory(&scratch, "planned");
    char *other = scratch_directory(&scratch, "other");
    char *moved = scratch_path(&scratch, "moved");
    char *path = scratch_path(&scratch, "planned/r.json");
    const struct plan_directory directory = directory_of(path);
    const struct plan_directory unknown = {0};
    struct sbx_error err = {0};
    struct report_file file;

    cr_assert_eq(report_open(path, &directory, REPORT_FORMAT_JSON, &file, &err), 0);
    report_close(&file);
    cr_expect_eq(report_open(path, &unknown, REPORT_FORMAT_JSON, &file, &err), -ESTALE);
    cr_assert_eq(rename(planned, moved), 0);
    cr_assert_eq(symlink(other, planned), 0);
    cr_expect_eq(report_open(path, &directory, REPORT_FORMAT_JSON, &file, &err), -ESTALE);
    cr_assert(unlink(planned) == 0 && rename(other, planned) == 0);
    cr_expect_eq(report_open(path, &directory, REPORT_FORMAT_JSON, &file, &err), -ESTALE);
}

/* Without a plan nobody knows which links to trust. */
Test(report, no_plan_and_a_link)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *victim;
    char *path;
    struct sbx_error err = {0};
    struct report_file file;

    scratch_directory(&scratch, "real");
    victim = scratch_file(&scratch, "real/r.json", "victim");
    scratch_link(&scratch, "link", "real");
    path = scratch_path(&scratch, "link/r.json");
    cr_expect_eq(report_open(path, NULL, REPORT_FORMAT_JSON, &file, &err), -ELOOP);
    cr_expect_str_eq(scratch_content(&scratch, victim), "victim");
    cr_expect_neq(strstr(err.hint, "name the place"), NULL);
    cr_assert_eq(report_open(victim, NULL, REPORT_FORMAT_JSON, &file, &err), 0);
    report_close(&file);
}

static unsigned count_files(const char *path)
{
    _cleanup_closedir_ DIR *stream = opendir(path);
    unsigned count = 0;

    while (readdir(stream) != NULL)
        count++;
    return count - 2;
}

/* Nothing appears under the name before the end, and nothing else is left beside it. */
Test(report, it_is_whole_or_absent)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "r.json");
    struct report_file file;
    struct stat status;

    cr_assert_eq(report_open_planned(path, REPORT_FORMAT_JSON, &file, NULL), 0);
    cr_expect_eq(count_files(scratch.path), 0, "opening leaves nothing behind");
    cr_assert_eq(report_write(&file, &exited, NULL), 0);
    report_close(&file);
    cr_expect_eq(count_files(scratch.path), 1);
    cr_assert_eq(lstat(path, &status), 0);
    cr_expect(S_ISREG(status.st_mode));
    cr_expect_eq(status.st_mode & 0111, 0);
}

Test(report, an_old_report_is_replaced)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_file(&scratch, "r.json", "old");
    char *other = scratch_path(&scratch, "other");

    cr_assert_eq(link(path, other), 0);
    cr_assert_eq(report_to(path, &exited, NULL), 0);
    json_decref(parsed(&scratch, path));
    cr_expect_str_eq(scratch_content(&scratch, other), "old", "the old file itself is untouched");
}

/* A run that is killed must not leave the result of another. */
Test(report, an_old_report_is_gone_while_the_run_lasts)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_file(&scratch, "r.json", "old");
    struct report_file file;

    cr_assert_eq(report_open_planned(path, REPORT_FORMAT_JSON, &file, NULL), 0);
    cr_expect_neq(access(path, F_OK), 0);
    report_close(&file);
}

/* What the command plants under the name is replaced, never followed. */
Test(report, a_link_at_the_name_is_replaced)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *victim = scratch_file(&scratch, "victim", "precious");
    char *path = scratch_path(&scratch, "r.json");
    struct report_file file;
    struct stat status;

    cr_assert_eq(report_open_planned(path, REPORT_FORMAT_JSON, &file, NULL), 0);
    scratch_link(&scratch, "r.json", victim); /* during the run */
    cr_assert_eq(report_write(&file, &exited, NULL), 0);
    report_close(&file);
    cr_expect_str_eq(scratch_content(&scratch, victim), "precious");
    cr_assert_eq(lstat(path, &status), 0);
    cr_expect(S_ISREG(status.st_mode), "the link is still there");
    json_decref(parsed(&scratch, path));
}

Test(report, a_link_from_an_earlier_run_is_replaced)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *victim = scratch_file(&scratch, "victim", "precious");
    char *path = scratch_link(&scratch, "r.json", victim);

    cr_assert_eq(report_to(path, &exited, NULL), 0);
    cr_expect_str_eq(scratch_content(&scratch, victim), "precious");
    json_decref(parsed(&scratch, path));
}

Test(report, a_dangling_link_is_replaced)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *nowhere = scratch_path(&scratch, "nowhere");
    char *path = scratch_link(&scratch, "r.json", nowhere);

    cr_assert_eq(report_to(path, &exited, NULL), 0);
    cr_expect_eq(access(nowhere, F_OK), -1, "the link was followed");
    json_decref(parsed(&scratch, path));
}

/* The directory is the one that was there at the start, whatever its name leads to later; a report
 * that is not where it was asked for is an error. */
Test(report, the_directory_is_held_from_the_start)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *directory = scratch_directory(&scratch, "out");
    char *moved = scratch_path(&scratch, "moved");
    char *trap = scratch_directory(&scratch, "trap");
    struct report_file file;
    struct sbx_error err = {0};

    cr_assert_eq(
        report_open_planned(scratch_path(&scratch, "out/r.json"), REPORT_FORMAT_JSON, &file, NULL),
        0);
    cr_assert_eq(rename(directory, moved), 0);
    cr_assert_eq(symlink(trap, directory), 0);
    cr_expect_lt(report_write(&file, &exited, &err), 0);
    report_close(&file);
    cr_expect_str_eq(err.origin, "--report");
    cr_expect_eq(count_files(trap), 0);
}

/* A directory that appears under the name during the run cannot be replaced: that is told. */
Test(report, a_directory_at_the_name_is_told)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct report_file file;
    struct sbx_error err = {0};

    cr_assert_eq(
        report_open_planned(scratch_path(&scratch, "r.json"), REPORT_FORMAT_JSON, &file, NULL), 0);
    scratch_directory(&scratch, "r.json");
    cr_expect_eq(report_write(&file, &exited, &err), -EISDIR);
    report_close(&file);
    cr_expect_str_eq(err.origin, "--report");
    cr_expect_eq(count_files(scratch.path), 1, "the new file is left behind");
}

Test(report, places_where_no_report_can_be)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    static const struct {
        const char *name;
        int number;
    } rows[] = {{"", EISDIR}, {"dir", EISDIR}, {"none/r.json", ENOENT}, {"file/r.json", ENOTDIR}};

    scratch_directory(&scratch, "dir");
    scratch_file(&scratch, "file", "");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *path = scratch_path(&scratch, rows[i].name);
        struct report_file file;
        struct sbx_error err = {0};

        cr_expect_eq(report_open_planned(path, REPORT_FORMAT_JSON, &file, &err), -rows[i].number,
                     "%s: %s", path, strerror(err.number));
        cr_expect_eq(err.number, rows[i].number);
        cr_expect_str_eq(err.origin, "--report");
        cr_expect_not_null(strstr(err.message, path), "%s", err.message);
        cr_expect(file.directory < 0 && file.direct < 0, "a descriptor is left open");
    }
}

Test(report, a_name_that_is_too_long)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char name[300];
    struct report_file file;

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    cr_expect_eq(report_open_planned(scratch_path(&scratch, name), REPORT_FORMAT_JSON, &file, NULL),
                 -ENAMETOOLONG);
}

/* As an ordinary user: root may write anywhere. */
Test(report, a_directory_without_the_right_to_write)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    int status;
    pid_t child;

    cr_assert_eq(chmod(scratch.path, 0555), 0);
    child = fork();
    if (child == 0) {
        struct report_file file;
        struct sbx_error err = {0};

        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
            _exit(100);
        if (report_open_planned(scratch_path(&scratch, "r.json"), REPORT_FORMAT_JSON, &file,
                                &err) != -EACCES)
            _exit(1);
        _exit(file.directory < 0 && strcmp(err.origin, "--report") == 0 ? 0 : 2);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    chmod(scratch.path, 0755);
    cr_expect_eq(status, 0, "%#x", (unsigned)status);
}

Test(report, a_fifo_is_written_to, .timeout = 20)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "fifo");
    _cleanup_close_ int reader = -EBADF;
    char text[4096];
    ssize_t length;
    struct stat status;

    cr_assert_eq(mkfifo(path, 0600), 0);
    reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    cr_assert_geq(reader, 0);
    cr_assert_eq(report_to(path, &exited, NULL), 0);
    length = read(reader, text, sizeof(text) - 1);
    cr_assert_gt(length, 0);
    text[length] = '\0';
    cr_expect_not_null(strstr(text, "\"outcome\": \"exited\""), "%s", text);
    cr_assert_eq(lstat(path, &status), 0);
    cr_expect(S_ISFIFO(status.st_mode), "the pipe was replaced");
}

/* Without a reader sbx neither waits nor runs a command whose report would be lost. */
Test(report, a_fifo_without_a_reader_is_told_at_once, .timeout = 20)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "fifo");
    struct report_file file;
    struct sbx_error err = {0};

    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(report_open_planned(path, REPORT_FORMAT_JSON, &file, &err), -ENXIO);
    cr_expect_str_eq(err.origin, "--report");
}

/* The message names the place, also where it was opened before the run. */
Test(report, a_full_device_is_named)
{
    struct sbx_error err = {0};

    cr_expect_eq(report_to("/dev/full", &exited, &err), -ENOSPC);
    cr_expect_not_null(strstr(err.message, "full"), "%s", err.message);
}

Test(report, a_full_descriptor_is_named)
{
    int status;
    pid_t child = fork();

    cr_assert_geq(child, 0);
    if (child == 0) {
        struct sbx_error err = {0};
        int fd = open("/dev/full", O_WRONLY);

        if (fd < 0 || dup2(fd, 1) < 0 || report_to("/dev/stdout", &exited, &err) != -ENOSPC)
            _exit(1);
        _exit(strstr(err.message, "/dev/stdout") != NULL ? 0 : 2);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0, "%#x", (unsigned)status);
}

/* The library must not end its program by a signal. */
Test(report, a_reader_that_went_away_is_an_error)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "fifo");
    int status;
    pid_t child;

    cr_assert_eq(mkfifo(path, 0600), 0);
    child = fork();
    if (child == 0) {
        int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        struct report_file file;

        signal(SIGPIPE, SIG_DFL);
        if (reader < 0 || report_open_planned(path, REPORT_FORMAT_JSON, &file, NULL) < 0)
            _exit(1);
        close(reader);
        _exit(report_write(&file, &exited, NULL) == -EPIPE ? 0 : 2);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0, "%#x", (unsigned)status);
}

/* /dev/stderr is a link to whatever descriptor 2 is; a file there is written to, and the link, or
 * what lies beside it, stays what it is. */
static int report_to_descriptor(const char *path, const char *log)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        struct report_file file;

        if (fd < 0 || dup2(fd, 2) < 0)
            _exit(1);
        if (report_open_planned(path, REPORT_FORMAT_JSON, &file, NULL) < 0)
            _exit(2);
        if (file.direct < 0)
            _exit(3); /* it would be renamed over /dev/stderr */
        _exit(report_write(&file, &exited, NULL) == 0 ? 0 : 4);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(report, standard_error_may_be_a_file)
{
    static const char *const paths[] = {"/dev/stderr", "/dev/fd/2"};

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        _cleanup_scratch_ struct scratch scratch = scratch_new();
        char *log = scratch_file(&scratch, "log", "before\n");
        const char *text;

        cr_expect_eq(report_to_descriptor(paths[i], log), 0, "%s", paths[i]);
        text = scratch_content(&scratch, log);
        cr_expect_eq(strncmp(text, "before\n", 7), 0, "%s: what was there is gone: %s", paths[i],
                     text);
        cr_expect_not_null(strstr(text, "exited"), "%s: %s", paths[i], text);
    }
}

/* ---- the lines of isolate ---- */

static char *isolate(const struct sbx_report *report)
{
    char *text = report_text(report, REPORT_FORMAT_ISOLATE);

    cr_assert_not_null(text);
    return text;
}

Test(report, isolate_has_a_line_for_each_figure)
{
    const struct sbx_report report = {.outcome = SBX_OUTCOME_EXITED,
                                      .exit_code = 0,
                                      .wall_ms = 1234,
                                      .user_ms = 1000,
                                      .system_ms = 42,
                                      .switches_voluntary = 5,
                                      .switches_forced = 6,
                                      .peak_process_kb = 7000};
    _cleanup_free_ char *text = isolate(&report);

    cr_expect_str_eq(text, "time:1.042\ntime-wall:1.234\nmax-rss:7000\ncsw-voluntary:5\n"
                           "csw-forced:6\nexitcode:0\n");
}

Test(report, isolate_tells_how_it_ended)
{
    static const struct {
        enum sbx_outcome outcome;
        int exit_code;
        int signal;
        const char *cause;
        const char *part;
    } rows[] = {
        {SBX_OUTCOME_EXITED, 3, 0, "exit", "exitcode:3\nstatus:RE\nmessage:exit\n"},
        {SBX_OUTCOME_SIGNALED, -1, 11, "signal", "exitsig:11\nstatus:SG\n"},
        {SBX_OUTCOME_TIMEOUT, -1, 0, "wall-time", "killed:1\nstatus:TO\nmessage:wall-time\n"},
        {SBX_OUTCOME_LIMIT, -1, 24, "cpu-time", "status:TO\n"},
        {SBX_OUTCOME_LIMIT, -1, 25, "file-size", "exitsig:25\nstatus:SG\n"},
        {SBX_OUTCOME_OOM, -1, 9, "memory", "cg-oom-killed:1\nexitsig:9\nkilled:1\nstatus:SG\n"},
        {SBX_OUTCOME_NOT_FOUND, -1, 0, "not-found", "status:XX\n"},
        {SBX_OUTCOME_SETUP_FAILED, -1, 0, "", "status:XX\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct sbx_report report = {
            .outcome = rows[i].outcome, .exit_code = rows[i].exit_code, .signal = rows[i].signal};
        _cleanup_free_ char *text = NULL;

        text_copy(report.cause, sizeof(report.cause), rows[i].cause);
        text = isolate(&report);
        cr_expect_not_null(strstr(text, rows[i].part), "%zu: %s", i, text);
    }
}

Test(report, isolate_keeps_a_message_on_its_line)
{
    struct sbx_report report = {.outcome = SBX_OUTCOME_SETUP_FAILED, .exit_code = -1};
    _cleanup_free_ char *text = NULL;

    text_copy(report.error.message, sizeof(report.error.message), "cannot read 'a\nstatus:OK\tb'");
    text = isolate(&report);
    cr_expect_not_null(strstr(text, "message:cannot read 'a status:OK b'\n"), "%s", text);
}

Test(report, a_limit_may_have_any_bytes_in_its_name)
{
    struct sbx_report report = {.outcome = SBX_OUTCOME_EXITED, .limit_count = 1};
    char *text;
    json_t *json;
    const json_t *limits;

    strcpy(report.limits[0].name, "tmpfs:/a\377b");
    strcpy(report.limits[0].mechanism, "tmpfs");
    report.limits[0].reached = true;
    text = report_text(&report, REPORT_FORMAT_JSON);
    cr_assert_not_null(text);
    json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    limits = json_object_get(json, "limits");
    cr_expect_str_eq(text_at(limits, "tmpfs:/a\\xffb"), "tmpfs");
    cr_expect_eq(json_array_size(json_object_get(json, "limits_reached")), 1);
    json_decref(json);
    free(text);
}
