/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FS_JSON_H
#define LIB_FS_JSON_H

#include <sbx/fs.h>

/** Print @count @paths as one JSON array; sbx-fs(1) names the keys. 0, -ENOMEM or -EIO. */
int fs_json_print(const struct sbx_fs_path *paths, size_t count, FILE *stream,
                  struct sbx_error *err);

#endif
