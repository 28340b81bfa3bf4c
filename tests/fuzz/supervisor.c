/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any messages from the child, init and the command's process to the supervisor, and what it makes
 * of them: an outcome and a report, or a failure with a message.
 */
#include "fuzz/shared/descriptors.h"
#include "run/report_text.h"

#include <jansson.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#define supervision_watch watch_inside
#define supervision_loop  loop_inside
#define supervision_kill  kill_inside
#include "run/supervision.c"
#pragma GCC diagnostic pop

enum operation { CONTROL_ANY, EXEC_ANY, FAILURE, TMPFS, CHANGED, HELLO, EXEC_FAILED, OPERATIONS };

static void send_failure(int socket, struct input *input)
{
    struct child_failure failure = {.type = CHILD_FAILURE_TYPE};
    struct input text;

    failure.step = (uint32_t)input_number(input, 1);
    failure.number = 1 + (int32_t)(input_number(input, 2) % 4095); /* an errno */
    text = input_part(input, input_number(input, 1) % (sizeof(failure.what) + 1));
    memcpy(failure.what, text.data, text.size);
    text = input_part(input, input_number(input, 1) % (sizeof(failure.reason) + 1));
    memcpy(failure.reason, text.data, text.size);
    (void)descriptors_send(socket, &failure, sizeof(failure), NULL, 0);
}

static void send_tmpfs(int socket, struct input *input)
{
    const struct child_tmpfs tmpfs = {.type = CHILD_TMPFS_TYPE,
                                      .step = (uint32_t)input_number(input, 1)};
    size_t count = input_number(input, 1) % 4;
    int fds[4];

    for (size_t i = 0; i < count; i++)
        fds[i] = descriptors_any(input, NULL, 0);
    (void)descriptors_send(socket, &tmpfs, sizeof(tmpfs), fds, count);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void send_changed(int socket, struct input *input)
{
    struct wire_changed changed = {.type = WIRE_CHANGED};

    changed.command = (uint32_t)input_number(input, 1) % 4;
    changed.change = (uint32_t)input_number(input, 1) % 6;
    changed.value = (int32_t)input_number(input, 4);
    (void)descriptors_send(socket, &changed, sizeof(changed), NULL, 0);
}

static void act(struct supervision *self, int control, int exec, struct input *input)
{
    const struct wire_hello hello = {.type = WIRE_HELLO};
    struct wire_exec_failed failed = {.type = WIRE_EXEC_FAILED};

    switch (input_number(input, 1) % OPERATIONS) {
    case CONTROL_ANY:
        descriptors_send_any(control, input);
        break;
    case EXEC_ANY:
        descriptors_send_any(exec, input);
        break;
    case FAILURE:
        send_failure(control, input);
        break;
    case TMPFS:
        send_tmpfs(control, input);
        break;
    case CHANGED:
        send_changed(control, input);
        break;
    case HELLO:
        (void)descriptors_send(exec, &hello, sizeof(hello), NULL, 0);
        break;
    default:
        failed.stage = (uint32_t)input_number(input, 1);
        failed.number = 1 + (int32_t)(input_number(input, 2) % 4095);
        failed.detail = (uint32_t)input_number(input, 1);
        (void)descriptors_send(exec, &failed, sizeof(failed), NULL, 0);
        break;
    }
    on_control(self);
    on_exec(self);
}

static void finish(struct supervision *self, int status)
{
    struct sbx_error err = {0};
    int result;

    fullness_end(&self->fullness, self->plan, self->report);
    result = judge(self->plan, &self->cgroup, &self->ending, status, self->report, &err);
    CHECK(result <= 0 && (result == 0 || err.message[0] != '\0'), "%d: %s", result, err.message);
    CHECK(result < 0 || self->report->outcome != SBX_OUTCOME_SETUP_FAILED);
    for (int format = REPORT_FORMAT_JSON; format <= REPORT_FORMAT_ISOLATE; format++) {
        char *text = report_text(self->report, (enum report_format)format);
        json_t *json;

        CHECK(text != NULL);
        json = format == REPORT_FORMAT_JSON ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
        CHECK(json != NULL || format != REPORT_FORMAT_JSON, "%s", text);
        json_decref(json);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const argv[] = {"/nowhere/true", NULL};
    static struct step steps[STEP_KIND_COUNT];
    static const struct host_mounts no_mounts;
    const struct plan plan = {.steps = {.items = steps, .count = STEP_KIND_COUNT},
                              .argv = argv,
                              .argc = 1,
                              .host_mounts = &no_mounts};
    static struct supervision self;
    struct input input = {.data = data, .size = size};
    struct descriptors before;
    const int on = 1; /* as launch_start() does */
    struct sbx_report report;
    int control[2];
    int exec[2];

    for (int kind = 0; kind < STEP_KIND_COUNT; kind++)
        steps[kind] = (struct step){
            .kind = (enum step_kind)kind, .origin = "--x", .source = "/s", .target = "/t\xff\n"};
    descriptors_remember(&before);
    descriptors_pair(control);
    descriptors_pair(exec);
    CHECK(setsockopt(exec[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
    self = (struct supervision){.plan = &plan,
                                .cgroup = CGROUP_RUN_NONE,
                                .refusals.events = -EBADF,
                                .master = -EBADF,
                                .first = {.first = true},
                                .report = &report,
                                .terminal.fd = -EBADF};
    self.launch = (struct launch){.pid = -1, .pidfd = -1, .control = control[0], .exec = exec[0]};
    tally_begin(&plan, &report);
    CHECK(attestation_open(&plan, &self.attestation, NULL) == 0);
    CHECK(attestation_prepare(&self.attestation, NULL) == 0);
    CHECK(service_open(&plan, &self.service, NULL) == 0);
    while (input.size > 1)
        act(&self, control[1], exec[1], &input);
    finish(&self, (int)input_number(&input, 1));
    service_close(&self.service);
    refusals_close(&self.refusals);
    attestation_close(&self.attestation);
    cleanup_close(&self.master);
    for (int i = 0; i < 2; i++) {
        close(control[i]);
        close(exec[i]);
    }
    CHECK(descriptors_close_new(&before) == 0, "a descriptor is left open");
    return 0;
}
