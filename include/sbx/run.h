/* SPDX-License-Identifier: Apache-2.0 */
/* A run: its flags, and what came of it.  Plain data. */
#ifndef SBX_RUN_H
#define SBX_RUN_H

#include <sbx/error.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a run ended. */
enum sbx_outcome {
    SBX_OUTCOME_SETUP_FAILED,   /**< the command did not start */
    SBX_OUTCOME_EXITED,         /**< it exited by itself: exit_code */
    SBX_OUTCOME_SIGNALED,       /**< a signal ended it: signal */
    SBX_OUTCOME_TIMEOUT,        /**< the wall-time limit ended it */
    SBX_OUTCOME_LIMIT,          /**< another limit ended it: cause */
    SBX_OUTCOME_NOT_EXECUTABLE, /**< found, but it could not be executed */
    SBX_OUTCOME_NOT_FOUND,      /**< no such command inside */
    SBX_OUTCOME_INIT_DIED,      /**< the sandbox's pid 1 was killed, and everything with it */
    SBX_OUTCOME_OOM,            /**< it ran out of memory, and everything inside was killed */
};

#define SBX_REPORT_MAX_DEGRADED 8
#define SBX_REPORT_MAX_LIMITS   32

/** A limit that was in force. */
struct sbx_report_limit {
    char name[96];      /**< its option, without hyphens in front: "memory"; or "tmpfs:/tmp" */
    char mechanism[12]; /**< what held it: "cgroup", "rlimit", "timer", "relay", "tmpfs" */
    bool reached;       /**< it was reached at least once, where the kernel counts that */
};

#define SBX_REPORT_MAX_REFUSALS 32

/** A system call that the filter refused. */
struct sbx_report_refusal {
    char name[32];
    uint64_t count; /**< how often it was made */
};

/** What came of a run. Plain data; strings may be empty. */
struct sbx_report {
    enum sbx_outcome outcome;
    int exit_code;      /**< of the command, where it exited; else -1 */
    int signal;         /**< that ended it; else 0 */
    char cause[64];     /**< what ended it: "wall-time", "cpu-time", "memory", a step, ... */
    uint64_t wall_ms;   /**< from the clone to the reaping of the last process */
    uint64_t user_ms;   /**< CPU time of everything inside, in user mode */
    uint64_t system_ms; /**< CPU time of everything inside, in kernel mode */
    uint64_t switches_voluntary; /**< context switches: it waited for something */
    uint64_t switches_forced;    /**< context switches: its time was up */
    uint64_t read_kb;            /**< read from disks */
    uint64_t written_kb;         /**< written to disks, or still to be */
    bool output_counted;         /**< --max-output: sbx stood between */
    uint64_t output_bytes;       /**< that the command wrote and sbx passed on, where it counted */
    uint64_t peak_process_kb;    /**< largest resident size that one process inside reached */
    uint64_t peak_memory_kb;     /**< of everything inside together; 0: not known */
    uint64_t peak_pids;          /**< processes and threads at one time; 0: not known */
    struct sbx_report_limit limits[SBX_REPORT_MAX_LIMITS];
    unsigned limit_count;
    bool refusals_counted;                                       /**< --on-refusal notify or kill */
    struct sbx_report_refusal refusals[SBX_REPORT_MAX_REFUSALS]; /**< in the order of the first */
    unsigned refusal_count;
    uint64_t refusals_more; /**< calls of further names, for which there is no room */
    char name[64];          /**< --name */
    char profile[80];       /**< the profile that was taken */
    char degraded[SBX_REPORT_MAX_DEGRADED][96]; /**< best-effort parts that were absent */
    unsigned degraded_count;
    struct sbx_error error; /**< why, where the command did not start */
};

enum sbx_run_flags {
    SBX_RUN_JOB_CONTROL = 1, /**< forward signals, share the terminal as a shell's job does, or pass
                                  on what is typed there; without it output alone is passed on */
};

/** The exit code of `sbx run`: the command's own, 128+n, 124, 125, 126, 127. */
int sbx_report_exit_code(const struct sbx_report *report);

/** The outcome's word in a report: "exited", "timeout", ... Constant. */
const char *sbx_outcome_name(enum sbx_outcome outcome);

#ifdef __cplusplus
}
#endif
#endif
