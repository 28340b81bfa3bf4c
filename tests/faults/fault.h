/* SPDX-License-Identifier: Apache-2.0 */
/* What can happen to a system call, and where: the words of a case, such as "child:12:EIO". */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>

/** The processes of a launch, by what they are at the moment of the call. */
enum role {
    ROLE_SBX,     /* the program that the user started */
    ROLE_CHILD,   /* between clone and the exec of init */
    ROLE_INIT,    /* pid 1 inside, from its exec on */
    ROLE_COMMAND, /* init's child, until the exec of the command */
    ROLE_HELPER,  /* any other process that sbx starts */
    ROLE_COUNT,
    ROLE_ALL = ROLE_COUNT + 1 /* all of them, the command too */
};

enum fault_kind {
    FAULT_NONE,
    FAULT_ERRNO,    /* the call isn't made and fails with a number */
    FAULT_SHORT,    /* the call reads or writes a single byte */
    FAULT_OFF,      /* the call is missing for all of them: it fails with a number */
    FAULT_KILL,     /* the process that makes it is killed before it */
    FAULT_KILL_SBX, /* sbx is killed while another process is about to make it */
    FAULT_KILL_PID1 /* the child or init is killed while another process is about to make it */
};

struct fault {
    enum fault_kind kind;
    int number; /* errno */
};

/** One disturbed launch: the call number @index (from 0) of the process in @role.  With FAULT_OFF
 * the role is ROLE_ALL, and @index is a row of the table in off.h. */
struct fault_case {
    enum role role;
    unsigned index;
    struct fault fault;
};

#define FAULT_ERRNO_COUNT 10 /* of the first faults in fault_list() */
#define FAULT_CASE_SIZE   64 /* room for the words of a case */

extern const char *const role_names[ROLE_COUNT];

/** All the faults that there are, FAULT_NONE not among them; returns how many. */
size_t fault_list(const struct fault **ret_faults);

/** Can this fault happen to the system call number @nr, made by @role? */
bool fault_applies(const struct fault *fault, enum role role, long nr);

/** The errno comes after the call was made: close(2) closes whatever it returns. */
bool fault_comes_after(long nr);

/** The number, from 0, of the argument that says how much is read or written; -1: none does. */
int fault_length_argument(long nr);

/** The number, from 0, of the argument that is a path; -1: none is. */
int fault_path_argument(long nr);

/** "EIO", "short", "kill", ...: a static string. */
const char *fault_name(const struct fault *fault);

void fault_case_print(const struct fault_case *which, char buffer[static FAULT_CASE_SIZE]);

/** Read "ROLE:INDEX:FAULT" or "off:CALLS:ERRNO".  Returns false where it is none. */
bool fault_case_parse(const char *text, struct fault_case *ret_case);

#endif
