/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/account.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define ANSWER_LIMIT 65536
#define PASSWD_LIMIT (16U << 20) /* of a longer one getent(1) is asked */

/*
 * passwd(5) and group(5), as the C library's own look-up of accounts reads them.  Its functions for
 * files aren't used: fgetpwent(3) of glibc and of musl differ in which lines are entries, and who
 * the caller is must not be a question of the libc.
 */

struct field {
    const char *text; /* without a NUL at its end */
    size_t length;
};

/*
 * Take the next entry of *@data, *@size: the first @count - 1 fields end with a colon, and those
 * that are missing are empty.  No entries are empty lines, comments, and what stands for another
 * source of accounts ("+", "-", see nsswitch.conf(5)).  False where there is none.
 */
static bool next_entry(const char **data, size_t *size, struct field *fields, size_t count)
{
    while (*size > 0) {
        const char *line = *data;
        const char *newline = memchr(line, '\n', *size);
        size_t left = newline == NULL ? *size : (size_t)(newline - line);

        *data += left + (newline != NULL);
        *size -= left + (newline != NULL);
        for (; left > 0 && (*line == ' ' || *line == '\t'); left--)
            line++;
        if (left == 0 || strchr("#+-", *line) != NULL)
            continue;
        for (size_t i = 0; i < count; i++) {
            const char *colon = i + 1 < count ? memchr(line, ':', left) : NULL;
            size_t length = colon == NULL ? left : (size_t)(colon - line);

            fields[i] = (struct field){.text = line, .length = length};
            line += length + (colon != NULL);
            left -= length + (colon != NULL);
        }
        return true;
    }
    return false;
}

static bool field_is(const struct field *field, const char *text)
{
    return field->length == strlen(text) && memcmp(field->text, text, field->length) == 0;
}

/* An id: decimal digits, and not that which means none. */
static bool field_id(const struct field *field, uint32_t *ret_id)
{
    uint64_t id = 0;

    if (field->length == 0 || field->length > 10)
        return false;
    for (size_t i = 0; i < field->length; i++) {
        if (field->text[i] < '0' || field->text[i] > '9')
            return false;
        id = id * 10 + (uint64_t)(field->text[i] - '0');
    }
    *ret_id = (uint32_t)id;
    return id < UINT32_MAX;
}

/* Of the first line that has the name, or where that is NULL the uid. */
int account_in_text(struct arena *arena, const char *data, size_t size, const char *name, uid_t uid,
                    struct account *ret_account)
{
    struct field fields[7]; /* name, password, uid, gid, comment, home, shell */
    struct account account = {.local = true};

    while (next_entry(&data, &size, fields, ARRAY_SIZE(fields))) {
        if (!field_id(&fields[2], &account.uid) || !field_id(&fields[3], &account.gid) ||
            !(name != NULL ? field_is(&fields[0], name) : account.uid == uid))
            continue;
        account.name = arena_strndup(arena, fields[0].text, fields[0].length);
        account.home = arena_strndup(arena, fields[5].text, fields[5].length);
        account.shell = arena_strndup(arena, fields[6].text, fields[6].length);
        if (account.name == NULL || account.home == NULL || account.shell == NULL)
            return -ENOMEM;
        *ret_account = account;
        return 0;
    }
    return -ENOENT;
}

/* Run getent(1) with nothing of the caller's but a pipe; its pid, or a negative errno. */
static pid_t start_getent(const char *key, int output)
{
    char *const arguments[] = {(char *)"getent", (char *)"passwd", (char *)key, NULL};
    char *const environment[] = {(char *)"PATH=/usr/bin:/bin", NULL};
    const int descriptors[3] = {-1, output, -1};

    return process_spawn("/usr/bin/getent", arguments, environment, descriptors);
}

static int account_ask_getent(struct arena *arena, const char *key, const char *name, uid_t uid,
                              struct account *ret_account)
{
    char answer[ANSWER_LIMIT];
    size_t length = 0;
    ssize_t got = 1;
    int ends[2];
    pid_t child;
    int result;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    child = start_getent(key, ends[1]);
    close(ends[1]);
    while (child > 0 && length < sizeof(answer) && got != 0) {
        got = read(ends[0], answer + length, sizeof(answer) - length);
        if (got < 0 && errno != EINTR)
            break;
        length += got > 0 ? (size_t)got : 0;
    }
    close(ends[0]); /* before the wait: one that goes on talking must not be waited for */
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    /* no getent, or no answer: nobody knows */
    result = account_in_text(arena, answer, length, name, uid, ret_account);
    if (result == 0)
        ret_account->local = false;
    return result;
}

static int account_search_local(struct arena *arena, const char *name, uid_t uid,
                                struct account *ret_account)
{
    size_t size;
    char *text;
    int result = io_read_file(arena, AT_FDCWD, "/etc/passwd", PASSWD_LIMIT, &text, &size);

    return result < 0 ? result : account_in_text(arena, text, size, name, uid, ret_account);
}

static int account_find(struct arena *arena, const char *name, uid_t uid,
                        struct account *ret_account)
{
    int result = account_search_local(arena, name, uid, ret_account);
    char *key;

    if (result < 0 && result != -ENOENT) /* it may pass; where it does not, others may know */
        result = account_search_local(arena, name, uid, ret_account);
    if (result == 0 || result == -ENOMEM || result == -EMFILE || result == -ENFILE)
        return result;
    key = name != NULL ? arena_strdup(arena, name) : arena_printf(arena, "%u", uid);
    return key == NULL ? -ENOMEM : account_ask_getent(arena, key, name, uid, ret_account);
}

int account_by_uid(struct arena *arena, uid_t uid, struct account *ret_account)
{
    return account_find(arena, NULL, uid, ret_account);
}

int account_by_name(struct arena *arena, const char *name, struct account *ret_account)
{
    int result;
    char *end;
    unsigned long uid;

    if (name[0] == '\0' || name[0] == '-')
        return -ENOENT;
    result = account_find(arena, name, 0, ret_account);
    if (result != -ENOENT)
        return result;
    errno = 0;
    uid = strtoul(name, &end, 10);
    if (errno != 0 || *end != '\0' || name[0] < '0' || name[0] > '9' || uid >= UINT32_MAX)
        return -ENOENT;
    return account_find(arena, NULL, (uid_t)uid, ret_account);
}

/* group(5): name, password, gid, members. */
enum { GROUP_NAME, GROUP_GID = 2, GROUP_MEMBERS, GROUP_FIELDS };

static void read_groups(struct arena *arena, const char **ret_data, size_t *ret_size)
{
    char *text;

    *ret_size = 0;
    if (io_read_file(arena, AT_FDCWD, "/etc/group", PASSWD_LIMIT, &text, ret_size) == 0)
        *ret_data = text;
}

const char *account_group_name(struct arena *arena, gid_t gid)
{
    struct field fields[GROUP_FIELDS];
    const char *data = "";
    uint32_t id;
    size_t size;

    read_groups(arena, &data, &size);
    while (next_entry(&data, &size, fields, GROUP_FIELDS))
        if (field_id(&fields[GROUP_GID], &id) && id == gid)
            return arena_strndup(arena, fields[GROUP_NAME].text, fields[GROUP_NAME].length);
    return NULL;
}

static bool has_member(const struct field *members, const char *name)
{
    const char *end = members->text + members->length;

    for (const char *at = members->text; at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        struct field member = {.text = at, .length = (size_t)((comma == NULL ? end : comma) - at)};

        if (field_is(&member, name))
            return true;
        at += member.length + 1;
    }
    return false;
}

int account_groups(struct arena *arena, const char *name, gid_t primary, gid_t **ret_groups,
                   size_t *ret_count)
{
    struct {
        gid_t *items;
        size_t count;
        size_t capacity;
    } groups = {0};
    struct field fields[GROUP_FIELDS];
    const char *data = "";
    uint32_t id;
    size_t size;
    gid_t *slot = ARENA_PUSH(arena, &groups);

    if (slot == NULL)
        return -ENOMEM;
    *slot = primary;
    read_groups(arena, &data, &size);
    while (next_entry(&data, &size, fields, GROUP_FIELDS)) {
        if (!field_id(&fields[GROUP_GID], &id) || id == primary ||
            !has_member(&fields[GROUP_MEMBERS], name))
            continue;
        slot = ARENA_PUSH(arena, &groups);
        if (slot == NULL)
            return -ENOMEM;
        *slot = id;
    }
    *ret_groups = groups.items;
    *ret_count = groups.count;
    return 0;
}
