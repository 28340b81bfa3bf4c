/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rlimit.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

Test(rlimit, accepts)
{
    static const struct {
        const char *text;
        int resource;
        uint64_t soft;
        uint64_t hard;
    } cases[] = {
        {"as=1G", RLIMIT_AS, 1U << 30, 1U << 30},
        {"data=100:200", RLIMIT_DATA, 100, 200},
        {"stack=8M:unlimited", RLIMIT_STACK, 8U << 20, RLIM_INFINITY},
        {"memlock=0", RLIMIT_MEMLOCK, 0, 0},
        {"nice=40", RLIMIT_NICE, 40, 40},
        {"rtprio=0:99", RLIMIT_RTPRIO, 0, 99},
        {"rttime=200ms", RLIMIT_RTTIME, 200000, 200000},
        {"sigpending=unlimited:unlimited", RLIMIT_SIGPENDING, RLIM_INFINITY, RLIM_INFINITY},
        {"msgqueue=8K", RLIMIT_MSGQUEUE, 8192, 8192},
    };
    struct arena *arena = arena_new();

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct spec_rlimit limit = {0};
        struct sbx_error err = {0};

        cr_expect_eq(rlimit_parse(arena, cases[i].text, "--rlimit #1", &limit, &err), 0, "%s: %s",
                     cases[i].text, err.message);
        cr_expect_eq(limit.resource, cases[i].resource, "%s", cases[i].text);
        cr_expect_eq(limit.soft, cases[i].soft, "%s", cases[i].text);
        cr_expect_eq(limit.hard, cases[i].hard, "%s", cases[i].text);
        cr_expect_str_eq(limit.origin, "--rlimit #1");
    }
    arena_free(arena);
}

Test(rlimit, refuses)
{
    static const struct {
        const char *text;
        const char *part; /* of the message or the hint */
    } cases[] = {
        {"", "NAME=SOFT"},
        {"as", "NAME=SOFT"},
        {"=1", "NAME=SOFT"},
        {"a=1", "the names are"},
        {"asx=1", "the names are"},
        {"as=", ""},
        {"as=1:", ""},
        {"as=:1", ""},
        {"as=1:2:3", ""},
        {"as=-1", ""},
        {"as=1 ", ""},
        {"as=2:1", "above its hard one"},
        {"as=unlimited:1", "above its hard one"},
        {"nice=41", ""},
        {"rtprio=100", ""},
        {"rttime=0", ""},
        {"core=1", "can't be set"},
        {"locks=1", "takes no notice"},
        {"rss=1", "takes no notice"},
        {"cpu=1", "--cpu-time"},
        {"fsize=1", "--file-size"},
        {"nofile=1", "--open-files"},
        {"nproc=1", "--pids"},
    };
    struct arena *arena = arena_new();

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct spec_rlimit limit = {.soft = 4711};
        struct sbx_error err = {0};

        cr_expect_eq(rlimit_parse(arena, cases[i].text, "here", &limit, &err), -EINVAL, "'%s'",
                     cases[i].text);
        cr_expect_str_eq(err.origin, "here");
        cr_expect_str_not_empty(err.hint, "'%s'", cases[i].text);
        cr_expect(strstr(err.message, cases[i].part) != NULL ||
                      strstr(err.hint, cases[i].part) != NULL,
                  "'%s': %s; %s", cases[i].text, err.message, err.hint);
        cr_expect_eq(limit.soft, 4711, "written only on success");
    }
    arena_free(arena);
}

Test(rlimit, every_resource_has_a_name)
{
    for (unsigned resource = 0; resource < RLIM_NLIMITS; resource++)
        cr_expect_not_null(rlimit_name(resource), "%u", resource);
    cr_expect_null(rlimit_name(RLIM_NLIMITS));
}
