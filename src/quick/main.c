/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quick program: `sbx run` of a profile and a policy that the build knows.  It has musl in it
 * and no library: the start of a program with glibc was a sixth of a launch, for that asks the
 * processor for its caches, which is slow in a virtual machine.  See base/whole.h.
 */
#include "base/whole.h"
#include "cli/descriptors.h"
#include "cli/verb.h"
#include "quick/whole.h"

#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct call call = {.argv = argv};
    int closed;

    whole_begin(argv, 0);
    if (argc < 2 || strcmp(argv[1], "run") != 0)
        whole_needed();
    closed = descriptors_open();
    if (closed < 0)
        return EXIT_SBX_FAILED;
    whole_begin(argv, closed);
    call.stdout_closed = (closed & 1 << STDOUT_FILENO) != 0;
    call.words = argv + 2;
    return cmd_run(&call);
}
