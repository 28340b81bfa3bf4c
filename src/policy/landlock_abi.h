/* SPDX-License-Identifier: Apache-2.0 */
/* From which version of Landlock on the kernel has what sbx uses of it; see landlock(7). */
#ifndef POLICY_LANDLOCK_ABI_H
#define POLICY_LANDLOCK_ABI_H

#define LANDLOCK_ABI_USABLE   2 /* files can be moved between directories (Linux 5.19) */
#define LANDLOCK_ABI_TRUNCATE 3 /* truncating is a right of its own (Linux 6.2) */
#define LANDLOCK_ABI_SCOPES   6 /* abstract sockets and signals can be closed (Linux 6.12) */

#endif
