/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "NAME\nVALUE": any bytes as the value of the option NAME, and as a value of every kind.  What is
 * accepted is written as plainly as can be and parsed again: it has to come to the same.
 */
#include "fuzz/fuzz.h"

#include "base/cpu_list.h"
#include "policy/option.h"
#include "policy/spec.h"
#include "policy/value.h"

#include <errno.h>

static const char origin[] = "--x";

static void check_option(struct arena *arena, const char *name, const char *value)
{
    static const char *const command[] = {"true", NULL};
    const struct sbx_option *option = option_by_name(name);
    struct settings settings = {0};
    struct sbx_error err = {0};
    struct sbx_error spec_err = {0};
    struct spec spec;
    int result;

    if (option == NULL)
        return;
    result = spec_check_value(arena, option, value, origin, &err);
    if (result < 0)
        check_refusal(result, &err);
    CHECK(settings_add(&settings, arena, option, value, origin, NULL) == 0);
    /* what two settings come to is not looked at before, so only this way round */
    if (spec_build(arena, &settings, command, &spec, &spec_err) < 0)
        check_refusal(-EINVAL, &spec_err);
    else
        CHECK(result == 0, "%s: %s is refused alone: %s", name, value, err.message);
}

static void check_numbers(struct arena *arena, const char *text)
{
    uint64_t number;
    uint64_t again;

    if (value_count(text, origin, 0, UINT64_MAX, &number, NULL) == 0)
        CHECK(value_count(arena_printf(arena, "%llu", (unsigned long long)number), origin, number,
                          number, &again, NULL) == 0);
    if (value_size(text, origin, &number, NULL) == 0)
        CHECK(value_size(arena_printf(arena, "%llu", (unsigned long long)number), origin, &again,
                         NULL) == 0 &&
                  again == number,
              "%s", text);
    if (value_time(text, origin, &number, NULL) == 0)
        CHECK(number > 0 &&
                  value_time(arena_printf(arena, "%llums", (unsigned long long)number), origin,
                             &again, NULL) == 0 &&
                  again == number,
              "%s", text);
    if (value_cpus(text, origin, &number, NULL) == 0)
        CHECK(number > 0 &&
                  value_cpus(arena_printf(arena, "%llu.%02llu", (unsigned long long)number / 100,
                                          (unsigned long long)number % 100),
                             origin, &again, NULL) == 0 &&
                  again == number,
              "%s", text);
}

/* @text with a backslash before each backslash and each @separator. */
static const char *escaped(struct arena *arena, const char *text, char separator)
{
    char *copy = arena_alloc(arena, 2 * strlen(text) + 1);
    char *write = copy;

    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == separator)
            *write++ = '\\';
        *write++ = *text;
    }
    return copy;
}

static void check_paths(struct arena *arena, const char *text)
{
    struct spec_mount mount = {0};
    struct spec_mount again = {0};
    const char *name;
    const char *value;

    if (value_bind(arena, text, origin, &mount, NULL) == 0) {
        const char *plain = arena_printf(
            arena, "%s:%s%s%s%s%s", escaped(arena, mount.source, ':'),
            escaped(arena, mount.target, ':'), mount.noexec || mount.optional ? ":" : "",
            mount.noexec ? "noexec" : "", mount.noexec && mount.optional ? "," : "",
            mount.optional ? "optional" : "");

        CHECK(mount.source[0] != '\0' && mount.target[0] != '\0', "%s", text);
        CHECK(value_bind(arena, plain, origin, &again, NULL) == 0, "%s: %s", text, plain);
        CHECK(strcmp(mount.source, again.source) == 0 && strcmp(mount.target, again.target) == 0 &&
                  mount.noexec == again.noexec && mount.optional == again.optional,
              "%s: %s", text, plain);
    }
    if (value_file(arena, text, origin, &mount, NULL) == 0) {
        const char *plain =
            arena_printf(arena, "%s=%s", escaped(arena, mount.target, '='), mount.source);

        CHECK(mount.source[0] != '\0' && mount.target[0] != '\0', "%s", text);
        CHECK(value_file(arena, plain, origin, &again, NULL) == 0, "%s: %s", text, plain);
        CHECK(strcmp(mount.source, again.source) == 0 && strcmp(mount.target, again.target) == 0,
              "%s: %s", text, plain);
    }
    if (value_tmpfs(arena, text, origin, &mount, NULL) == 0)
        CHECK(mount.target[0] != '\0' && mount.mode <= 07777, "%s", text);
    if (value_env(arena, text, origin, &name, &value, NULL) == 0)
        CHECK(name[0] != '\0' && strchr(name, '=') == NULL, "%s", text);
}

static void check_cpu_list(struct arena *arena, const char *text)
{
    struct cpu_list list;
    struct cpu_list again;
    const char *plain = "";

    if (cpu_list_parse(text, &list) < 0)
        return;
    for (unsigned i = 0; i < CPU_LIST_MAX && strlen(plain) < 4096; i++)
        if ((list.bits[i / 64] >> (i % 64) & 1) != 0)
            plain = arena_printf(arena, "%s%s%u", plain, plain[0] != '\0' ? "," : "", i);
    CHECK(plain[0] != '\0', "%s", text);
    CHECK(cpu_list_parse(plain, &again) == 0 && cpu_list_is_within(&again, &list), "%s: %s", text,
          plain);
    CHECK(strlen(plain) >= 4096 || cpu_list_is_within(&list, &again), "%s: %s", text, plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size};
    struct arena *arena = arena_new();
    const char *name;
    const char *value;

    CHECK(arena != NULL);
    name = input_text(&input, arena, '\n');
    value = input_text(&input, arena, '\0');
    check_option(arena, name, value);
    check_numbers(arena, value);
    check_paths(arena, value);
    check_cpu_list(arena, value);
    arena_free(arena);
    return 0;
}
