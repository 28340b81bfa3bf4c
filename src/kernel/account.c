/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/account.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define ANSWER_LIMIT 65536
#define PASSWD_LIMIT (16U << 20) /* of a longer one getent(1) is asked */

static int account_copy(struct arena *arena, const struct passwd *entry,
                        struct account *ret_account)
{
    struct account account = {
        .name = arena_strdup(arena, entry->pw_name),
        .uid = entry->pw_uid,
        .gid = entry->pw_gid,
        .home = arena_strdup(arena, entry->pw_dir != NULL ? entry->pw_dir : ""),
        .shell = arena_strdup(arena, entry->pw_shell != NULL ? entry->pw_shell : ""),
        .local = true,
    };

    if (account.name == NULL || account.home == NULL || account.shell == NULL)
        return -ENOMEM;
    *ret_account = account;
    return 0;
}

/* Find the first line of a passwd(5) stream that has the name, or where that is NULL the uid. */
static int account_search(struct arena *arena, FILE *stream, const char *name, uid_t uid,
                          struct account *ret_account)
{
    struct passwd *entry;

    while ((entry = fgetpwent(stream)) != NULL) {
        if (entry->pw_name == NULL)
            continue;
        if (name != NULL ? strcmp(entry->pw_name, name) == 0 : entry->pw_uid == uid)
            return account_copy(arena, entry, ret_account);
    }
    return -ENOENT;
}

/* Narrow *@data, *@size down to what begins with the first line that has @wanted in it. */
static void skip_lines(const char **data, size_t *size, const char *wanted)
{
    const char *end = *data + *size;
    const char *found = memmem(*data, *size, wanted, strlen(wanted));

    while (found != NULL && found > *data && found[-1] != '\n')
        found--;
    *data = found == NULL ? end : found;
    *size = (size_t)(end - *data);
}

int account_in_text(struct arena *arena, const char *data, size_t size, const char *name, uid_t uid,
                    struct account *ret_account)
{
    _cleanup_fclose_ FILE *stream = NULL;
    char number[16];

    /* libc takes its time for each line, and most are of others */
    snprintf(number, sizeof(number), ":%u", uid);
    skip_lines(&data, &size, name != NULL ? name : number);
    if (size == 0)
        return -ENOENT;
    stream = fmemopen((char *)data, size, "r");
    return stream == NULL ? -ENOMEM : account_search(arena, stream, name, uid, ret_account);
}

/* Run getent(1) with nothing of the caller's but a pipe; its pid, or a negative errno. */
static pid_t start_getent(const char *key, int output)
{
    char *const arguments[] = {(char *)"getent", (char *)"passwd", (char *)key, NULL};
    char *const environment[] = {(char *)"PATH=/usr/bin:/bin", NULL};
    const int descriptors[3] = {-1, output, -1};

    return process_spawn("/usr/bin/getent", arguments, environment, descriptors);
}

/* Its answer is read into memory first: fgetpwent(3) wants a stream that it can seek in. */
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

/* The file whole, for fgetpwent(3) asks a file for its place with each line. */
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

const char *account_group_name(struct arena *arena, gid_t gid)
{
    _cleanup_fclose_ FILE *stream = fopen("/etc/group", "re");
    struct group *entry;

    while (stream != NULL && (entry = fgetgrent(stream)) != NULL)
        if (entry->gr_gid == gid && entry->gr_name != NULL)
            return arena_strdup(arena, entry->gr_name);
    return NULL;
}

int account_groups(struct arena *arena, const char *name, gid_t primary, gid_t **ret_groups,
                   size_t *ret_count)
{
    _cleanup_fclose_ FILE *stream = fopen("/etc/group", "re");
    struct {
        gid_t *items;
        size_t count;
        size_t capacity;
    } groups = {0};
    struct group *entry;
    gid_t *slot = ARENA_PUSH(arena, &groups);

    if (slot == NULL)
        return -ENOMEM;
    *slot = primary;
    while (stream != NULL && (entry = fgetgrent(stream)) != NULL) {
        for (char **member = entry->gr_mem; member != NULL && *member != NULL; member++) {
            if (strcmp(*member, name) != 0 || entry->gr_gid == primary)
                continue;
            slot = ARENA_PUSH(arena, &groups);
            if (slot == NULL)
                return -ENOMEM;
            *slot = entry->gr_gid;
        }
    }
    *ret_groups = groups.items;
    *ret_count = groups.count;
    return 0;
}
