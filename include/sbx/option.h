/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the option table: what `sbx run` and `sbx plan` take, and what a profile may say.
 * Help, man page, completion and schema are generated from these rows.
 */
#ifndef SBX_OPTION_H
#define SBX_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a value is written; every kind has one strict parser. */
enum sbx_value_kind {
    SBX_VALUE_FLAG,     /**< no value */
    SBX_VALUE_TEXT,     /**< any text */
    SBX_VALUE_CHOICE,   /**< one of the words in `choices`, separated by '|' */
    SBX_VALUE_PATH,     /**< a path */
    SBX_VALUE_BIND,     /**< SRC[:DST[:FLAGS]] */
    SBX_VALUE_TMPFS,    /**< PATH[:size=SIZE,mode=MODE,inodes=N] */
    SBX_VALUE_FILE,     /**< DST=SRC */
    SBX_VALUE_ENV,      /**< NAME or NAME=VALUE */
    SBX_VALUE_COUNT,    /**< a whole number */
    SBX_VALUE_SIZE,     /**< bytes, with K M G */
    SBX_VALUE_TIME,     /**< a duration with ms s min h; seconds where no unit is given */
    SBX_VALUE_ID,       /**< a numeric user or group id */
    SBX_VALUE_SYSCALL,  /**< the name of a system call */
    SBX_VALUE_CPUS,     /**< a number of processors, with two decimals at most */
    SBX_VALUE_CPU_LIST, /**< processors: "0-3,5" */
    SBX_VALUE_RLIMIT,   /**< NAME=SOFT[:HARD] */
};

/** One row. All strings are constant and live as long as the program. */
struct sbx_option {
    int id;                   /**< internal */
    const char *name;         /**< long name, "rw" for --rw; also the profile's key */
    char letter;              /**< short form, or 0 */
    const char *section;      /**< heading: "filesystem", "network", ... */
    enum sbx_value_kind kind; /**< how its value is written */
    const char *value_name;   /**< placeholder in help, "SRC[:DST[:FLAGS]]"; NULL for a flag */
    const char *choices;     /**< "none|host" where the value is a choice, or may be one; or NULL */
    bool repeatable;         /**< values add up; otherwise a later one replaces an earlier */
    const char *summary;     /**< one line for --help, no full stop */
    const char *description; /**< paragraphs for the man page, plain text with full stops */
};

/** The whole table; *ret_count is its length.  Constant, never freed, safe from any thread. */
const struct sbx_option *sbx_options(size_t *ret_count);

/** The row whose name is closest to @name, for "did you mean"; NULL where none is near. */
const struct sbx_option *sbx_option_nearest(const char *name);

#ifdef __cplusplus
}
#endif
#endif
