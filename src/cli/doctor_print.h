/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_DOCTOR_PRINT_H
#define CLI_DOCTOR_PRINT_H

#include <sbx/doctor.h>

/** Print all that was found, for people, on standard output. */
void doctor_print(const struct sbx_doctor *doctor);

#endif
