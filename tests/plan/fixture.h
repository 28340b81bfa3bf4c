/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine as a text file: tests/plan/hosts/NAME.host stands for what host_probe() would find.
 * README.md beside this file lists the words of the format.
 */
#ifndef TESTS_PLAN_FIXTURE_H
#define TESTS_PLAN_FIXTURE_H

#include "kernel/host.h"

/** Pairs of words: a directory of PATH and what a link in it leads to, a command and its file. */
struct fixture_pairs {
    struct fixture_pair {
        const char *key;
        const char *value;
    } * items;
    size_t count;
    size_t capacity;
};

struct fixture {
    struct host facts;             /* all that the file says, asked for or not */
    struct host_strings variables; /* the environment */
    struct host_strings worktrees; /* directories that have .git */
    struct fixture_pairs links;    /* PATH directory -> file that a link in it leads to */
    struct fixture_pairs commands; /* command -> each file that it needs */
    struct host_strings probes;    /* paths whose place in the view the golden text shows */
    struct host_strings secrets;   /* paths that no view may show, unless an option asks for it */
    const char *const *environment;
};

/** Where these tests' files lie: "hosts", "golden". In @arena. */
const char *fixture_directory(struct arena *arena, const char *name);

/** Split @line at blanks; "\ooo" is the byte with that octal number. In @arena. */
void fixture_words(struct arena *arena, const char *line, struct host_strings *ret_words);

/** Read hosts/@name.host; a line that is wrong fails the test. All in @arena. */
void fixture_read(struct arena *arena, const char *name, struct fixture *ret_fixture);

/** What host_probe_caller() would find. */
void fixture_caller(struct arena *arena, const struct fixture *fixture, struct host *ret_host);

/** What host_probe() would add, and nothing that @request does not ask for. */
void fixture_probe(struct arena *arena, const struct fixture *fixture,
                   const struct host_request *request, struct host *host);

/** What the file says of the host's @path, and of the way to it. */
struct host_path fixture_fact(const struct fixture *fixture, const char *path);
struct host_place fixture_place(struct arena *arena, const struct fixture *fixture,
                                const char *path);

/** Append the aliases that the file has for the host's @path to those of @host. */
void fixture_aliases(struct arena *arena, const struct fixture *fixture, const char *path,
                     struct host *host);

/** What host_tree_probe() would find: the tree is a part of the host that the file describes. */
void fixture_tree(struct arena *arena, const struct fixture *fixture,
                  const struct host_tree_request *request, struct host *host);

/** Take the line of @count words, two at least, if it is about cgroups: 1, else 0. */
int fixture_read_cgroups(struct arena *arena, const char *const *words, size_t count,
                         struct fixture *fixture);

/** What host_cgroups_probe() would find. */
void fixture_cgroups(struct arena *arena, const struct fixture *fixture,
                     const struct host_request *request, struct host *host);

#endif
