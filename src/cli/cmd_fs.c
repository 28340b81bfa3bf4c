/* SPDX-License-Identifier: Apache-2.0 */
/* sbx fs: what paths lie on. */
#include "cli/fs_print.h"
#include "cli/message.h"
#include "cli/verb.h"

#include <sbx/fs.h>

#include <stdio.h>
#include <string.h>

#define EXIT_NOT_ALL 1 /* some path could not be looked at */
#define HINT         "write sbx fs [--json] PATH..."

/* The words of the call, options taken out; false where one is unknown, which is then *@ret_bad. */
static bool take_options(char **words, size_t *ret_count, bool *ret_json, const char **ret_bad)
{
    char **kept = words;
    bool options = true;

    *ret_count = 0;
    for (; *words != NULL; words++) {
        if (options && strcmp(*words, "--") == 0) {
            options = false;
        } else if (options && strcmp(*words, "--json") == 0) {
            *ret_json = true;
        } else if (options && (*words)[0] == '-') {
            *ret_bad = *words;
            return false;
        } else {
            kept[(*ret_count)++] = *words;
        }
    }
    return true;
}

static bool wants_help(char *const *words)
{
    for (; *words != NULL && strcmp(*words, "--") != 0; words++)
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            return true;
    return false;
}

static int print(const struct sbx_fs *fs, bool json, struct sbx_error *err)
{
    const struct sbx_fs_path *path;
    bool first = true;

    if (json)
        return sbx_fs_print_json(fs, stdout, err);
    for (size_t i = 0; (path = sbx_fs_get(fs, i)) != NULL; i++) {
        if (path->error != NULL)
            continue;
        if (!first)
            putchar('\n');
        first = false;
        fs_print(path);
    }
    return 0;
}

/* Tell of the paths that could not be looked at. Were there any? */
static bool print_errors(const struct sbx_fs *fs)
{
    const struct sbx_fs_path *path;
    bool any = false;

    for (size_t i = 0; (path = sbx_fs_get(fs, i)) != NULL; i++)
        if (path->error != NULL) {
            message_error(path->error);
            any = true;
        }
    return any;
}

int cmd_fs(const struct call *call)
{
    struct sbx_fs *fs = NULL;
    struct sbx_error err = {0};
    const char *bad = NULL;
    size_t count = 0;
    bool json = false;
    bool not_all;
    int printed;
    int code;

    if (wants_help(call->words))
        return verb_help(call, "fs");
    if (!take_options(call->words, &count, &json, &bad)) {
        message_usage(&err, "fs", HINT "; -- before a PATH that begins with a hyphen",
                      "unknown option '%s'", bad);
        return verb_failed(&err);
    }
    if (count == 0) {
        message_usage(&err, "fs", HINT, "there is no path");
        return verb_failed(&err);
    }
    if (sbx_fs_new((const char *const *)call->words, count, &fs, &err) < 0)
        return verb_failed(&err);
    printed = print(fs, json, &err);
    code = verb_flush(call);
    not_all = print_errors(fs);
    sbx_fs_free(fs);
    if (code == 0 && printed < 0)
        return verb_failed(&err);
    return code == 0 && not_all ? EXIT_NOT_ALL : code;
}
