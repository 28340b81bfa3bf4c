/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/fs_print.h"

#include "cli/message.h"
#include "cli/text.h"
#include "cli/wrap.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COLUMN 17 /* where values begin */
#define SHOWN  12 /* submounts that are shown; the others are counted */
#define TYPES  6  /* of those, types that are told apart */

static void print_name(const char *name)
{
    printf("  %-*s", COLUMN - 2, name);
}

/* A line of plain words. */
__attribute__((format(printf, 2, 3))) static void print_line(const char *name, const char *format,
                                                             ...)
{
    char text[MESSAGE_MAX];
    char escaped[MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    message_escape(escaped, sizeof(escaped), text);
    print_name(name);
    wrap_print(escaped, COLUMN);
}

/* A hint, unless it is *@last, the one before: several questions may fail for one reason. */
static void print_hint(const char *hint, const char **last)
{
    if (hint == NULL || (*last != NULL && strcmp(hint, *last) == 0))
        return;
    print_line("", "hint: %s", hint);
    *last = hint;
}

/* A line whose value is one word, such as a path: never broken, however long. */
static void print_word(const char *name, const char *word)
{
    print_name(name);
    text_print_escaped(word);
    putchar('\n');
}

/* ------------------------------------------------------------------ the mount */

static void print_mount(const struct sbx_fs_path *path, const char **hint)
{
    print_word("mount", path->point);
    if (strcmp(path->root, "/") != 0)
        print_word("", path->root);
    print_line("type", "%s, device %s", path->type, path->device);
    if (path->source[0] != '\0' && strcmp(path->source, path->type) != 0)
        print_word("source", path->source);
    print_line("flags", "%s", path->flags);
    if (path->locked != NULL)
        print_line("locked", "%s", path->locked[0] != '\0' ? path->locked : "none");
    else
        print_line("locked", "unknown, because %s", path->locked_because);
    print_hint(path->locked_hint, hint);
    print_word("options", path->super_options);
    if (path->peer_group != 0 && path->master != 0)
        print_line("propagation", "%s (group %" PRIu64 ", master %" PRIu64 ")", path->propagation,
                   path->peer_group, path->master);
    else if (path->peer_group != 0 || path->master != 0)
        print_line("propagation", "%s (%s %" PRIu64 ")", path->propagation,
                   path->peer_group != 0 ? "group" : "master",
                   path->peer_group != 0 ? path->peer_group : path->master);
    else
        print_line("propagation", "%s", path->propagation);
}

/* ------------------------------------------------------------------ the mounts below */

static void print_submount(const struct sbx_fs_submount *submount)
{
    unsigned indent = submount->level > 8 ? 8 : submount->level;

    printf("%*s", COLUMN + 2 * ((int)indent - 1), "");
    text_print_escaped(submount->point);
    printf("  ");
    text_print_escaped(submount->type);
    printf("  %s%s\n", submount->flags, submount->covered ? "  (covered by the next)" : "");
}

/* "and 9988 more: 9900 tmpfs, 88 of other types" */
static void print_rest(const struct sbx_fs_submount *submounts, size_t count)
{
    struct {
        const char *type;
        size_t count;
    } types[TYPES] = {0};
    size_t others = 0;
    const char *separator = ": ";

    for (size_t i = 0; i < count; i++) {
        size_t k = 0;

        while (k < TYPES && types[k].count > 0 && strcmp(types[k].type, submounts[i].type) != 0)
            k++;
        if (k == TYPES) {
            others++;
            continue;
        }
        types[k].type = submounts[i].type;
        types[k].count++;
    }
    printf("%*sand %zu more", COLUMN, "", count);
    for (size_t k = 0; k < TYPES && types[k].count > 0; k++) {
        printf("%s%zu ", separator, types[k].count);
        text_print_escaped(types[k].type);
        separator = ", ";
    }
    if (others > 0)
        printf(", %zu of other types", others);
    putchar('\n');
}

static void print_submounts(const struct sbx_fs_path *path)
{
    size_t shown = path->submount_count > SHOWN + 1 ? SHOWN : path->submount_count;

    if (path->submount_count == 0) {
        print_line("submounts", "none");
        return;
    }
    print_line("submounts", "%zu", path->submount_count);
    for (size_t i = 0; i < shown; i++)
        print_submount(&path->submounts[i]);
    if (shown < path->submount_count)
        print_rest(path->submounts + shown, path->submount_count - shown);
}

/* ------------------------------------------------------------------ answers */

static void print_verdict(const char *name, const struct sbx_fs_verdict *verdict, const char **hint)
{
    static const char *const answers[] = {
        [SBX_FS_UNKNOWN] = "unknown", [SBX_FS_NO] = "no", [SBX_FS_YES] = "yes"};
    bool plain = verdict->because == NULL;

    print_line(name, "%s%s%s", answers[verdict->answer],
               plain                           ? ""
               : verdict->answer == SBX_FS_YES ? ", "
                                               : ", because ",
               plain ? "" : verdict->because);
    print_hint(verdict->hint, hint);
}

static void print_depth(const struct sbx_fs_path *path, const char **hint)
{
    if (path->depth < 0)
        print_line("depth", "unknown, because %s", path->depth_because);
    else
        print_line("depth", "%d: %s", path->depth, path->depth_because);
    print_hint(path->depth_hint, hint);
}

/* ------------------------------------------------------------------ in a sandbox */

/* Can this byte stand in a word of the shell as it is? */
static bool is_plain(char byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
           strchr("/._-+:,@%=", byte) != NULL;
}

/*
 * A word that a shell reads back as @word: as it is, in single quotes, or, where a terminal would
 * not show all of it, as $'...' of bash, zsh and ksh.
 */
static void print_shell_word(const char *word)
{
    char escaped[MESSAGE_MAX];
    bool plain = word[0] != '\0';
    bool hidden;

    message_escape(escaped, sizeof(escaped), word);
    hidden = strcmp(escaped, word) != 0;
    for (const char *byte = word; *byte != '\0'; byte++)
        plain = plain && is_plain(*byte);
    if (plain) {
        fputs(word, stdout);
        return;
    }
    fputs(hidden ? "$'" : "'", stdout);
    for (const char *byte = word; *byte != '\0'; byte++) {
        if (hidden && ((unsigned char)*byte < 0x20 || (unsigned char)*byte >= 0x7f))
            printf("\\x%02x", (unsigned)(unsigned char)*byte);
        else if (hidden && (*byte == '\'' || *byte == '\\'))
            printf("\\%c", *byte);
        else if (*byte == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*byte);
    }
    putchar('\'');
}

static void print_options(const char *name, const char *const *words)
{
    print_name(name);
    if (words == NULL)
        fputs("not by an option", stdout);
    else if (words[0] == NULL)
        fputs("by itself", stdout);
    else
        fputs("sbx run", stdout);
    for (; words != NULL && *words != NULL; words++) {
        putchar(' ');
        print_shell_word(*words);
    }
    putchar('\n');
}

void fs_print(const struct sbx_fs_path *path)
{
    const char *hint = NULL;

    text_print_escaped(path->path);
    putchar('\n');
    if (path->real != NULL && strcmp(path->real, path->path) != 0)
        print_word("leads to", path->real);
    print_mount(path, &hint);
    print_submounts(path);
    print_depth(path, &hint);
    print_verdict("overlay layer", &path->layer, &hint);
    print_verdict("id map", &path->idmap, &hint);
    print_line("in a sandbox", "%s", path->shown);
    print_options("read-only", path->read_only);
    print_options("writable", path->writable);
    if (path->explanation != NULL)
        print_line("why", "%s", path->explanation);
}
