/* SPDX-License-Identifier: Apache-2.0 */
/* The few options of the verbs that take none of the option table's. */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "cli/verb.h"

/** One option that a verb takes. */
struct words_option {
    const char *name; /* "--json" */
    char letter;      /* 'C', or 0 */
    bool *flag;       /* set where it is given; or */
    int (*take)(void *context, const char *value, struct sbx_error *err); /* given each value */
    void *context;
};

/**
 * Read the options before the first other word; "--" ends them.  @options ends with a row without a
 * name.  Returns the index of the first other word; -1 where --help was asked for; or -EINVAL with
 * a usage error.
 */
int words_parse(const char *verb, char **words, const struct words_option *options,
                struct sbx_error *err);

#endif
