/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor_print.h"

#include "cli/message.h"
#include "cli/wrap.h"

#include <stdio.h>
#include <string.h>

#define TITLE_COLUMN  9 /* after the state, or "note" */
#define DETAIL_COLUMN (TITLE_COLUMN + 7)

/* What is in a string may come from the host: a path, a group's name. */
static void put_wrapped(const char *text, int column)
{
    char escaped[MESSAGE_MAX];

    message_escape(escaped, sizeof(escaped), text);
    wrap_print(escaped, column);
}

static void print_detail(const char *heading, const char *text)
{
    if (text == NULL)
        return;
    printf("%*s%-*s", TITLE_COLUMN, "", DETAIL_COLUMN - TITLE_COLUMN, heading);
    put_wrapped(text, DETAIL_COLUMN);
}

/* To be copied as it is: nothing is put before its lines, and what can't be shown was written in
 * its own way already. */
static void print_file(const struct sbx_check *check)
{
    char escaped[MESSAGE_MAX];

    if (check->file == NULL || check->file_text == NULL)
        return;
    message_escape(escaped, sizeof(escaped), check->file);
    printf("\n# %s\n%s\n", escaped, check->file_text);
}

/* What no default run needs gets one line: its fix is in the JSON. */
static void print_unused(const struct sbx_check *check)
{
    char line[1024];
    const char *why = check->cause != NULL ? check->cause : check->finding;

    snprintf(line, sizeof(line), "%s%s%s", check->title, why != NULL ? ": " : "",
             why != NULL ? why : "");
    put_wrapped(line, TITLE_COLUMN);
}

static void print_check(const struct sbx_check *check)
{
    char line[1024];

    printf("%-*s", TITLE_COLUMN, sbx_check_state_name(check->state));
    if (!check->used) {
        print_unused(check);
        return;
    }
    snprintf(line, sizeof(line), "%s%s%s", check->title, check->finding != NULL ? ": " : "",
             check->finding != NULL ? check->finding : "");
    put_wrapped(line, TITLE_COLUMN);
    print_detail("cost:", check->cost);
    print_detail("cause:", check->cause);
    print_detail("fix:", check->fix);
    print_file(check);
}

static void print_checks(const struct sbx_doctor *doctor, bool used)
{
    const struct sbx_check *check;

    for (size_t i = 0; (check = sbx_doctor_get(doctor, i)) != NULL; i++)
        if (check->used == used)
            print_check(check);
}

void doctor_print(const struct sbx_doctor *doctor)
{
    const char *note;

    put_wrapped(sbx_doctor_system(doctor), 0);
    printf("\nWhat a run uses\n");
    print_checks(doctor, true);
    printf("\nWhat no default run needs\n");
    print_checks(doctor, false);
    if (sbx_doctor_note(doctor, 0) != NULL)
        putchar('\n');
    for (size_t i = 0; (note = sbx_doctor_note(doctor, i)) != NULL; i++) {
        printf("%-*s", TITLE_COLUMN, "note");
        put_wrapped(note, TITLE_COLUMN);
    }
}
