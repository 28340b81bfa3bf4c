/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool descriptors_open(bool *ret_stdout_closed)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* All lower ones are open, so this one is the lowest that is free. */
        if (open("/dev/null", O_RDWR | O_NOCTTY) != fd)
            return false;
        if (fd == STDOUT_FILENO)
            *ret_stdout_closed = true;
    }
    return true;
}
