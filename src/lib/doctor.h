/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_DOCTOR_H
#define LIB_DOCTOR_H

#include "kernel/checkup.h"
#include "policy/verdict.h"

#include <sbx/doctor.h>

struct sbx_doctor {
    struct arena *arena;
    struct host host;
    struct checkup checkup;
    struct checks checks;
    struct host_strings notes;
    const char *system;
};

#endif
