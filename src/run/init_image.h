/* SPDX-License-Identifier: Apache-2.0 */
/* The init program (src/init/) as the build embeds it: a static executable, byte for byte. */
#ifndef RUN_INIT_IMAGE_H
#define RUN_INIT_IMAGE_H

extern const unsigned char sbx_init_image[];
/** One past the last byte. */
extern const unsigned char sbx_init_image_end[];

#endif
