/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel says of another process: by /proc (proc(5)), looked at from outside.
 *
 * The owner of a user namespace may look at what lies in it, even at a process that is not dumpable
 * (PTRACE_MODE_READ, ptrace(2)).
 */
#ifndef KERNEL_PROCESS_FACTS_H
#define KERNEL_PROCESS_FACTS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum process_capability_set {
    PROCESS_INHERITABLE,
    PROCESS_PERMITTED,
    PROCESS_EFFECTIVE,
    PROCESS_BOUNDING,
    PROCESS_AMBIENT,
    PROCESS_CAPABILITY_SETS
};

/** The lines of /proc/PID/status that say which rights a process has. */
struct process_status {
    uid_t uids[4]; /* real, effective, saved, of the file system; as the reader sees them */
    gid_t gids[4];
    const gid_t *groups; /* supplementary ones */
    size_t group_count;
    uint64_t capabilities[PROCESS_CAPABILITY_SETS];
    int no_new_privs;
    int seccomp_mode;
    int seccomp_filters; /* -1: the kernel doesn't say (before Linux 5.9) */
    pid_t pid;           /* these three in the reader's namespace */
    pid_t process_group;
    pid_t session;
};

/** A namespace of a process: its CLONE_NEW* flag, its name in /proc/PID/ns. */
struct process_namespace {
    uint64_t flag;
    const char *name;
};

#define PROCESS_NAMESPACES 7

extern const struct process_namespace process_namespaces[PROCESS_NAMESPACES];

/** The directory of process @pid in /proc, also where /proc numbers processes otherwise than the
 * caller's namespace does.  A descriptor (O_PATH) or a negative errno. */
int process_directory(pid_t pid);

/** Memory that one file after the other is read into; zero-initialised, freed by
 * process_text_free(). */
struct process_text {
    char *data; /* of the file that was read last, NUL-terminated */
    size_t capacity;
};

void process_text_free(struct process_text *text);
/** Have room for @size bytes ready, so that reading them needs no page fault; see arena_warm(). */
void process_text_warm(struct process_text *text, size_t size);
#define _cleanup_process_text_ __attribute__((cleanup(process_text_free)))

/** Read a file of a process's @directory into @text. 0 or a negative errno. */
int process_read(struct process_text *text, int directory, const char *name);

/** Read and parse its status. 0, -EBADMSG for a text that lacks a line, or another errno. */
int process_status_read(struct arena *arena, struct process_text *text, int directory,
                        struct process_status *ret_status);

/** Parse the text of a status file, see process_status_read(). */
int process_status_parse(struct arena *arena, const char *text, struct process_status *ret_status);

/**
 * In how many PID namespaces it is, that of /proc and those below it: 1 for one that is in no
 * sandbox.  Anybody may ask, also about a process of somebody else.  Or a negative errno.
 */
int process_depth(struct process_text *text, int directory);

/**
 * The inode numbers of its namespaces, in the order of process_namespaces; 0 for one that this
 * kernel does not have.  0 or a negative errno.
 */
int process_namespaces_read(int directory, uint64_t ret_numbers[static PROCESS_NAMESPACES]);

struct process_fds {
    int *items;
    size_t count;
    size_t capacity;
};

/** Which descriptors it has open. -EACCES before Linux 5.14, which tells the process itself only.
 */
int process_fds_read(struct arena *arena, int directory, struct process_fds *ret_fds);

/** The path of a link such as "cwd", in @buffer. Its length or a negative errno. */
ssize_t process_link(int directory, const char *name, char *buffer, size_t size);

/** Get the limit @resource of the process @pid, see prlimit(2). 0 or a negative errno. */
int process_rlimit(pid_t pid, int resource, uint64_t *ret_soft, uint64_t *ret_hard);

/** How many system-call filters the calling thread itself is under; -1 where the kernel doesn't
 * say; or another negative errno. */
int process_own_filters(struct arena *arena);

/** The serial number of the caller's session keyring, or a negative errno. */
int32_t process_own_keyring(void);

#endif
