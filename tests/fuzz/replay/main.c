/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kept input through its fuzz target, without libFuzzer: `fuzz-replay [DIRECTORY]`, where
 * DIRECTORY has the NAME.corpus of each target (tests/fuzz of the source tree by default).  Prints
 * TAP, one test a target.  Each target has a process of its own, so one that dies is one that
 * failed, and the input that it died of is told.
 */
#include "base/cleanup.h"
#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_SIZE 256

/* Made from the list of tests/fuzz/NAME.c. */
#define TARGET(name) int fuzz_##name(const uint8_t *data, size_t size);
#include "fuzz_targets.inc"
#undef TARGET

static const struct {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define TARGET(name) {#name, fuzz_##name},
#include "fuzz_targets.inc"
#undef TARGET
};

/* What a target's process tells before it runs an input. */
struct progress {
    unsigned count;
    char file[NAME_SIZE];
};

static void run_file(const char *directory, const char *name,
                     int (*run)(const uint8_t *data, size_t size))
{
    char path[4096];
    _cleanup_free_ uint8_t *data = NULL;
    _cleanup_fclose_ FILE *stream = NULL;
    struct stat status;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    stream = fopen(path, "re");
    CHECK(stream != NULL && fstat(fileno(stream), &status) == 0, "%s", path);
    data = malloc(status.st_size > 0 ? (size_t)status.st_size : 1);
    CHECK(data != NULL && fread(data, 1, (size_t)status.st_size, stream) == (size_t)status.st_size,
          "%s", path);
    fclose(take_ptr(stream));
    (void)run(data, (size_t)status.st_size);
}

/* In the process of one target. */
static void run_all(const char *directory, int (*run)(const uint8_t *data, size_t size),
                    struct progress *progress)
{
    _cleanup_closedir_ DIR *stream = opendir(directory);
    const struct dirent *entry;

    CHECK(stream != NULL, "%s: no corpus", directory);
    while ((entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(progress->file, sizeof(progress->file), "%s", entry->d_name);
        run_file(directory, entry->d_name, run);
        progress->count++;
    }
}

/* A target's inputs, in a process of their own; true where all of them pass. */
static bool replay(const char *tests, size_t target, struct progress *progress)
{
    char directory[4000];
    int status = -1;
    pid_t child;

    memset(progress, 0, sizeof(*progress));
    snprintf(directory, sizeof(directory), "%s/%s.corpus", tests, targets[target].name);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        run_all(directory, targets[target].run, progress);
        exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0 && progress->count > 0;
}

int main(int argc, char **argv)
{
    const char *tests = argc > 1 ? argv[1] : SBX_FUZZ_CORPORA;
    struct progress *progress =
        mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned failed = 0;

    if (progress == MAP_FAILED)
        return 1;
    printf("1..%zu\n", ARRAY_SIZE(targets));
    for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
        bool passed = replay(tests, i, progress);

        printf("%sok %zu - %s: %u inputs\n", passed ? "" : "not ", i + 1, targets[i].name,
               progress->count);
        if (!passed)
            printf("# it ended at %s.corpus/%s\n", targets[i].name, progress->file);
        failed += !passed;
    }
    munmap(progress, sizeof(*progress));
    return failed > 0;
}
