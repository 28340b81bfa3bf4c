/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/apparmor.h"

#include <string.h>

#define USUAL_PROGRAM "/usr/bin/sbx"

/* @path between double quotes.  What is special in a pattern or in a quoted string stands behind a
 * backslash, and so does, in octal, what would end the line. */
static const char *quote(struct arena *arena, const char *path)
{
    char *quoted = arena_alloc(arena, 4 * strlen(path) + 3);
    char *write = quoted;

    if (quoted == NULL)
        return NULL;
    *write++ = '"';
    for (const unsigned char *read = (const unsigned char *)path; *read != '\0'; read++) {
        if (*read < 0x20 || *read == 0x7f) {
            *write++ = '\\';
            *write++ = (char)('0' + (*read >> 6));
            *write++ = (char)('0' + (*read >> 3 & 7));
            *write++ = (char)('0' + (*read & 7));
            continue;
        }
        if (strchr("\\\"*?[]{}^,@", *read) != NULL)
            *write++ = '\\';
        *write++ = (char)*read;
    }
    *write = '"';
    return quoted;
}

const char *apparmor_profile(struct arena *arena, const char *program)
{
    const char *path = quote(arena, program != NULL ? program : USUAL_PROGRAM);

    if (path == NULL)
        return NULL;
    return arena_printf(arena,
                        "%s"
                        "abi <abi/4.0>,\n"
                        "include <tunables/global>\n"
                        "\n"
                        "profile sbx %s flags=(unconfined) {\n"
                        "  userns,\n"
                        "\n"
                        "  include if exists <local/sbx>\n"
                        "}\n",
                        program != NULL ? "" : "# Put in where sbx is: that could not be told.\n",
                        path);
}
