/* SPDX-License-Identifier: Apache-2.0 */
/* Any answers of a supervisor to `sbx ps` and `sbx exec`. */
#include "run/visit.h"
#include "fuzz/shared/descriptors.h"

#include <sys/time.h>

/* Put messages into @socket: raw bytes, or one of the known sizes, of the type that is said. */
static void fill(int socket, struct input *input)
{
    static const size_t sizes[] = {
        [ANSWER_INFO] = sizeof(struct answer_info),
        [ANSWER_STARTED] = sizeof(uint32_t),
        [ANSWER_FAILED] = sizeof(struct answer_failed),
        [ANSWER_CHANGED] = sizeof(struct answer_changed),
    };

    for (unsigned i = 0; i < 16 && input->size > 0; i++) {
        union answer answer = {.type = (uint32_t)input_number(input, 1) % (ANSWER_CHANGED + 2)};
        size_t size = answer.type <= ANSWER_CHANGED ? sizes[answer.type] : 0;
        struct input rest;

        if (size == 0) {
            descriptors_send_any(socket, input);
            continue;
        }
        rest = input_part(input, size - sizeof(answer.type));
        memcpy((char *)&answer + sizeof(answer.type), rest.data, rest.size);
        (void)descriptors_send(socket, &answer, size, NULL, 0);
    }
}

static void hear(struct input *input)
{
    struct answer_info info;
    int ends[2];

    descriptors_pair(ends);
    fill(ends[1], input);
    close(ends[1]);
    for (unsigned i = 0; i < 16; i++)
        if (visit_hear(ends[0], 0, &info) == 0)
            CHECK(strlen(info.name) < sizeof(info.name) &&
                  strlen(info.profile) < sizeof(info.profile) &&
                  strlen(info.command) < sizeof(info.command));
    close(ends[0]);
}

static void exec(struct input *input)
{
    static const char *const argv[] = {"/nowhere/true", NULL};
    const struct visit_command command = {.argv = argv, .argc = 1, .directory = "/t"};
    struct sbx_error err = {0};
    struct sbx_report report;
    int ends[2];
    int result;

    descriptors_pair(ends);
    fill(ends[1], input);
    CHECK(shutdown(ends[1], SHUT_WR) == 0);
    result = visit_exec(ends[0], &command, false, &report, &err);
    CHECK(result <= 0, "%d", result);
    if (result < 0)
        CHECK(err.message[0] != '\0' && err.kind != SBX_ERROR_NONE);
    else
        CHECK(report.outcome != SBX_OUTCOME_SETUP_FAILED);
    close(ends[0]);
    close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size};
    struct descriptors before;

    descriptors_remember(&before);
    if (input_number(&input, 1) % 2 == 0)
        hear(&input);
    else
        exec(&input);
    CHECK(descriptors_close_new(&before) == 0, "a descriptor is left open");
    return 0;
}
