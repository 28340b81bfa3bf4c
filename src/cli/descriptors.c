/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int descriptors_open(void)
{
    int closed = 0;

    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* All lower ones are open, so this one is the lowest that is free. */
        if (open("/dev/null", O_RDWR | O_NOCTTY) != fd)
            return -1;
        closed |= 1 << fd;
    }
    return closed;
}
