/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the head of a program: which interpreter is believed to be named there.
 */
#include "fuzz/fuzz.h"

#include "kernel/host_internal.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#define host_command_probe host_command_probe_inside
int host_command_probe_inside(struct arena *arena, const struct host_request *request,
                              struct host *host);
#include "kernel/host_command.c"
#undef host_command_probe
#pragma GCC diagnostic pop

/* @part is in @head, as it is. */
static bool is_in(const char *head, size_t size, const char *part)
{
    return part[0] == '\0' || memmem(head, size, part, strlen(part)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    size_t length = size < HEAD_SIZE ? size : HEAD_SIZE;
    char *head = malloc(length + 1);
    const char *name;

    CHECK(arena != NULL && head != NULL);
    if (length > 0)
        memcpy(head, data, length);
    head = realloc(head, length > 0 ? length : 1); /* what lies behind it is not to be read */
    CHECK(head != NULL);
    if (length >= 2 && head[0] == '#' && head[1] == '!') {
        name = script_interpreter(arena, head, length);
        if (name != NULL)
            CHECK(is_in(head, length < SCRIPT_HEAD ? length : SCRIPT_HEAD, name) &&
                      strpbrk(name, " \t\n") == NULL,
                  "%s", name);
    }
    name = elf_interpreter(arena, head, length);
    if (name != NULL)
        CHECK(is_in(head, length, name), "%s", name);
    free(head);
    arena_free(arena);
    return 0;
}
