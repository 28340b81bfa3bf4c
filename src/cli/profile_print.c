/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile_print.h"

#include "cli/message.h"
#include "cli/text.h"

#include <stdio.h>
#include <string.h>

static void put_padded(const char *text, int width)
{
    text_print_escaped(text);
    printf("%*s", width > text_width(text) ? width - text_width(text) : 0, "");
}

void profile_print_list(const struct sbx_profile_list *list, bool names)
{
    const struct sbx_profile_entry *entry;
    int width = 0;

    for (size_t i = 0; (entry = sbx_profile_list_get(list, i)) != NULL; i++)
        if (text_width(entry->name) > width)
            width = text_width(entry->name);
    for (size_t i = 0; (entry = sbx_profile_list_get(list, i)) != NULL; i++) {
        if (names) {
            puts(entry->name);
            continue;
        }
        put_padded(entry->name, width + 2);
        printf("%-8s ", entry->source);
        if (entry->problem != NULL) {
            printf("WRONG: ");
            text_print_escaped(entry->problem);
        } else {
            text_print_escaped(entry->description[0] != '\0' ? entry->description
                                                             : "(no description)");
        }
        if (entry->matches[0] != '\0') {
            printf("  [");
            text_print_escaped(entry->matches);
            putchar(']');
        }
        putchar('\n');
    }
}

static void put_setting(const struct sbx_profile_setting *setting)
{
    printf("%s.%s", setting->option->section, setting->option->name);
    if (setting->option->kind != SBX_VALUE_FLAG) {
        putchar(' ');
        text_print_escaped(setting->value);
    }
}

static int setting_width(const struct sbx_profile_setting *setting)
{
    char escaped[MESSAGE_MAX];

    message_escape(escaped, sizeof(escaped), setting->value);
    return (int)strlen(setting->option->section) + (int)strlen(setting->option->name) + 2 +
           text_width(escaped);
}

void profile_print(const struct sbx_profile *profile)
{
    struct sbx_profile_setting setting;
    const char *layer;
    int width = 0;

    printf("profile      %s\n", sbx_profile_name(profile));
    if (sbx_profile_description(profile)[0] != '\0') {
        printf("description  ");
        text_print_escaped(sbx_profile_description(profile));
        putchar('\n');
    }
    for (size_t i = 0; (layer = sbx_profile_layer(profile, i)) != NULL; i++) {
        printf("%s  ", i == 0 ? "made of    " : "           ");
        text_print_escaped(layer);
        putchar('\n');
    }
    putchar('\n');
    for (size_t i = 0; sbx_profile_get(profile, i, &setting); i++)
        if (setting_width(&setting) > width && setting_width(&setting) <= 60)
            width = setting_width(&setting);
    for (size_t i = 0; sbx_profile_get(profile, i, &setting); i++) {
        int used = setting_width(&setting);

        put_setting(&setting);
        printf("%*s  [", width > used ? width - used : 0, "");
        text_print_escaped(setting.origin);
        printf("]\n");
    }
    if (!sbx_profile_get(profile, 0, &setting))
        puts("(nothing beyond the built-in default view)");
}

void profile_print_choice(const struct sbx_profile *profile)
{
    printf("%s", sbx_profile_name(profile));
    if (sbx_profile_path(profile)[0] != '\0') {
        putchar(' ');
        text_print_escaped(sbx_profile_path(profile));
    }
    printf(" (");
    text_print_escaped(sbx_profile_reason(profile));
    printf(")\n");
}

void profile_print_checked(const char *path)
{
    text_print_escaped(path);
    puts(": correct");
}

static bool has(const struct sbx_profile *profile, const struct sbx_profile_setting *wanted)
{
    struct sbx_profile_setting setting;

    for (size_t i = 0; sbx_profile_get(profile, i, &setting); i++)
        if (setting.option == wanted->option && strcmp(setting.value, wanted->value) == 0)
            return true;
    return false;
}

static bool print_missing(const char *mark, const struct sbx_profile *from,
                          const struct sbx_profile *in)
{
    struct sbx_profile_setting setting;
    bool found = false;

    for (size_t i = 0; sbx_profile_get(from, i, &setting); i++) {
        if (has(in, &setting))
            continue;
        found = true;
        fputs(mark, stdout);
        put_setting(&setting);
        printf("  [");
        text_print_escaped(setting.origin);
        printf("]\n");
    }
    return found;
}

bool profile_print_diff(const struct sbx_profile *left, const struct sbx_profile *right)
{
    bool removed = print_missing("- ", left, right);
    bool added = print_missing("+ ", right, left);

    return removed || added;
}
