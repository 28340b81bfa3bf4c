/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile_expand.h"

#include "base/cleanup.h"
#include "policy/option.h"
#include "policy/profile.h"
#include "policy/value.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const char *const environment[] = {
    "HOME=/home/u", "TMPDIR=relative", "XDG_CACHE_HOME=/cache", "XDG_DATA_HOME=", "CARGO_HOME=~odd",
    "DISPLAY=:0",   "GOPATH=",         "XDG_SEATS=a,b",         "XDG_NAME=A=1",   NULL,
};
static const struct host caller = {
    .uid = 1000, .user = "u", .passwd_home = "/account", .cwd = "/w", .environment = environment};

/* What @value of --@option becomes for @who; a fault is "! message". */
static const char *expanded(struct arena *arena, const struct host *who, const char *option,
                            const char *value)
{
    struct expand_fault fault = {0};
    const char *text = NULL;
    int r = expand_value(arena, option_by_name(option), value, who, &text, &fault);

    if (r == -EINVAL) {
        cr_assert(fault.message != NULL && fault.hint != NULL, "%s", value);
        return arena_printf(arena, "! %s", fault.message);
    }
    cr_assert_eq(r, 0, "%s", value);
    return text;
}

struct expected {
    const char *option, *value, *text;
};

static void check(const struct host *who, const struct expected *cases, size_t count)
{
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < count; i++)
        cr_expect_str_eq(expanded(arena, who, cases[i].option, cases[i].value), cases[i].text,
                         "--%s %s", cases[i].option, cases[i].value);
}

#define CHECK(who, ...)                                                                            \
    check((who), (const struct expected[]){__VA_ARGS__},                                           \
          sizeof((const struct expected[]){__VA_ARGS__}) / sizeof(struct expected))

Test(profile_expand, variables)
{
    CHECK(&caller, {"hide", "${HOME}/a${UID}b", "/home/u/a1000b"}, {"hide", "${PWD}", "/w"},
          {"hide", "/home/${USER}", "/home/u"},
          /* one that is no absolute path doesn't count */
          {"hide", "${TMPDIR}/x", "/tmp/x"}, {"hide", "${XDG_CACHE_HOME}", "/cache"},
          {"hide", "${XDG_DATA_HOME}", "/home/u/.local/share"},
          {"hide", "${XDG_CONFIG_HOME}", "/home/u/.config"},
          {"hide", "${XDG_STATE_HOME}", "/home/u/.local/state"},
          {"hide", "${XDG_RUNTIME_DIR}", "/run/user/1000"},
          /* those of the caller are as they are */
          {"env", "D=${DISPLAY}", "D=:0"}, {"hide", "${XDG_SEATS}", "a,b"},
          {"hide", "${GOPATH}/x", "! the variable 'GOPATH' is not set"},
          {"hide", "${GOCACHE}", "! the variable 'GOCACHE' is not set"},
          {"hide", "${XDG_OTHER}", "! the variable 'XDG_OTHER' is not set"});
}

Test(profile_expand, defaults)
{
    CHECK(&caller, {"hide", "${GOPATH:-/go}/x", "/go/x"}, {"hide", "${GOPATH:-~/go}", "/home/u/go"},
          {"hide", "${GOPATH:-~}", "/home/u"}, {"hide", "x${GOPATH:-}y", "xy"},
          {"hide", "${DISPLAY:-none}", ":0"}, {"hide", "${GOPATH:-a:-b}", "a:-b"},
          {"env", "G=${GOPATH:-~/go}", "G=/home/u/go"}, {"hide", "${GOPATH:-$$x}", "$$x"},
          {"hide", "a${GOPATH:-~b}", "a~b"},
          {"hide", "${GOPATH:-~b}", "! only the caller's own home, '~' or '~/', is known"});
}

Test(profile_expand, a_dollar_sign_alone)
{
    CHECK(&caller, {"hide", "a$$b", "a$b"}, {"hide", "$HOME$", "$HOME$"}, {"hide", "$$$$", "$$"},
          {"hide", "$${HOME}", "${HOME}"}, {"hide", "$$${UID}", "$1000"}, {"hide", "$ $(", "$ $("});
}

Test(profile_expand, what_is_no_variable)
{
    CHECK(&caller, {"hide", "${HOME", "! '${' without its '}'"},
          {"hide", "${}", "! '${' without the name of a variable"},
          {"hide", "${HOME-x}", "! '${' without the name of a variable"},
          {"hide", "${HOME:x}", "! '${' without the name of a variable"},
          {"hide", "${PATH}", "! unknown variable 'PATH'"},
          {"hide", "${XDG_}", "! unknown variable 'XDG_'"},
          {"hide", "${SECRET:-x}", "! unknown variable 'SECRET'"});
}

Test(profile_expand, a_near_word_is_named)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    static const struct {
        const char *value, *hint;
    } cases[] = {{"${home}", "did you mean ${HOME}?"},
                 {"${XAUTORITY}", "did you mean ${XAUTHORITY}?"},
                 {"${Pwd}", "did you mean ${PWD}?"}};
    struct expand_fault fault = {0};
    const char *text;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        cr_assert_eq(
            expand_value(arena, option_by_id(OPTION_HIDE), cases[i].value, &caller, &text, &fault),
            -EINVAL);
        cr_expect_str_eq(fault.hint, cases[i].hint);
    }
}

Test(profile_expand, where_a_tilde_is_the_home)
{
    CHECK(&caller, {"hide", "~", "/home/u"}, {"hide", "~/x", "/home/u/x"}, {"hide", "./~", "./~"},
          {"hide", "a~/b", "a~/b"}, {"ro", "~:~", "/home/u:/home/u"},
          {"ro", "~/a:~/b:noexec", "/home/u/a:/home/u/b:noexec"}, {"ro", "a\\:~/b", "a\\:~/b"},
          {"tmpfs", "~/t:size=1M", "/home/u/t:size=1M"}, {"file", "~/d=~/s", "/home/u/d=/home/u/s"},
          {"file", "/d=~/s=~/t", "/d=/home/u/s=~/t"}, {"file", "/d\\=~/s=x", "/d\\=~/s=x"},
          {"cd", "~/x", "/home/u/x"}, {"report", "~", "/home/u"}, {"env", "A=~/x", "A=~/x"},
          {"env", "~", "~"}, {"name", "~", "~"},
          {"hide", "~root/x", "! only the caller's own home, '~' or '~/', is known"},
          {"hide", "~:", "! only the caller's own home, '~' or '~/', is known"},
          {"ro", "/a:~b", "! only the caller's own home, '~' or '~/', is known"},
          {"file", "/a=~=", "! only the caller's own home, '~' or '~/', is known"},
          /* what a variable stands for is no home */
          {"hide", "${CARGO_HOME}", "~odd"});
}

/* Put in for a variable, no text adds a field. */
Test(profile_expand, what_is_put_in_is_escaped)
{
    static const char *const odd[] = {"HOME=/a:b\\c=d", NULL};
    const struct host host = {.uid = 1, .cwd = "/w:x", .environment = odd};

    CHECK(&host, {"ro", "~", "/a\\:b\\\\c=d"},
          {"ro", "~/x:${PWD}:noexec", "/a\\:b\\\\c=d/x:/w\\:x:noexec"},
          {"tmpfs", "~:size=1M", "/a\\:b\\\\c=d:size=1M"},
          {"file", "~=~", "/a:b\\\\c\\=d=/a:b\\c=d"}, {"hide", "~", "/a:b\\c=d"},
          {"env", "A=${HOME}", "A=/a:b\\c=d"}, {"rw", "${XDG_X:-a:b}", "a\\:b"});
    CHECK(&caller, {"tmpfs", "/t:${XDG_SEATS}", "! what 'XDG_SEATS' stands for has a ',' in it"},
          {"ro", "/a:/b:${XDG_SEATS}", "! what 'XDG_SEATS' stands for has a ',' in it"},
          {"ro", "/${XDG_SEATS}", "/a,b"},
          {"env", "${XDG_NAME}", "! what 'XDG_NAME' stands for has a '=' in it"},
          {"env", "X=${XDG_NAME}", "X=A=1"});
}

Test(profile_expand, escapes_of_the_value_stay)
{
    CHECK(&caller, {"ro", "a\\:b\\\\:c", "a\\:b\\\\:c"}, {"ro", "\\${HOME}", "\\${HOME}"},
          {"hide", "\\${HOME}", "\\/home/u"}, {"file", "a\\=b=\\${HOME}", "a\\=b=\\/home/u"},
          {"ro", "a\\", "a\\"});
}

/* A directory that is called "*" is no pattern, wherever it comes from. */
Test(profile_expand, what_is_put_in_is_no_pattern)
{
    static const char *const odd[] = {"HOME=/h*[x]\\y?", NULL};
    const struct host host = {.uid = 1, .cwd = "/w", .environment = odd};

    CHECK(&host, {"hide", "~/a", "/h*[x]\\y?/a"}, {"hide", "~/*", "/h\\*\\[x]\\\\y\\?/*"},
          {"ro", "~/*", "/h\\\\*\\\\[x]\\\\\\\\y\\\\?/*"}, {"ro", "~/a", "/h*[x]\\\\y?/a"},
          {"file", "~=*", "/h*[x]\\\\y?=*"});
}

Test(profile_expand, which_values_are_patterns)
{
    static const struct {
        const char *option, *value;
        bool pattern;
    } cases[] = {
        {"ro", "/a*", true},          {"rw", "a?", true},           {"hide", "[ab]", true},
        {"dev-node", "/dev/*", true}, {"hide", "[*]", true},        {"ro", "/a", false},
        {"tmpfs", "/a*", false},      {"file", "/a*=/b*", false},   {"cd", "*", false},
        {"env", "A=*", false},        {"ro", "/a:/b*", false},      {"ro", "a\\:*", true},
        {"hide", "a:*", true},        {"ro", "${XDG_X:-*}", false}, {"ro", "${HOME}*", true},
        {"ro", "$${*}", true},        {"ro", "${*", false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        cr_expect_eq(expand_is_pattern(option_by_name(cases[i].option), cases[i].value),
                     cases[i].pattern, "--%s %s", cases[i].option, cases[i].value);
}

Test(profile_expand, homes_and_names_of_the_account)
{
    static const char *const none[] = {"HOME=", "PATH=/bin", NULL};
    const struct host account = {.uid = 7, .passwd_home = "/account", .environment = none};
    const struct host nobody = {.uid = 7, .cwd = "/", .environment = none};

    CHECK(&account, {"hide", "~/x", "/account/x"}, {"hide", "${HOME}", "/account"},
          {"hide", "${XDG_DATA_HOME}", "/account/.local/share"});
    CHECK(&nobody, {"hide", "~/x", "! there is no home directory"},
          {"hide", "${HOME}", "! there is no home directory"}, {"hide", "${HOME:-/x}", "/x"},
          {"hide", "${XDG_DATA_HOME}", "! there is no home directory"},
          {"hide", "${XDG_DATA_HOME:-/share}", "/share"},
          {"hide", "${GOPATH:-~/go}", "! there is no home directory"},
          {"hide", "${TMPDIR}", "/tmp"}, {"name", "${USER}", "7"});
}

/* For a check of the form alone: what some caller could have is fine. */
Test(profile_expand, any_caller)
{
    CHECK(NULL, {"hide", "~/a", "/x/a"}, {"hide", "${GOPATH}", "/x"},
          {"hide", "${GOPATH:-~/go}", "/x/go"}, {"pids", "${XDG_PIDS:-12}", "12"},
          {"hide", "${GOPATH:-}", "/x"}, {"uid", "${UID}", "1000"}, {"hostname", "${USER}", "x"},
          {"hide", "${XDG_CONFIG_HOME}", "/x/.config"}, {"hide", "${PWD}", "/x"},
          {"hide", "${XDG_RUNTIME_DIR}", "/run/user/1000"}, {"hide", "${TMPDIR}", "/tmp"},
          {"hide", "${FOO}", "! unknown variable 'FOO'"},
          {"hide", "${GOPATH:-~b}", "! only the caller's own home, '~' or '~/', is known"},
          {"hide", "~b", "! only the caller's own home, '~' or '~/', is known"});
}

Test(profile_expand, a_path_of_a_condition)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    static const char *const odd[] = {"HOME=/a:b\\c*", NULL};
    const struct host host = {.uid = 1, .cwd = "/w", .environment = odd};
    struct expand_fault fault = {0};
    const char *path;

    cr_assert_eq(expand_path(arena, "~/x:~\\y*", &host, &path, &fault), 0);
    cr_expect_str_eq(path, "/a:b\\c*/x:~\\y*");
    cr_assert_eq(expand_path(arena, "", &host, &path, &fault), 0);
    cr_expect_str_eq(path, "");
    cr_expect_eq(expand_path(arena, "~x", &host, &path, &fault), -EINVAL);
}

/* A profile is small; what it grows to is bounded too, and takes no time worth the name. */
Test(profile_expand, long_values, .timeout = 10)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    char *text = arena_alloc(arena, PROFILE_MAX_SIZE);
    char *home = arena_alloc(arena, 1 << 16);
    const char *const large[] = {home, NULL};
    const struct host host = {.uid = 1, .cwd = "/w", .environment = large};

    memset(text, 'a', PROFILE_MAX_SIZE - 1);
    cr_expect_str_eq(expanded(arena, &caller, "hide", text), text);
    memset(home, 'h', (1 << 16) - 1);
    memcpy(home, "HOME=/", 6);
    for (size_t i = 0; i < 7000; i += 7)
        memcpy(text + i, "${HOME}", 7);
    text[7000] = '\0';
    cr_expect_str_eq(expanded(arena, &host, "hide", text),
                     "! with its variables this is longer than 1 MiB");
}
