/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* What isn't one of 0 to 9 in the program that is started. */
#define LOWEST_FD 16

static const char *const options_default[] = {NULL};
static const char *const options_build[] = {"--profile", "build", NULL};
static const char *const options_view[] = {
    "--ro",       "@/work",        "--ro",   "@/shown",
    "--rw",       "@/data",        "--hide", "@/shown/secret",
    "--tmpfs",    "@/shown/empty", "--file", "@/shown/file=@/outside/file",
    "--hostname", "elsewhere",     "--cd",   "@/data",
    NULL};
static const char *const options_host[] = {"--net", "host", NULL};
/* ... where the kernel can't close the host's abstract sockets */
static const char *const options_host_open[] = {"--net", "host-abstract", NULL};
static const char *const options_terminal[] = {"--tty", "new", NULL};
static const char *const options_limits[] = {"--time",       "60s",  "--cpu-time",        "50s",
                                             "--open-files", "100",  "--file-size",       "10M",
                                             "--name",       "name", "--die-with-parent", NULL};

const struct variant variants[] = {
    {"default", options_default}, {"build", options_build},       {"view", options_view},
    {"host", options_host},       {"terminal", options_terminal}, {"limits", options_limits},
};
const size_t variant_count = sizeof(variants) / sizeof(variants[0]);

static const char *const namespaces[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};

static const char *const tries[] = {
    "write=@/outside/file", "write=@/work/file",    "write=@/data/file", "read=@/home/secret",
    "read=@/shown/secret",  "read=@/shown/file",    "list=@/home",       "list=@/shown/empty",
    "list=@/run",           "connect=@/work/socket"};

/* --- making ---------------------------------------------------------------------------------- */

static int complain(const char *what, const char *path)
{
    fprintf(stderr, "faults: %s %s: %s\n", what, path, strerror(errno));
    return -1;
}

/* A descriptor that is in nobody's way. */
static int out_of_the_way(int fd)
{
    int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);

    if (fd >= 0)
        close(fd);
    return moved;
}

__attribute__((format(printf, 3, 4))) static const char *
path_in(const struct world *world, char buffer[static PATH_MAX], const char *format, ...)
{
    va_list arguments;
    int used = snprintf(buffer, PATH_MAX, "%s/", world->root);

    va_start(arguments, format);
    vsnprintf(buffer + used, (size_t)(PATH_MAX - used), format, arguments);
    va_end(arguments);
    return buffer;
}

static int make_file(const struct world *world, const char *name, const char *text)
{
    char path[PATH_MAX];
    int fd = open(path_in(world, path, "%s", name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return complain("cannot make", path);
    close(fd);
    return 0;
}

static int copy_program(const struct world *world, const char *from)
{
    char path[PATH_MAX];
    static char data[4096 * 1024];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(path_in(world, path, "work/witness"), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    ssize_t length = in < 0 ? -1 : read(in, data, sizeof(data));

    if (in >= 0)
        close(in);
    if (length < 0)
        return complain("cannot read", from);
    if (out < 0 || write(out, data, (size_t)length) != length)
        return complain("cannot write", path);
    close(out);
    return 0;
}

static int listen_at(const struct sockaddr_un *address, socklen_t length)
{
    int fd = out_of_the_way(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

    if (fd < 0 || bind(fd, (const struct sockaddr *)address, length) < 0 || listen(fd, 16) < 0)
        return complain("cannot listen at", address->sun_path);
    return fd;
}

static int make_sockets(struct world *world, unsigned number)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[PATH_MAX];

    path_in(world, path, "work/socket");
    if (strlen(path) >= sizeof(address.sun_path))
        return complain("too long:", path);
    strcpy(address.sun_path, path);
    world->socket = listen_at(&address, sizeof(address));
    address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "sbx-faults-%d-%u", getppid(),
             number);
    world->listener = listen_at(&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                                                      strlen(address.sun_path + 1)));
    return world->socket < 0 || world->listener < 0 ? -1 : 0;
}

static int make_tree(struct world *world, const char *witness)
{
    static const char *const directories[] = {
        "",    "home",    "work", "work/.git", "work/.git/objects", "work/.git/refs", "tmp",
        "run", "outside", "data", "shown",     "shown/empty",       "report",         "io"};
    static const char *const files[] = {"work/file",    "home/secret", "outside/file", "data/file",
                                        "shown/secret", "shown/file",  "io/input"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        if (mkdir(path_in(world, path, "%s", directories[i]), 0755) < 0)
            return complain("cannot make", path);
    chmod(path_in(world, path, "run"), 0700);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (make_file(world, files[i], "a line\n") < 0)
            return -1;
    if (make_file(world, "work/.git/HEAD", "ref: refs/heads/main\n") < 0)
        return -1;
    return copy_program(world, witness);
}

static int open_files(struct world *world)
{
    char path[PATH_MAX];
    int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC;

    world->input = out_of_the_way(open(path_in(world, path, "io/input"), O_RDONLY | O_CLOEXEC));
    world->output = out_of_the_way(open(path_in(world, path, "io/output"), flags, 0644));
    world->error = out_of_the_way(open(path_in(world, path, "io/error"), flags, 0644));
    world->leaked = out_of_the_way(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (world->input < 0 || world->output < 0 || world->error < 0 || world->leaked < 0)
        return complain("cannot open", "the descriptors of a launch");
    return 0;
}

/* "@" becomes the world's root. */
static char *expand(const struct world *world, const char *text)
{
    char buffer[4 * PATH_MAX] = "";
    size_t used = 0;

    for (; *text != '\0' && used + PATH_MAX < sizeof(buffer); text++) {
        if (*text == '@')
            used += (size_t)snprintf(buffer + used, sizeof(buffer) - used, "%s", world->root);
        else
            buffer[used++] = *text;
        buffer[used] = '\0';
    }
    return strdup(buffer);
}

static void make_environment(struct world *world)
{
    static const char *const variables[] = {"PATH=/usr/bin:/bin",    "HOME=@/home", "TMPDIR=@/tmp",
                                            "XDG_RUNTIME_DIR=@/run", "LANG=C",      "TERM=dumb",
                                            "SECRET=secret",         NULL};

    for (size_t i = 0; variables[i] != NULL; i++)
        world->environment[i] = expand(world, variables[i]);
}

int world_make(struct world *world, const char *base, unsigned number, const char *sbx,
               const char *witness)
{
    *world = (struct world){0};
    snprintf(world->root, sizeof(world->root), "%s/%u", base, number);
    snprintf(world->sbx, sizeof(world->sbx), "%s", sbx);
    snprintf(world->directory, sizeof(world->directory), "%s/work", world->root);
    if (make_tree(world, witness) < 0 || make_sockets(world, number) < 0 || open_files(world) < 0)
        return -1;
    make_environment(world);
    return 0;
}

static void free_strings(char **strings)
{
    for (; *strings != NULL; strings++) {
        free(*strings);
        *strings = NULL;
    }
}

void world_free(struct world *world)
{
    free_strings(world->argv);
    free_strings(world->environment);
    free(world->listing);
    free(world->mounts);
    close(world->input);
    close(world->output);
    close(world->error);
    close(world->leaked);
    close(world->listener);
    close(world->socket);
}

/* --- a launch -------------------------------------------------------------------------------- */

static void add_word(struct world *world, size_t *count, const char *word)
{
    if (*count + 1 < WORLD_MAX_ARGS)
        world->argv[(*count)++] = expand(world, word);
}

static void add_namespace(struct world *world, size_t *count, const char *name)
{
    char path[64];
    char link[64] = "";
    char word[128];

    snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
    if (readlink(path, link, sizeof(link) - 1) < 0)
        return; /* the kernel has none of this kind */
    snprintf(word, sizeof(word), "ns=%s", link);
    add_word(world, count, word);
}

/* Abstract sockets are closed by Landlock's scope for them, which came with ABI 6. */
static bool has_abstract_scope(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION) >=
           6;
}

static const char *const *options_of(const struct variant *variant)
{
    return variant->options == options_host && !has_abstract_scope() ? options_host_open
                                                                     : variant->options;
}

int world_choose(struct world *world, const struct variant *variant)
{
    struct sockaddr_un address;
    socklen_t length = sizeof(address);
    char word[128];
    size_t count = 0;

    free_strings(world->argv);
    add_word(world, &count, "sbx");
    add_word(world, &count, "run");
    add_word(world, &count, "--report");
    add_word(world, &count, "@/report/report.json");
    for (const char *const *option = options_of(variant); *option != NULL; option++)
        add_word(world, &count, *option);
    add_word(world, &count, "--");
    add_word(world, &count, "@/work/witness");
    for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
        add_namespace(world, &count, namespaces[i]);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
        add_word(world, &count, tries[i]);
    if (getsockname(world->listener, (struct sockaddr *)&address, &length) < 0)
        return complain("cannot name", "the abstract socket");
    snprintf(word, sizeof(word), "abstract=%s", address.sun_path + 1);
    add_word(world, &count, word);
    return 0;
}

int world_reset(struct world *world)
{
    char path[PATH_MAX];

    if (ftruncate(world->output, 0) < 0 || ftruncate(world->error, 0) < 0 ||
        lseek(world->input, 0, SEEK_SET) < 0)
        return complain("cannot reset", "the descriptors of a launch");
    if (unlink(path_in(world, path, "report/report.json")) < 0 && errno != ENOENT)
        return complain("cannot remove", path);
    return 0;
}

void world_program(const struct world *world, struct trace_program *ret_program)
{
    *ret_program = (struct trace_program){
        .path = world->sbx,
        .argv = world->argv,
        .environment = world->environment,
        .directory = world->directory,
        .fds = {world->input, world->output, world->error},
        .leaked = world->leaked,
    };
}

static void read_text(int fd, char *buffer, size_t size)
{
    ssize_t length = fd < 0 ? 0 : pread(fd, buffer, size - 1, 0);

    buffer[length < 0 ? 0 : length] = '\0';
}

/* A terminal writes "\r\n". */
static void strip_returns(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++)
        if (*from != '\r')
            *to++ = *from;
    *to = '\0';
}

void world_read(const struct world *world, struct world_output *ret_output)
{
    char path[PATH_MAX];
    int report = open(path_in(world, path, "report/report.json"), O_RDONLY | O_CLOEXEC);

    read_text(world->output, ret_output->facts, sizeof(ret_output->facts));
    read_text(world->error, ret_output->error, sizeof(ret_output->error));
    read_text(report, ret_output->report, sizeof(ret_output->report));
    strip_returns(ret_output->facts);
    if (report >= 0)
        close(report);
}

/* --- what has to stay ------------------------------------------------------------------------ */

static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static size_t list(const char *path, char *buffer, size_t size)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, by_name);
    size_t used = 0;

    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char full[PATH_MAX];

        snprintf(full, sizeof(full), "%s/%s", path, name);
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "report.json") != 0 &&
            used + PATH_MAX < size) {
            used += (size_t)snprintf(buffer + used, size - used, "%s\n", full);
            if (entries[i]->d_type == DT_DIR)
                used += list(full, buffer + used, size - used);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return used;
}

static char *read_mounts(char *buffer, size_t size)
{
    int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t count;

    while (fd >= 0 && used + 1 < size && (count = read(fd, buffer + used, size - 1 - used)) > 0)
        used += (size_t)count;
    buffer[used] = '\0';
    if (fd >= 0)
        close(fd);
    return buffer;
}

static char scratch[WORLD_MAX_TEXT];
static bool own_mounts;

int world_remember(struct world *world)
{
    free(world->listing);
    free(world->mounts);
    scratch[0] = '\0';
    list(world->root, scratch, sizeof(scratch));
    world->listing = strdup(scratch);
    world->mounts = own_mounts ? strdup(read_mounts(scratch, sizeof(scratch))) : NULL;
    return world->listing == NULL ? -1 : 0;
}

/* The first line of @now that isn't as it was; true if there is one. */
static bool differs(const char *before, const char *now, char *what, size_t size)
{
    while (*before != '\0' && *before == *now) {
        before++;
        now++;
    }
    if (*before == *now)
        return false;
    while (now > scratch && now[-1] != '\n')
        now--;
    snprintf(what, size, "%.*s", (int)strcspn(now, "\n"), *now == '\0' ? "something is gone" : now);
    return true;
}

bool world_changed(const struct world *world, char *what, size_t size)
{
    scratch[0] = '\0';
    list(world->root, scratch, sizeof(scratch));
    if (differs(world->listing, scratch, what, size))
        return true;
    return world->mounts != NULL &&
           differs(world->mounts, read_mounts(scratch, sizeof(scratch)), what, size);
}

void world_isolate_mounts(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
        return;
    /* shared again among themselves: a mount that leaks out of a launch has to be seen */
    own_mounts = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                 mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0;
}
