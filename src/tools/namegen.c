/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namegen: print builtin_names.c, the tables that musl/names.h declares, on standard output.
 * Exit code 1 on an error.
 *
 * A host tool of the build: it is not installed.  It asks the libc that it is linked with, glibc.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ERRORS_END 134 /* EHWPOISON, the last that Linux has, and one */

static void print_name(const char *name, const char *description)
{
    if (name == NULL || description == NULL)
        printf("    {NULL, NULL},\n");
    else
        printf("    {\"%s\", \"%s\"},\n", name, description);
}

int main(void)
{
    printf("/* Made by namegen: don't change it by hand. */\n"
           "#include \"musl/names.h\"\n\n"
           "const struct musl_name musl_errors[] = {\n");
    for (int number = 0; number < ERRORS_END; number++)
        print_name(strerrorname_np(number), strerrordesc_np(number));
    printf("};\nconst size_t musl_error_count = %d;\n\n"
           "const struct musl_name musl_signals[] = {\n",
           ERRORS_END);
    for (int signal = 0; signal < SIGSYS + 1; signal++)
        print_name(sigabbrev_np(signal), sigdescr_np(signal));
    printf("};\nconst size_t musl_signal_count = %d;\n", SIGSYS + 1);
    return fflush(stdout) == 0 ? 0 : 1;
}
