/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docgen: print what manual pages say of the options, from the option table.
 *
 *     docgen man                the options alone, as scdoc(5) text, on standard output
 *     docgen man PAGE.scd.in    the page, with its line "@OPTIONS@" replaced by the options, and
 *                               "@KEYS@" by the sections and keys of a profile
 *
 * A host tool of the build: it needs the option table only, and is not installed.  It ends with 1
 * and a message where the page can't be read, has no such line, or the output can't be written.
 */
#include <sbx/option.h>

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 96

/* Print one byte so that scdoc takes it for itself. */
static int put_escaped(char byte)
{
    /* Markup anywhere, and what would start a list, heading, table, comment or line break. */
    if (strchr("\\*_#-+`[]|:;<>.~", byte) != NULL) {
        putchar('\\');
        putchar(byte);
        return 2;
    }
    putchar(byte);
    return 1;
}

static void put_text(const char *text)
{
    for (; *text != '\0'; text++)
        put_escaped(*text);
}

/* Print the paragraphs of @text one tab in, wrapped between words. */
static void put_paragraphs(const char *text)
{
    int column = 0;

    putchar('\t');
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");

        if (column > 0 && column + 1 + (int)length > WIDTH) {
            printf("\n\t");
            column = 0;
        } else if (column > 0) {
            putchar(' ');
            column++;
        }
        for (size_t i = 0; i < length; i++)
            column += put_escaped(text[i]);
        text += length;
        if (text[0] == '\n' && text[1] == '\n') {
            printf("\n\n\t");
            column = 0;
        }
        text += strspn(text, " \n");
    }
    printf("\n\n");
}

static void put_option(const struct sbx_option *option)
{
    if (option->letter != 0)
        printf("*-%c*, ", option->letter);
    printf("*--");
    put_text(option->name);
    putchar('*');
    if (option->choices != NULL && strcmp(option->choices, option->value_name) == 0) {
        printf(" *");
        put_text(option->choices);
        putchar('*');
    } else if (option->value_name != NULL) {
        printf(" _");
        put_text(option->value_name);
        putchar('_');
    }
    printf("\n\n");
    put_paragraphs(option->description);
    if (option->repeatable)
        put_paragraphs("Can be given more than once.");
}

static void put_options(void)
{
    const char *section = "";
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(section, options[i].section) != 0) {
            section = options[i].section;
            printf("## %s\n\n", section);
        }
        put_option(&options[i]);
    }
}

/* Has it a path of the host that may be missing? */
static bool can_be_optional(const struct sbx_option *option)
{
    return option->kind == SBX_VALUE_BIND || option->kind == SBX_VALUE_FILE ||
           (option->kind == SBX_VALUE_PATH && option->repeatable);
}

/* One key of a profile: how it is written, and in short what it does. */
static void put_key(const struct sbx_option *option)
{
    char text[512];

    putchar('*');
    put_text(option->name);
    printf("* _");
    put_text(option->kind == SBX_VALUE_FLAG ? "true|false" : option->value_name);
    printf("_\n\n");
    snprintf(text, sizeof(text), "%c%s.%s%s%s", toupper((unsigned char)option->summary[0]),
             option->summary + 1, option->repeatable ? " A list." : "",
             can_be_optional(option) ? " May be optional." : "",
             can_be_optional(option) && option->kind != SBX_VALUE_FILE ? " May be a pattern." : "");
    put_paragraphs(text);
}

static void put_keys(void)
{
    const char *section = "";
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        /* a profile can't choose a profile */
        if (strcmp(options[i].name, "profile") == 0)
            continue;
        if (strcmp(section, options[i].section) != 0) {
            section = options[i].section;
            printf("## %s\n\n", section);
        }
        put_key(&options[i]);
    }
}

/* What a line of a page stands for. */
static const struct {
    const char *line;
    void (*put)(void);
} placeholders[] = {{"@OPTIONS@\n", put_options}, {"@KEYS@\n", put_keys}};

/* Was @line one of these? */
static bool put_placeholder(const char *line)
{
    for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++) {
        if (strcmp(line, placeholders[i].line) != 0)
            continue;
        placeholders[i].put();
        return true;
    }
    return false;
}

static int put_page(const char *path)
{
    FILE *page = fopen(path, "re");
    bool replaced = false;
    char *line = NULL;
    size_t size = 0;

    if (page == NULL) {
        fprintf(stderr, "docgen: %s: %s\n", path, strerror(errno));
        return 1;
    }
    while (getline(&line, &size, page) >= 0) {
        if (put_placeholder(line))
            replaced = true;
        else
            fputs(line, stdout);
    }
    if (ferror(page))
        fprintf(stderr, "docgen: %s: can't be read\n", path);
    else if (!replaced)
        fprintf(stderr, "docgen: %s: no line @OPTIONS@ or @KEYS@\n", path);
    replaced = replaced && !ferror(page);
    free(line);
    fclose(page);
    return replaced ? 0 : 1;
}

int main(int argc, char **argv)
{
    int code = 0;

    if (argc < 2 || argc > 3 || strcmp(argv[1], "man") != 0) {
        fprintf(stderr, "usage: docgen man [PAGE.scd.in]\n");
        return 1;
    }
    if (argc == 3)
        code = put_page(argv[2]);
    else
        put_options();
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "docgen: the output could not be written\n");
        code = 1;
    }
    return code;
}
