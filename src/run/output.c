/* SPDX-License-Identifier: Apache-2.0 */
#include "run/output.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct stream {
    int source;   /* the read end of the pipe; -EBADF: at its end, or given up */
    int end;      /* the write end, until the command has it */
    int sink;     /* what the caller has there, or the same opened once more */
    bool owned;   /* the latter */
    bool watched; /* poll(2) can tell that the sink's reader has gone */
    int number;   /* 1 or 2 */
    int error;    /* errno of what could not be written */
    bool unread;  /* given up while there was something to pass on */
    channel_write write_some;
    struct channel channel;
};

struct output {
    struct meter *meter;
    bool ending; /* nothing runs inside any more */
    struct stream streams[2];
};

/* ------------------------------------------------------------------ writing without waiting */

static ssize_t write_socket(int fd, const void *data, size_t size)
{
    return send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A pipe that couldn't be opened once more may be one that waits.  Where it has room at all, it has
 * room for this much. */
static ssize_t write_patient_pipe(int fd, const void *data, size_t size)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    if (poll(&room, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(fd, data, size < PIPE_BUF ? size : PIPE_BUF);
}

/* A reader that has gone, or a limit on the size of files, is to be an error and no signal. */
static int drain(struct stream *stream)
{
    const struct timespec now = {0};
    sigset_t signals;
    sigset_t pending;
    sigset_t mask;
    int raised;
    int result;

    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGXFSZ);
    sigpending(&pending);
    sigprocmask(SIG_BLOCK, &signals, &mask);
    result = channel_drain(&stream->channel, stream->sink, stream->write_some);
    raised = result == -EPIPE ? SIGPIPE : result == -EFBIG ? SIGXFSZ : 0;
    if (raised != 0 && sigismember(&pending, raised) == 0) {
        sigemptyset(&signals);
        sigaddset(&signals, raised);
        (void)sigtimedwait(&signals, NULL, &now);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return result;
}

/* ------------------------------------------------------------------ beginning */

/* How to write to @fd. */
static int open_sink(struct stream *stream, int fd)
{
    struct stat status;
    char path[32];

    if (fstat(fd, &status) < 0)
        return -errno;
    stream->sink = fd;
    stream->write_some = write;
    stream->watched = S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode);
    if (S_ISSOCK(status.st_mode))
        stream->write_some = write_socket;
    if (!S_ISFIFO(status.st_mode))
        return 0;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    stream->sink = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    stream->owned = stream->sink >= 0;
    if (!stream->owned) { /* another user's (su), or its reader has gone */
        stream->sink = fd;
        stream->write_some = write_patient_pipe;
    }
    return 0;
}

static int open_stream(struct stream *stream, int fd)
{
    int ends[2];
    int result = open_sink(stream, fd);

    if (result < 0)
        return result;
    stream->number = fd;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    stream->source = ends[0];
    stream->end = ends[1];
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int output_new(const struct plan_output *plan, struct meter *meter, int standard[static 3],
               struct output **ret_output, struct sbx_error *err)
{
    struct output *output;
    int result = 0;

    *ret_output = NULL;
    if (plan->piped == 0)
        return 0;
    output = calloc(1, sizeof(*output));
    if (output == NULL)
        return error_oom(err);
    output->meter = meter;
    for (int i = 0; i < 2; i++)
        output->streams[i].source = output->streams[i].end = output->streams[i].sink = -EBADF;
    for (int fd = 1; fd <= 2 && result == 0; fd++) {
        struct stream *stream = &output->streams[fd - 1];

        if (!output_pipes(plan, fd))
            continue;
        if (fd == 2 && plan->joined) {
            standard[2] = standard[1];
            continue;
        }
        result = open_stream(stream, standard[fd]);
        standard[fd] = stream->end;
    }
    if (result < 0) {
        output_free(output);
        return error_set(err, SBX_ERROR_SETUP, -result, "output", NULL,
                         "cannot stand between the command and its output");
    }
    *ret_output = output;
    return 0;
}

static void close_fd(int *fd)
{
    cleanup_close(fd);
    *fd = -EBADF;
}

void output_launched(struct output *output)
{
    for (int i = 0; output != NULL && i < 2; i++)
        close_fd(&output->streams[i].end);
}

/* ------------------------------------------------------------------ passing on */

void output_watch(const struct output *output, struct pollfd watched[static OUTPUT_POLL_COUNT])
{
    for (int i = 0; i < 2; i++) {
        const struct stream *stream = output == NULL ? NULL : &output->streams[i];
        struct pollfd *source = &watched[2 * i];
        struct pollfd *sink = &watched[2 * i + 1];

        *source = *sink = (struct pollfd){.fd = -1};
        if (stream == NULL || stream->sink < 0)
            continue;
        if (channel_has_room(&stream->channel) && !output->ending)
            *source = (struct pollfd){.fd = stream->source, .events = POLLIN};
        if (!channel_is_empty(&stream->channel))
            *sink = (struct pollfd){.fd = stream->sink, .events = POLLOUT};
        else if (stream->watched) /* without events too: a reader that has gone is always told */
            *sink = (struct pollfd){.fd = stream->sink};
    }
}

/* Nobody reads what is written there, or it can't be written: the command is to know. */
static void give_up(struct stream *stream)
{
    close_fd(&stream->source);
    if (stream->owned)
        close(stream->sink);
    stream->sink = -EBADF;
    stream->channel.begin = stream->channel.end = 0;
}

static void read_stream(struct output *output, struct stream *stream)
{
    int result = channel_fill(&stream->channel, stream->source, output->meter);

    if (result < 0 && (result != -EAGAIN || output->ending))
        close_fd(&stream->source);
}

static void write_stream(struct stream *stream)
{
    int result = drain(stream);

    if (result == 0 || result == -EAGAIN)
        return;
    if (result != -EPIPE && result != -ECONNRESET)
        stream->error = -result;
    give_up(stream);
}

/* At the end, as much as goes without waiting: nobody tells any more that there is something. */
static void pump(struct output *output, struct stream *stream)
{
    do {
        if (stream->source >= 0 && channel_has_room(&stream->channel))
            read_stream(output, stream);
        if (!channel_is_empty(&stream->channel))
            write_stream(stream);
    } while (output->ending && stream->source >= 0 && channel_is_empty(&stream->channel));
}

void output_pump(struct output *output, const struct pollfd watched[static OUTPUT_POLL_COUNT])
{
    for (int i = 0; output != NULL && i < 2; i++) {
        struct stream *stream = &output->streams[i];
        short source = watched[2 * i].revents;
        short sink = watched[2 * i + 1].revents;

        if (stream->sink < 0)
            continue;
        if ((sink & (POLLERR | POLLNVAL)) != 0 || (sink & (POLLHUP | POLLOUT)) == POLLHUP)
            give_up(stream);
        else if (source != 0 || sink != 0 || output->ending)
            pump(output, stream);
    }
}

/* ------------------------------------------------------------------ the end */

void output_finish(struct output *output)
{
    static const struct pollfd nothing[OUTPUT_POLL_COUNT];

    if (output == NULL)
        return;
    output->ending = true;
    output_pump(output, nothing);
}

/* Is there something that was not passed on, as far as is known? */
static bool has_some(const struct stream *stream)
{
    return stream->source >= 0 || !channel_is_empty(&stream->channel);
}

bool output_is_dry(const struct output *output)
{
    for (int i = 0; output != NULL && i < 2; i++)
        if (has_some(&output->streams[i]))
            return false;
    return true;
}

void output_abandon(struct output *output)
{
    for (int i = 0; output != NULL && i < 2; i++)
        if (output->streams[i].sink >= 0) {
            output->streams[i].unread = has_some(&output->streams[i]);
            give_up(&output->streams[i]);
        }
}

int output_check_written(const struct output *output, struct sbx_error *err)
{
    for (int i = 0; output != NULL && i < 2; i++) {
        const struct stream *stream = &output->streams[i];
        const char *name = stream->number == 1 ? "output" : "error";

        if (stream->error == 0 && !stream->unread)
            continue;
        error_set(err, SBX_ERROR_SETUP, stream->error, "output", NULL,
                  stream->error != 0 ? "cannot pass the command's standard %s on"
                                     : "nobody has read the rest of the command's standard %s",
                  name);
        error_add_hint(err, "the command did run, but a part of what it has written is lost");
        return stream->error != 0 ? -stream->error : -EIO;
    }
    return 0;
}

void output_free(struct output *output)
{
    if (output == NULL)
        return;
    output_launched(output);
    output_abandon(output);
    free(output);
}
