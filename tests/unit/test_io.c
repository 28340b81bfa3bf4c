/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include "unit/scratch.h"

#include <signal.h>
#include <sys/wait.h>

Test(io, reads_a_file_whole_with_a_nul_after_it)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    static const char bytes[] = "one\0two\n";
    char *path = scratch_bytes(&scratch, "f", bytes, sizeof(bytes) - 1, 0644);
    char *data = NULL;
    size_t size = 0;

    cr_assert_eq(io_read_file(scratch.arena, AT_FDCWD, path, 100, &data, &size), 0);
    cr_expect_eq(size, sizeof(bytes) - 1);
    cr_expect_arr_eq(data, bytes, sizeof(bytes), "with the NUL");
}

Test(io, size_may_be_left_out_and_an_empty_file_is_an_empty_text)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_file(&scratch, "f", "");
    char *data = NULL;

    cr_assert_eq(io_read_file(scratch.arena, AT_FDCWD, path, 0, &data, NULL), 0);
    cr_expect_str_empty(data);
}

Test(io, the_limit_is_what_is_still_allowed)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_file(&scratch, "f", "12345");
    char *data = NULL;
    size_t size = 99;

    cr_expect_eq(io_read_file(scratch.arena, AT_FDCWD, path, 4, &data, &size), -EFBIG);
    cr_expect_null(data, "written only on success");
    cr_expect_eq(size, 99);
    cr_expect_eq(io_read_file(scratch.arena, AT_FDCWD, path, 5, &data, &size), 0);
    cr_expect_str_eq(data, "12345");
}

/* Around the sizes at which more room is made there is still a NUL behind the text. */
Test(io, sizes_at_which_the_room_is_full)
{
    static const size_t sizes[] = {8191, 8192, 8193, 16383, 16384, 16385, 65536};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        _cleanup_scratch_ struct scratch scratch = scratch_new();
        char *bytes = arena_alloc(scratch.arena, sizes[i]);
        char *path;
        char *data = NULL;
        size_t size = 0;

        memset(bytes, 'x', sizes[i]);
        path = scratch_bytes(&scratch, "f", bytes, sizes[i], 0644);
        cr_assert_eq(io_read_file(scratch.arena, AT_FDCWD, path, sizes[i], &data, &size), 0);
        cr_assert_eq(size, sizes[i]);
        cr_expect_eq(memcmp(data, bytes, size), 0, "%zu", size);
        cr_expect_eq(data[size], '\0', "%zu", size);
    }
}

Test(io, a_large_file_is_read_in_pieces)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    size_t length = 300000;
    char *bytes = arena_alloc(scratch.arena, length);
    char *path;
    char *data = NULL;
    size_t size = 0;

    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    path = scratch_bytes(&scratch, "f", bytes, length, 0644);
    cr_assert_eq(io_read_file(scratch.arena, AT_FDCWD, path, length, &data, &size), 0);
    cr_assert_eq(size, length);
    cr_expect_eq(memcmp(data, bytes, length), 0);
    cr_expect_eq(data[length], '\0');
}

Test(io, a_path_counts_from_the_directory)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    _cleanup_close_ int directory = open(scratch.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *data = NULL;

    scratch_file(&scratch, "f", "here");
    cr_assert_eq(io_read_file(scratch.arena, directory, "f", 10, &data, NULL), 0);
    cr_expect_str_eq(data, "here");
}

Test(io, what_cannot_be_read_is_an_errno)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *data = NULL;

    cr_expect_eq(
        io_read_file(scratch.arena, AT_FDCWD, scratch_path(&scratch, "none"), 10, &data, NULL),
        -ENOENT);
    cr_expect_eq(io_read_file(scratch.arena, AT_FDCWD, scratch.path, 10, &data, NULL), -EISDIR);
    scratch_link(&scratch, "loop", "loop");
    cr_expect_eq(
        io_read_file(scratch.arena, AT_FDCWD, scratch_path(&scratch, "loop"), 10, &data, NULL),
        -ELOOP);
    cr_expect_null(data);
}

/* A pipe that nobody writes to must not keep sbx waiting; only regular files are read. */
Test(io, a_fifo_is_no_file, .timeout = 10)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "fifo");
    char *data = NULL;

    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(io_read_file(scratch.arena, AT_FDCWD, path, 10, &data, NULL), -EINVAL);
    cr_expect_null(data);
}

Test(io, the_size_of_a_proc_file_need_not_be_known)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    char *data = NULL;
    size_t size = 0;

    cr_assert_eq(io_read_file(arena, AT_FDCWD, "/proc/self/status", 1 << 20, &data, &size), 0);
    cr_expect_eq(strncmp(data, "Name:", 5), 0);
    cr_expect_eq(strlen(data), size);
}

Test(io, write_all_writes_more_than_a_pipe_holds, .timeout = 30)
{
    enum { SIZE = 1 << 20 };
    static char bytes[SIZE];
    int ends[2];
    int status;
    pid_t reader;

    memset(bytes, 'x', sizeof(bytes));
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    reader = fork();
    if (reader == 0) {
        char buffer[1000];
        size_t total = 0;
        ssize_t got;

        close(ends[1]);
        while ((got = read(ends[0], buffer, sizeof(buffer))) > 0)
            total += (size_t)got;
        _exit(total == SIZE ? 0 : 1);
    }
    close(ends[0]);
    cr_expect_eq(io_write_all(ends[1], bytes, sizeof(bytes)), 0);
    close(ends[1]);
    cr_assert_eq(waitpid(reader, &status, 0), reader);
    cr_expect_eq(status, 0, "the reader got another number of bytes");
}

Test(io, write_all_says_what_failed)
{
    _cleanup_close_ int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    _cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    cr_expect_eq(io_write_all(full, "x", 1), -ENOSPC);
    cr_expect_eq(io_write_all(null, "x", 1), -EBADF);
    cr_expect_eq(io_write_all(null, "x", 0), 0, "nothing to write is no fault");
}

static void on_alarm(int number)
{
    (void)number;
}

/* A signal amid a blocked write is no end of it. */
Test(io, write_all_goes_on_after_a_signal, .timeout = 30)
{
    enum { SIZE = 1 << 18 };
    static char bytes[SIZE];
    struct sigaction action = {.sa_handler = on_alarm}; /* without SA_RESTART */
    int ends[2];
    int status;
    pid_t reader;

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
    reader = fork();
    if (reader == 0) {
        static char buffer[SIZE];
        size_t total = 0;
        ssize_t got = 1;

        close(ends[1]);
        for (unsigned i = 0; i < 20; i++) {
            kill(getppid(), SIGUSR1);
            usleep(5000);
        }
        while (got > 0) {
            got = read(ends[0], buffer, sizeof(buffer));
            total += got > 0 ? (size_t)got : 0;
        }
        _exit(total == SIZE ? 0 : 1);
    }
    close(ends[0]);
    cr_expect_eq(io_write_all(ends[1], bytes, sizeof(bytes)), 0);
    close(ends[1]);
    cr_assert_eq(waitpid(reader, &status, 0), reader);
    cr_expect_eq(status, 0);
}

/* procfs says 0, sysfs 4096: neither is how long a file is. */
Test(io, what_does_not_say_how_long_it_is_is_read_to_its_end)
{
    static const char *const paths[] = {"/proc/self/status", "/sys/kernel/mm/transparent_hugepage/"
                                                             "enabled"};
    _cleanup_scratch_ struct scratch scratch = scratch_new();

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        char *data = NULL;
        size_t size = 0;
        int result = io_read_file(scratch.arena, AT_FDCWD, paths[i], 1U << 20, &data, &size);

        if (i > 0 && result == -ENOENT)
            continue; /* a kernel without it */
        cr_assert_eq(result, 0, "%s", paths[i]);
        cr_expect_gt(size, 0);
        cr_expect_eq(data[size - 1], '\n', "%s", paths[i]);
    }
}

Test(io, a_file_is_whole_when_its_size_is_reached)
{
    struct stat status = {.st_size = 5};

    cr_expect(io_is_whole(&status, 5));
    cr_expect_not(io_is_whole(&status, 4));
    cr_expect_not(io_is_whole(&status, 6), "it grows");
    status.st_size = 0;
    cr_expect_not(io_is_whole(&status, 0));
}
