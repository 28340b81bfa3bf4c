/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coverage of processes that never come to exit(3): what the child of a launch does between clone
 * and exec, what a test's own children do.  The compiler's counters lie in pages of their own
 * (counters.ld); before anything else runs, these pages are made shared memory, so that what is
 * made by fork or clone counts in its parent's, who writes them at its end.  In builds of the
 * preset coverage only.  A count may be too high (who ends by exit(3) writes all that is there); no
 * line that did not run has one.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

extern char coverage_counters[] __attribute__((visibility("hidden")));
extern char coverage_counters_end[] __attribute__((visibility("hidden")));

__attribute__((constructor(101), no_profile_instrument_function)) static void share(void)
{
    size_t size = (size_t)(coverage_counters_end - coverage_counters);
    void *copy = malloc(size);

    if (size == 0 || copy == NULL)
        return;
    memcpy(copy, coverage_counters, size);
    if (mmap(coverage_counters, size, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        abort();
    memcpy(coverage_counters, copy, size);
    free(copy);
}
