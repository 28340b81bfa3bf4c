/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutations of a golden plan's head for target resolve, by what its words mean: another machine,
 * an option more or less, a value that fits its option and names what is there on the machine.
 * Bytes by themselves rarely make such a line.  What lies below the two lines is left to libFuzzer.
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "plan/case.h"

#include <sbx/option.h>

#define HOST_WORD "# host: "
#define LINE_WORD "# sbx plan "
#define MOST      8192

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* The machines' names and all paths that their files speak of, read once. */
static struct {
    struct arena *arena;
    struct host_strings hosts;
    struct host_strings paths;
} known;

static void read_known(void)
{
    known.arena = arena_new();
    CHECK(known.arena != NULL);
    case_names(known.arena, "hosts", ".host", &known.hosts);
    for (size_t i = 0; i < known.hosts.count; i++) {
        struct fixture fixture;

        fixture_read(known.arena, known.hosts.items[i], &fixture);
        for (size_t k = 0; k < fixture.facts.paths.count; k++)
            host_strings_add_new(&known.paths, known.arena, fixture.facts.paths.items[k].path);
        for (size_t k = 0; k < fixture.facts.mounts.count; k++)
            host_strings_add_new(&known.paths, known.arena, fixture.facts.mounts.items[k].point);
    }
}

static const char *one_of(const struct host_strings *strings, unsigned *seed)
{
    return strings->items[(unsigned)rand_r(seed) % strings->count];
}

static const char *a_path(struct arena *arena, unsigned *seed)
{
    static const char *const odd[] = {".", "..", "/", "../..", "/tmp", "/tmp/x/y", "/new/place"};
    const char *path = one_of(&known.paths, seed);

    switch (rand_r(seed) % 10) {
    case 0:
        return odd[(unsigned)rand_r(seed) % ARRAY_SIZE(odd)];
    case 1:
        return arena_printf(arena, "%s/..", path);
    case 2:
        return arena_printf(arena, "%s/new", path);
    case 3:
        return arena_printf(arena, "%s/./%s", path, odd[(unsigned)rand_r(seed) % ARRAY_SIZE(odd)]);
    default:
        return path;
    }
}

static const char *one_choice(struct arena *arena, const char *choices, unsigned *seed)
{
    for (;;) {
        size_t length = strcspn(choices, "|");

        if (choices[length] == '\0' || rand_r(seed) % 2 == 0)
            return arena_strndup(arena, choices, length);
        choices += length + 1;
    }
}

/* A value that @option may well take. */
static const char *a_value(struct arena *arena, const struct sbx_option *option, unsigned *seed)
{
    static const char *const flags[] = {"", ":noexec", ":optional", ":noexec,optional"};
    static const char *const sizes[] = {"0", "1", "4K", "256M", "1G", "1T"};
    static const char *const times[] = {"1", "200ms", "1.5s", "2min", "1h"};
    static const char *const texts[] = {"alice", "x", "build.example", "HOME", "PATH=/usr/bin:/x"};
    static const char *const limits[] = {"stack=8M", "nice=5:10", "as=unlimited", "rttime=1s"};
    const char *path = a_path(arena, seed);

    if (option->choices != NULL && rand_r(seed) % 4 != 0)
        return one_choice(arena, option->choices, seed);
    switch (option->kind) {
    case SBX_VALUE_BIND:
        return rand_r(seed) % 2 == 0 ? path
                                     : arena_printf(arena, "%s:%s%s", path, a_path(arena, seed),
                                                    flags[(unsigned)rand_r(seed) % 4]);
    case SBX_VALUE_FILE:
        return arena_printf(arena, "%s=%s", path, a_path(arena, seed));
    case SBX_VALUE_PATH:
    case SBX_VALUE_TMPFS:
        return path;
    case SBX_VALUE_SIZE:
        return sizes[(unsigned)rand_r(seed) % ARRAY_SIZE(sizes)];
    case SBX_VALUE_TIME:
        return times[(unsigned)rand_r(seed) % ARRAY_SIZE(times)];
    case SBX_VALUE_RLIMIT:
        return limits[(unsigned)rand_r(seed) % ARRAY_SIZE(limits)];
    case SBX_VALUE_SYSCALL:
        return rand_r(seed) % 2 == 0 ? "ptrace" : "mount";
    case SBX_VALUE_TEXT:
    case SBX_VALUE_ENV:
        return texts[(unsigned)rand_r(seed) % ARRAY_SIZE(texts)];
    case SBX_VALUE_CPU_LIST:
        return rand_r(seed) % 2 == 0 ? "0" : "0-1,3";
    default:
        return arena_printf(arena, "%u", (unsigned)rand_r(seed) % 2000);
    }
}

/* A word may hold what the file's format can't: by its octal number. */
static const char *quoted(struct arena *arena, const char *word)
{
    char *copy = arena_alloc(arena, 4 * strlen(word) + 1);
    char *write = copy;

    CHECK(copy != NULL);
    for (; *word != '\0'; word++)
        if (strchr(" \t\n\\", *word) != NULL)
            write += sprintf(write, "\\%03o", (unsigned)(unsigned char)*word);
        else
            *write++ = *word;
    return copy;
}

static const char *an_option(struct arena *arena, unsigned *seed)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);
    /* what the view is made of comes first in the table, and matters most */
    size_t most = rand_r(seed) % 2 == 0 ? 12 : count;
    const struct sbx_option *option = &options[(unsigned)rand_r(seed) % most];

    if (option->kind == SBX_VALUE_FLAG)
        return arena_printf(arena, "--%s", option->name);
    return arena_printf(arena, "--%s=%s", option->name,
                        quoted(arena, a_value(arena, option, seed)));
}

/* The words of @line with one of them changed, taken away, doubled, or put in. */
static const char *change(struct arena *arena, const char *line, unsigned *seed)
{
    const char *text = "";
    unsigned words = 0;
    unsigned at;
    unsigned how = (unsigned)rand_r(seed) % 4;

    for (const char *word = line; *word != '\0'; word += strspn(word, " "), words++)
        word += strcspn(word, " ");
    at = (unsigned)rand_r(seed) % (words + 1);
    if (at == 0 || how == 0)
        text = an_option(arena, seed);
    for (unsigned i = 1; *line != '\0'; i++) {
        size_t length = strcspn(line, " ");
        const char *word = arena_strndup(arena, line, length);
        const char *before = text[0] == '\0' ? "" : " ";

        line += length + strspn(line + length, " ");
        if (i == at && how == 1)
            continue;
        if (i == at && how == 2)
            word = an_option(arena, seed);
        if (i == at && how == 3)
            word = arena_printf(arena, "%s %s", word, word);
        text = arena_printf(arena, "%s%s%s", text, before, word);
    }
    return text;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct input input = {.data = data, .size = size};
    _cleanup_arena_ struct arena *arena = arena_new();
    const char *host;
    const char *line;
    const char *text;
    struct input rest;

    if (known.arena == NULL)
        read_known();
    host = input_text(&input, arena, '\n');
    line = input_text(&input, arena, '\n');
    rest = input;
    if (rand_r(&seed) % 4 == 0 || size > MOST || strncmp(host, HOST_WORD, strlen(HOST_WORD)) != 0 ||
        strncmp(line, LINE_WORD, strlen(LINE_WORD)) != 0)
        return LLVMFuzzerMutate(data, size, max_size);
    if (rand_r(&seed) % 8 == 0)
        host = arena_printf(arena, HOST_WORD "%s", one_of(&known.hosts, &seed));
    else
        line = arena_printf(arena, LINE_WORD "%s", change(arena, line + strlen(LINE_WORD), &seed));
    text = arena_printf(arena, "%s\n%s\n", host, line);
    if (strlen(text) + rest.size > max_size)
        return LLVMFuzzerMutate(data, size, max_size);
    memmove(data + strlen(text), rest.data, rest.size);
    memcpy(data, text, strlen(text));
    return strlen(text) + rest.size;
}
