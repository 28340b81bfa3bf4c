/* SPDX-License-Identifier: Apache-2.0 */
/* What profile_read() says of what is wrong, and where. */
#include "unit/profile_trial.h"

#include "base/cleanup.h"

Test(profile_wrong, bytes)
{
    static const struct wrong cases[] = {
        {"", "0:0: the file is empty\n"},
        {"# only\n\n   # comments\n", "0:0: the file is empty\n"},
        {"\xef\xbb\xbf", "0:0: the file is empty\n"},
        {HEAD "# \xff\n", "2:3: this is not UTF-8\n"},
        {HEAD "# ü\xc3\n", "2:4: this is not UTF-8\n"},
        {HEAD "# \xc0\xaf\n", "2:3: this is not UTF-8\n"},
        {HEAD "# \xe0\x80\xaf\n", "2:3: this is not UTF-8\n"},
        {HEAD "# \xed\xa0\x80\n", "2:3: this is not UTF-8\n"},
        {HEAD "# \xf4\x90\x80\x80\n", "2:3: this is not UTF-8\n"},
        {HEAD "# \xf0\x9f\x98\x80 \xf0\x9f\x98", "2:5: this is not UTF-8\n"},
        {"\xff\xfes", "1:1: this is not UTF-8\n"},
        {HEAD "# \xc2\x85 rw: /\n", "2:3: an invisible line separator\n"},
        {HEAD "# \xe2\x80\xa8 rw: /\n", "2:3: an invisible line separator\n"},
        {HEAD "# \xe2\x80\xa9 rw: /\n", "2:3: an invisible line separator\n"},
        {HEAD "\xef\xbb\xbfrw: /\n", "2:1: an invisible character\n"},
        {"sbx: 1\rrw: /\r", "1:7: a carriage return within a line\n"},
        {HEAD "# \033[0m\n", "2:3: a control character\n"},
        {HEAD "# \x7f\n", "2:3: a control character\n"},
        {HEAD "# \xc2\x9b\n", "2:3: a control character\n"},
        {FS "  rw: \"a\\0b\"\n", "3:7: a NUL in this text\n"},
    };
    struct trial trial;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(cases[i].text, cases[i].problems);
    read_bytes(&trial, "x", "sbx\0: 1", 7);
    cr_expect_str_eq(told(&trial), "1:4: a NUL byte\n");
    arena_free(trial.arena);
}

Test(profile_wrong, syntax)
{
    static const struct wrong cases[] = {
        {FS "\trw: .\n", "3:1: a tab can't indent\n"},
        {FS "  rw:\n  \t- a\n", "4:3: a tab can't indent\n"},
        {FS "  rw: @x\n", "3:7: text can't begin with '@'\n"},
        {FS "  rw: `x\n", "3:7: text can't begin with '`'\n"},
        {FS "  rw: %x\n", "3:7: text can't begin with '%'\n"},
        {FS "  hide: *.key\n", "3:9: text can't begin with '*'\n"},
        {FS "  hide: [a, *.key]\n", "3:13: text can't begin with '*'\n"},
        {FS "  hide: &.key\n", "3:9: text can't begin with '&'\n"},
        {FS "  hide: !<x\n", "3:9: text can't begin with '!'\n"},
        {FS "  hide: \"a\n  rw: b\n", "3:9: this quote is not closed\n"},
        {FS "  hide: 'a\n  rw: b\n", "3:9: this quote is not closed\n"},
        {FS "  hide: 'a\n---\n", "3:9: this quote is not closed\n"},
        {FS "  hide: 'a' b\n", "3:13: there is text behind the closing quote\n"},
        {FS "  hide: [ab]c\n", "3:13: there is text behind the closing bracket\n"},
        {FS "  hide:\n   - [ab]c\n", "4:10: there is text behind the closing bracket\n"},
        {FS "  hide: [a, b\n", "3:9: this bracket is not closed by ']'\n"},
        {FS "  hide: {path: b\n", "3:9: this bracket is not closed by '}'\n"},
        {FS "  hide: [a, b\n  rw: c\n", "4:5: a comma or ']' is missing before this\n"},
        {FS "  hide: { path: ${HOME}/x }\n", "3:18: a comma or '}' is missing before this\n"},
        {FS "  hide: - a\n", "3:9: a list can't begin here\n"},
        {FS "  rw: .\n  hide\n", "4:3: this key has no colon\n"},
        {FS "  hide\n  rw: b\n", "4:5: a colon is not expected here\n"},
        {"sbx:1\nextends: a\n", "2:8: a colon is not expected here\n"},
        {HEAD "description: a: b\n", "2:15: a colon is not expected here\n"},
        {FS "  rw: a\n   ro: b\n", "4:6: a colon is not expected here\n"},
        {FS "  rw: a\n ro: b\n", "4:2: this does not belong to what is above it\n"},
        {" sbx: 1\nextends: a\n", "2:1: this does not belong to what is above it\n"},
        {FS "  - a\n  rw: b\n", "4:3: this does not belong to the list above it\n"},
        {FS "  rw: \"a\\q\"\n", "3:9: there is no such escape in double quotes\n"},
        {FS "  rw: |x\n", "3:8: this is not how a block of text begins\n"},
        {FS "  rw: [ |x ]\n", "3:9: a block of text can't stand in brackets\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(cases[i].text, cases[i].problems);
}

Test(profile_wrong, what_yaml_has_and_profiles_have_not)
{
    static const struct wrong cases[] = {
        {FS "  rw: &a /x\n  ro: *a\n  tmpfs: !t /y\n",
         "3:7: an anchor (&) is not taken in a profile\n"
         "4:7: an alias (*) is not taken in a profile\n"
         "5:10: a tag (!) is not taken in a profile\n"},
        {FS "  rw: !!str /x\n", "3:7: a tag (!) is not taken in a profile\n"},
        {FS "  rw: !<tag:x> /x\n", "3:7: a tag (!) is not taken in a profile\n"},
        {"--- &a\nsbx: 1\n", "1:5: an anchor (&) is not taken in a profile\n"},
        {HEAD "filesystem: !!map\n  rx: .\n",
         "2:13: a tag (!) is not taken in a profile\n3:3: unknown key 'rx'\n"},
        {HEAD "a: &a [*a]\n", "2:4: an anchor (&) is not taken in a profile\n"
                              "2:8: an alias (*) is not taken in a profile\n"},
        {"a: &a b\nc: &a d\n", "1:4: an anchor (&) is not taken in a profile\n"
                               "2:4: an anchor (&) is not taken in a profile\n"},
        {"%YAML 1.1\n---\nsbx: 1\n", "1:1: a directive (%) is not taken in a profile\n"},
        {"# a\n\n%TAG ! x\n---\n" HEAD, "3:1: a directive (%) is not taken in a profile\n"},
        {"%FOO\n---\nsbx: 1\n", "1:1: a directive (%) is not taken in a profile\n"},
        {HEAD "...\n%TAG ! x\n---\n", "3:1: a directive (%) is not taken in a profile\n"},
        {HEAD "%TAG ! x\n---\n", "2:1: a directive (%) is not taken in a profile\n"},
        {HEAD "---\nsbx: 2\n", "2:1: a second document begins here\n"},
        {HEAD "...\n# a\n---\n", "4:1: a second document begins here\n"},
        {HEAD "rw: .\n--- [\n", "2:1: 'rw' has to stand in its section\n"
                                "3:1: a second document begins here\n"},
        {HEAD "...\nrw: .\n", "3:1: this does not belong to what is above it\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(cases[i].text, cases[i].problems);
}

Test(profile_wrong, keys)
{
    static const struct wrong cases[] = {
        {"- sbx\n", "1:1: a profile is a mapping of keys\n"},
        {"sbx\n", "1:1: a profile is a mapping of keys\n"},
        {"description: a\n", "1:1: the key 'sbx' is missing\n"},
        {"# a\n\n{}\n", "3:1: the key 'sbx' is missing\n"},
        {"sbx: 2\n", "1:6: version '2' of the format is not known\n"},
        {"sbx: 1.0\n", "1:6: version '1.0' of the format is not known\n"},
        {"sbx:\n", "1:5: the value of 'sbx' is missing\n"},
        {"sbx: [1]\n", "1:6: 'sbx' takes the version of the format, 1, not a list\n"},
        {HEAD "filesytem:\n  rw: .\n", "2:1: unknown key 'filesytem'\n"},
        {HEAD "rw: .\n", "2:1: 'rw' has to stand in its section\n"},
        {HEAD "profile: x\n", "2:1: a profile can't choose a profile\n"},
        {FS "  rx: .\n  pids: 1\n  network: {}\n  extends: a\n",
         "3:3: unknown key 'rx'\n4:3: 'pids' does not belong to 'filesystem'\n"
         "5:3: 'network' does not belong to 'filesystem'\n"
         "6:3: 'extends' does not belong to 'filesystem'\n"},
        {HEAD "remove:\n  rw: .\n  filesytem: {}\n  network: { nett: all, rw: a }\n",
         "3:3: 'rw' has to stand in its section\n4:3: unknown key 'filesytem'\n"
         "5:14: unknown key 'nett'\n5:25: 'rw' does not belong to 'network'\n"},
        {HEAD "? [a]\n: b\n{}: c\n", "2:3: a key has to be a word\n4:1: a key has to be a word\n"},
        {HEAD "extends: a\n" HEAD "'extends': b\n",
         "3:1: 'sbx' is there twice\n4:1: 'extends' is there twice\n"},
        {FS "  rw: a\n  ro: b\n  \"rw\": c\n  rw: d\n",
         "5:3: 'rw' is there twice\n6:3: 'rw' is there twice\n"},
        {FS "  ro: { path: a, path: b, optional: true, optional: true }\n",
         "3:18: 'path' is there twice\n3:43: 'optional' is there twice\n"},
        {HEAD "match: [a, b, a]\n", "2:15: 'a' is there twice\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(cases[i].text, cases[i].problems);
}

Test(profile_wrong, types)
{
    static const struct wrong cases[] = {
        {HEAD "description: [a]\nextends: {a: b}\nmatch: [[a]]\n",
         "2:14: 'description' takes text, not a list\n"
         "3:10: 'extends' takes a name or a list of names, not a mapping\n"
         "4:9: 'match' takes a name or a list of names, not a list\n"},
        {HEAD "description: |\n  a\n  b\n", "2:14: a description is one line of text\n"},
        {HEAD "description: \"a\\e[0m\"\n", "2:14: a description is one line of text\n"},
        {HEAD "extends:\nmatch: [a, ]\nremove:\n",
         "2:9: the value of 'extends' is missing\n4:8: the value of 'remove' is missing\n"},
        {HEAD "filesystem:\nnetwork: none\nlimits: [pids]\n",
         "2:12: the value of 'filesystem' is missing\n"
         "3:10: 'network' takes a mapping of its options, not text\n"
         "4:9: 'limits' takes a mapping of its options, not a list\n"},
        {FS "  rw:\n  ro: [a, , b]\n", "4:11: a value is missing here\n"},
        {FS "  rw:\n  ro:\n    -\n    - b\n    - [c]\n",
         "3:6: the value of 'rw' is missing\n5:6: the value of 'ro' is missing\n"
         "7:7: 'ro' takes a list of values, not a list\n"},
        {HEAD "limits:\n  pids: [1]\n", "3:9: 'pids' takes one value, not a list\n"},
        {HEAD "lockdown:\n  userns: yes\n", "3:11: 'userns' takes true or false, not 'yes'\n"},
        {HEAD "lockdown:\n  userns: True\n", "3:11: 'userns' takes true or false, not 'True'\n"},
        {HEAD "lockdown:\n  userns:\n", "3:10: the value of 'userns' is missing\n"},
        {FS "  ro: { optional: true }\n", "3:7: 'path' is missing\n"},
        {FS "  ro: { value: a }\n", "3:7: 'path' is missing\n3:9: unknown key 'value'\n"},
        {HEAD "limits:\n  pids: { path: 5 }\n",
         "3:9: 'value' is missing\n3:11: unknown key 'path'\n"},
        {FS "  ro: { path: [a] }\n", "3:15: 'ro' takes SRC[:DST[:FLAGS]], not a list\n"},
        {FS "  ro: { path: a, optional: 1 }\n", "3:28: 'optional' takes true or false, not '1'\n"},
        {FS "  tmpfs: { path: /a, optional: true }\n", "3:22: 'tmpfs' can't be optional\n"},
        {HEAD "refuse: x\n", "2:9: 'refuse' takes entries { when: ..., because: ... }, not text\n"},
        {HEAD "refuse: { when: { user: root } }\n", "2:9: a refusal needs 'when' and 'because'\n"},
        {HEAD "refuse: { because: x }\n", "2:9: a refusal needs 'when' and 'because'\n"},
        {HEAD "refuse: { when: { user: root }, because: \"a\\nb\" }\n",
         "2:42: 'because' is one line of text\n"},
        {HEAD "remove: [a]\n", "2:9: 'remove' takes a mapping of sections, not a list\n"},
        {HEAD "remove:\n  filesystem:\n    ro: \"\"\n", "4:9: the value is missing\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(cases[i].text, cases[i].problems);
}

Test(profile_wrong, conditions)
{
    static const struct wrong cases[] = {
        {FS "  ro: { path: a, when: home }\n",
         "3:24: 'when' takes a mapping such as { exists: PATH }, not text\n"},
        {FS "  ro: { path: a, when: {} }\n", "3:24: 'when' has no condition\n"},
        {FS "  ro: { path: a, when: { exist: b } }\n", "3:26: unknown key 'exist'\n"},
        {FS "  ro: { path: a, when: { exists: } }\n", "3:34: the value of 'exists' is missing\n"},
        {FS "  ro: { path: a, when: { exists: [] } }\n", "3:34: 'exists' has an empty list\n"},
        {FS "  ro: { path: a, when: { exists: \"\" } }\n", "3:34: the path is empty\n"},
        {FS "  ro: { path: a, when: { exists: \"${HOM}\" } }\n", "3:34: unknown variable 'HOM'\n"},
        {FS "  ro: { path: a, when: { feature: [landlock, sandlock] } }\n",
         "3:46: 'sandlock' is not a word of 'feature'\n"},
        {FS "  ro: { path: a, when: { user: alice } }\n",
         "3:32: 'alice' is not a word of 'user'\n"},
        {FS "  ro: { path: a, when: { user: [root, ordinary] } }\n",
         "3:32: 'user' takes a word, not a list\n"},
        {FS "  ro: { path: a, when: { workdir: away } }\n",
         "3:35: 'away' is not a word of 'workdir'\n"},
        {FS "  ro: { path: a, when: { user: root, user: ordinary } }\n",
         "3:38: 'user' is there twice\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(cases[i].text, cases[i].problems);
}

Test(profile_wrong, values)
{
    static const struct wrong cases[] = {
        {HEAD "limits:\n  pids: 12x\n  time: 5 fortnights\n",
         "3:9: '12x' is not a whole number\n4:9: '5 fortnights' is not a time\n"},
        {HEAD "network:\n  net: full\n", "3:8: 'full' is not one of none|host|host-abstract\n"},
        {FS "  ro: /a:/b:shiny\n", "3:7: unknown flag 'shiny'\n"},
        {FS "  ro: [ \"${HOME}/a\", \"${HOM}/b\" ]\n", "3:22: unknown variable 'HOM'\n"},
        {HEAD "remove:\n  filesystem: { ro: \"${HOM}/b\" }\n", "3:21: unknown variable 'HOM'\n"},
        {HEAD "extends: [a/b, .hidden, ok]\n",
         "2:11: 'a/b' is not a name for 'extends'\n2:16: '.hidden' is not a name for 'extends'\n"},
        {HEAD "match: [a/b, \"a b\", \"\", .., ok]\n",
         "2:9: 'a/b' is not a name for 'match'\n2:14: 'a b' is not a name for 'match'\n"
         "2:21: '' is not a name for 'match'\n2:25: '..' is not a name for 'match'\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(cases[i].text, cases[i].problems);
}

Test(profile_wrong, a_local_file_has_no_match)
{
    static const char text[] = HEAD "match: a\n";
    struct trial trial;

    read_bytes(&trial, "x.local", text, strlen(text));
    cr_expect_str_eq(told(&trial), "2:1: a local file has no 'match'\n");
    arena_free(trial.arena);
    read_bytes(&trial, "local", text, strlen(text));
    cr_expect_eq(trial.r, 0, "%s", told(&trial));
    arena_free(trial.arena);
}

Test(profile_wrong, hints)
{
    static const struct {
        const char *text, *hint;
    } cases[] = {
        {HEAD "filesytem: {}\n", "did you mean 'filesystem'?"},
        {HEAD "hiden: a\n", "did you mean 'hide', in 'filesystem'?"},
        {HEAD "rw: a\n", "put it below 'filesystem:'"},
        {HEAD "network:\n  pids: 1\n", "it belongs to 'limits'"},
        {HEAD "network:\n  hostnane: a\n", "did you mean 'hostname', in 'identity'?"},
        {HEAD "network:\n  bandwidth: 1\n", "what is known: net"},
        {FS "  ro: { path: a, optinal: true }\n", "did you mean 'optional'?"},
        {FS "  ro: \"${HOM}\"\n", "did you mean ${HOME}?"},
        {FS "  ro: { path: a, when: { feature: landlok } }\n", "did you mean 'landlock'?"},
        {"sbx:1\nextends: a\n", "in the line above, put a space behind the colon"},
        {HEAD "description: a: b\n",
         "text with \": \" in it goes in quotes; what belongs together begins in the same column; "
         "indent with spaces"},
        {HEAD "limits:\n  pids:5\n", "behind the colon of a key comes a space"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct trial trial;

        read_text(&trial, cases[i].text);
        cr_assert_eq(trial.problems.count, 1, "%s: %s", cases[i].text, told(&trial));
        cr_expect_str_eq(trial.problems.items[0].hint, cases[i].hint, "%s", cases[i].text);
        arena_free(trial.arena);
    }
}
