/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dictionary for libFuzzer (-dict=FILE) on standard output, made from the option table: names of
 * options, as words and as keys of a profile, and what their values are made of.
 */
#include <sbx/option.h>

#include <stdio.h>
#include <string.h>

static void put(const char *before, const char *word, size_t length, const char *after)
{
    printf("\"%s%.*s%s\"\n", before, (int)length, word, after);
}

int main(void)
{
    static const char *const words[] = {
        "noexec",   "optional", "size=",  "mode=",    "inodes=",    "unlimited",    "ms",
        "min",      "\\x5c:",   "stack=", "rttime=",  "nice=",      "remove:",      "extends:",
        "refuse:",  "match:",   "when:",  "any:",     "version: 1", "description:", "exists:",
        "missing:", "${HOME}",  "${CWD}", "~/",       "/..",        "# host: ",     "# sbx plan ",
        "\\x0a",    " - ",      "#!/",    "\\x7fELF", "0::/",       "shared:",      "master:",
    };
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        const char *choices = options[i].choices;

        put("--", options[i].name, strlen(options[i].name), "");
        put("", options[i].name, strlen(options[i].name), ": ");
        put("", options[i].section, strlen(options[i].section), ":\\x0a  ");
        for (size_t length; choices != NULL;
             choices = choices[length] == '\0' ? NULL : choices + length + 1) {
            length = strcspn(choices, "|");
            put("", choices, length, "");
        }
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        put("", words[i], strlen(words[i]), "");
    return ferror(stdout) != 0 || fflush(stdout) != 0;
}
