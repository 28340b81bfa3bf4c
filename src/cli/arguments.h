/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of `sbx run` and `sbx plan`, read by the option table.
 *
 * Options come first; the first other word, or the first word after "--", is the command, and all
 * that follows belongs to it.  Long names are written in full.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <sbx/error.h>
#include <sbx/option.h>
#include <stdbool.h>
#include <stddef.h>

#define ARGUMENT_ORIGIN 48

/** One option as it was given. */
struct argument {
    const struct sbx_option *option;
    const char *value;            /* points into argv; "" for a flag */
    char origin[ARGUMENT_ORIGIN]; /* "--rw #2", "--time" */
};

/** Words that a verb takes besides the table's options. */
enum arguments_flags {
    ARGUMENTS_JSON = 1, /* --json */
};

struct arguments {
    struct argument *items;
    size_t count;
    size_t capacity;
    unsigned words; /* options given so far, for "option 3" */
    bool help;      /* --help or -h: nothing after it was looked at */
    bool json;
    char *const
        *command; /* the rest of argv; its first element is NULL where there is no command */
};

/**
 * Read @words (argv after the verb, NULL-terminated) of `sbx @verb`.  @flags says what the verb
 * takes besides the table's options.  Returns 0, -EINVAL with a usage error, -ENOMEM.
 * *@ret_arguments points into @words; free it with arguments_free().
 */
int arguments_parse(const char *verb, char *const *words, unsigned flags,
                    struct arguments *ret_arguments, struct sbx_error *err);

void arguments_free(struct arguments *arguments);
#define _cleanup_arguments_ __attribute__((cleanup(arguments_free)))

#endif
