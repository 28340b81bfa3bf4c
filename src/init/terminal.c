/* SPDX-License-Identifier: Apache-2.0 */
#include "init/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

int terminal_new(int *ret_master, int *ret_slave)
{
    int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    int slave = -1;
    int locked = 0;
    int number;

    if (master < 0)
        return -errno;
    /* The other end by descriptor: no name is looked up that somebody could have changed. */
    if (ioctl(master, TIOCSPTLCK, &locked) == 0)
        slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave >= 0 && ioctl(slave, TIOCSCTTY, 0) == 0) {
        *ret_master = master;
        *ret_slave = slave;
        return 0;
    }
    number = errno;
    close(master);
    if (slave >= 0)
        close(slave);
    return -number;
}
