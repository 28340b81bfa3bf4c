/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of syscall_groups.c; syscalls.c makes rules of them. */
#ifndef POLICY_SYSCALL_GROUPS_H
#define POLICY_SYSCALL_GROUPS_H

#include "kernel/seccomp.h"

enum syscall_policies {
    IN_DEFAULT = 1, /* the default policy has it */
    IN_STRICT = 2,  /* the strict policy has it */
    IN_BOTH = IN_DEFAULT | IN_STRICT,
    WITH_KEPT_FILES = 4 /* either of them has it where the request keeps files */
};

/** Calls that pass whatever their arguments; in a policy that lacks the group: EPERM. */
struct syscall_group {
    const char *name;
    unsigned policies;        /* enum syscall_policies */
    const char *const *calls; /* ends with NULL */
};

/** A rule about arguments; a call that has some in one policy but not in the other: EPERM. */
struct syscall_condition {
    unsigned policies;
    struct seccomp_rule rule;
};

/** Calls that every policy refuses. */
struct syscall_refusal {
    int error;
    const char *const *calls; /* ends with NULL */
};

/*
 * The words of the tables.
 */
/* clang-format off */
#define CALLS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Of the rules for one call the first decides whose matches are all true. */
#define ALLOW_IF(call, ...)       {call, SECCOMP_ALLOW, 0, {__VA_ARGS__}}
#define FAIL_IF(call, error, ...) {call, SECCOMP_FAIL, error, {__VA_ARGS__}}
#define ELSE_ALLOW(call)          {call, SECCOMP_ALLOW, 0, {{0}}}
#define ELSE_FAIL(call, error)    {call, SECCOMP_FAIL, error, {{0}}}

/* An int argument: the kernel looks at its lower half only, so the upper half must not matter. */
#define INT(index, value)         {index, 0xffffffff, (uint32_t)(value)}
/* The old requests of one letter, those without a direction and a size in their upper half. */
#define REQUESTS_OF(index, letter) {index, 0xffffff00, (uint32_t)(letter) << 8}
/* All of @bits are set. */
#define ALL_OF(index, bits)       {index, bits, bits}
/* No bit of @bits is set, or none but those (of an int, or of the whole argument). */
#define NONE_OF(index, bits)      {index, bits, 0}
#define INT_NONE_BUT(index, bits) {index, 0xffffffff & ~(uint64_t)(bits), 0}
#define NONE_BUT(index, bits)     {index, ~(uint64_t)(bits), 0}
#define FILE_TYPE(index, type)    {index, S_IFMT, type}
/* Opened with O_TRUNC, and without asking to write. */
#define EMPTIED_BUT_READ(index)   {index, O_ACCMODE | O_TRUNC, O_TRUNC}
/* The same by the fourth access mode, which is for neither, and which only ioctls are made with. */
#define EMPTIED_FOR_IOCTL(index)  {index, O_ACCMODE | O_TRUNC, O_ACCMODE | O_TRUNC}
#define NULL_POINTER(index)       {index, UINT64_MAX, 0}
/* clang-format on */

extern const struct syscall_group syscall_groups[];
extern const size_t syscall_group_count;
extern const struct syscall_condition syscall_conditions[];
extern const size_t syscall_condition_count;
extern const struct syscall_refusal syscall_refusals[];
extern const size_t syscall_refusal_count;

/** What --userns allows on top, whatever the other tables say; ends with NULL. */
extern const char *const syscall_userns_calls[];

#endif
