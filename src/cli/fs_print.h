/* SPDX-License-Identifier: Apache-2.0 */
/* What a path lies on, for people. Paths and sources are escaped as messages are. */
#ifndef CLI_FS_PRINT_H
#define CLI_FS_PRINT_H

#include <sbx/fs.h>

/** A paragraph on standard output: the path, then a line or more for each fact. */
void fs_print(const struct sbx_fs_path *path);

#endif
