/* SPDX-License-Identifier: Apache-2.0 */
#include "run/attest.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/path.h"
#include "kernel/capability.h"
#include "kernel/mount.h"
#include "kernel/mountinfo.h"
#include "run/attest_json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>

static int unreadable(struct sbx_error *err, int number, const char *what)
{
    if (number == -ENOMEM)
        return error_oom(err);
    error_set(err, SBX_ERROR_SETUP, -number, "attest", NULL,
              "cannot read back what is in force in the sandbox (%s)", what);
    if (number != -EMFILE && number != -ENFILE) /* these have a hint that is better */
        error_add_hint(err, "the command was not started; /proc has to be there and has to be of "
                            "the caller's PID namespace or of one above it");
    return number;
}

static int differs(const struct attest *attest, const struct attest_facts *facts,
                   struct sbx_error *err)
{
    const struct attest_item *item = attest_difference(attest);
    /* the kernel says ENOSPC: another refusal is a filter's, and nobody knows what the kernel does
     */
    int in_between =
        item != NULL && strcmp(item->what, "userns-limit") == 0 ? facts->userns_error : 0;

    if (item == NULL) /* it was counted, but there was no memory to describe it */
        return error_oom(err);
    error_set(err, SBX_ERROR_SETUP, in_between, "attest", item->subject,
              "the sandbox is not as planned: %s%s%s: expected %s; found %s", item->what,
              item->subject != NULL ? " " : "", item->subject != NULL ? item->subject : "",
              item->expected, item->found);
    error_add_origin(err, item->origin);
    if (in_between == 0)
        error_add_hint(err, "the command was not started; this is a fault of sbx or of the kernel: "
                            "please report it, with what --attest FILE writes");
    return -EPROTO;
}

/* ---- open and close ---- */

int attestation_open(const struct plan *plan, struct attestation *ret_attestation,
                     struct sbx_error *err)
{
    struct attestation attestation = {.plan = plan};
    int result =
        report_open_for("--attest", plan->attest, &plan->attest_directory, &attestation.file, err);

    if (result < 0)
        return result;
    attestation.arena = arena_new();
    if (attestation.arena == NULL) {
        report_close(&attestation.file);
        return error_oom(err);
    }
    *ret_attestation = attestation;
    return 0;
}

void attestation_close(struct attestation *attestation)
{
    report_close(&attestation->file);
    process_text_free(&attestation->text);
    arena_free(attestation->arena);
    *attestation = (struct attestation){.file = {.directory = -EBADF, .direct = -EBADF}};
}

/* ---- the supervisor itself ---- */

/* What is needed when the view is looked at, which is waited for: memory for each of its mounts, of
 * which it has about as many as the host and the steps together, and for the kernel's text of them.
 */
static void warm(struct attestation *attestation)
{
    size_t mounts = attestation->plan->host_mounts->count + attestation->plan->steps.count;

    arena_warm(attestation->arena, mounts * (sizeof(struct host_mount) + 100));
    process_text_warm(&attestation->text, mounts * 128);
}

static int prepare(struct attestation *attestation)
{
    struct attest_facts *facts = &attestation->facts;
    _cleanup_close_ int own = open("/proc/thread-self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = own < 0 ? -errno : process_namespaces_read(own, facts->here);

    if (result < 0)
        return result;
    facts->own_filters = process_own_filters(attestation->arena);
    if (facts->own_filters < -1)
        return facts->own_filters;
    facts->own_keyring = process_own_keyring();
    result = attest_begin(attestation->arena, attestation->plan, attestation->plan->attest != NULL,
                          &attestation->first);
    if (result == 0)
        result = attest_host_index(attestation->arena, attestation->plan->host_mounts,
                                   &attestation->host);
    if (result == 0)
        warm(attestation);
    return result;
}

int attestation_prepare(struct attestation *attestation, struct sbx_error *err)
{
    int result = prepare(attestation);

    return result < 0 ? unreadable(err, result, "the caller's own namespaces") : 0;
}

/* ---- the view ---- */

/* Nothing there, or nothing that the command could get at: the same test as that of the mask.  1,
 * 0, or a negative errno where nobody could look. */
static int is_out_of_reach(int root, const char *point)
{
    _cleanup_close_ int fd = -EBADF;
    struct stat status;

    /* In the kernel's own trees nobody can have put a link that leads out; and most masks are
     * there.  This is cheaper, and never has to try again because of a mount elsewhere. */
    if (path_is_below(point, "/proc") || path_is_below(point, "/sys"))
        return fstatat(root, point + 1, &status, AT_SYMLINK_NOFOLLOW) < 0 &&
               (errno == ENOENT || errno == ENOTDIR || errno == EACCES);
    fd = open_in_root(root, point, 0);
    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
        return fd;
    return fd == -ENOENT || fd == -ENOTDIR || fd == -EACCES;
}

/* Where no mount was found, is it for want of a place?  Asked with the rights of the command. */
static int find_placeless(struct attest *attest, int process)
{
    static const uint64_t rights = UINT64_C(1) << CAP_DAC_OVERRIDE | UINT64_C(1)
                                                                         << CAP_DAC_READ_SEARCH;
    _cleanup_close_ int root = openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    uint64_t taken = 0;
    int result = root < 0 ? -errno : capability_lay_down(rights, &taken);
    int returned;

    if (result < 0)
        return result;
    for (size_t i = 0; i < attest->mounts.count && result >= 0; i++) {
        struct attest_mount *planned = &attest->mounts.items[i];

        if (planned->found != NULL || !planned->may_lack)
            continue;
        result = is_out_of_reach(root, planned->point);
        planned->placeless = result > 0;
    }
    returned = capability_give_back(taken);
    return result < 0 ? result : returned;
}

static int look_at_mounts(struct attestation *attestation, int process)
{
    struct arena *arena = attestation->arena;
    struct attest before = attestation->first;
    struct host_mounts mounts;
    struct host_mounts host;
    struct attest_host host_now;
    const struct attest_place *places;
    int result = process_read(&attestation->text, process, "mountinfo");

    if (result == 0)
        result = mountinfo_parse(arena, attestation->text.data, &mounts);
    if (result == 0)
        result = attest_mounts_match(&attestation->first, &mounts, &places);
    if (result == 0)
        result = find_placeless(&attestation->first, process);
    if (result == 0)
        result = attest_mounts_compare(&attestation->first, &mounts, places, &attestation->host);
    if (result < 0 || attestation->first.differences == 0)
        return result;
    /* The kernel uses the number of a device again: one that the host has let go since the plan was
     * made may be that of a file system of this run.  So the host is looked at once more. */
    if (mountinfo_read(arena, &host, NULL) < 0)
        return -EIO;
    attestation->first = before;
    result = attest_host_index(arena, &host, &host_now);
    return result < 0 ? result
                      : attest_mounts_compare(&attestation->first, &mounts, places, &host_now);
}

static int read_map(struct attestation *attestation, int process, const char *name,
                    const char **ret_map)
{
    int result = process_read(&attestation->text, process, name);

    if (result < 0)
        return result;
    *ret_map = arena_strdup(attestation->arena, attestation->text.data);
    return *ret_map == NULL ? -ENOMEM : 0;
}

/* The kernel shows a path without links; the planned one may lead through some that the view has.
 */
static bool leads_to(int process, const char *path)
{
    _cleanup_close_ int root = openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    _cleanup_close_ int there = root < 0 ? -EBADF : open_as_root(root, path, O_PATH | O_DIRECTORY);
    struct stat planned;
    struct stat found;

    return there >= 0 && fstat(there, &planned) == 0 && fstatat(process, "cwd", &found, 0) == 0 &&
           planned.st_dev == found.st_dev && planned.st_ino == found.st_ino;
}

static int read_directory(struct arena *arena, const struct plan *plan, int process,
                          struct attest_facts *facts)
{
    const char *planned = plan_step(plan, STEP_CHDIR)->target;
    char path[PATH_MAX];
    ssize_t length = process_link(process, "cwd", path, sizeof(path));

    if (length < 0)
        return (int)length;
    facts->in_directory = strcmp(path, planned) == 0 || leads_to(process, planned);
    facts->directory = arena_strdup(arena, path);
    return facts->directory == NULL ? -ENOMEM : 0;
}

static int look_at_view(struct attestation *attestation, pid_t init)
{
    struct attest_facts *facts = &attestation->facts;
    _cleanup_close_ int process = process_directory(init);
    int result = process < 0 ? process : process_namespaces_read(process, facts->inside);

    if (result == 0)
        result = read_map(attestation, process, "uid_map", &facts->uid_map);
    if (result == 0)
        result = read_map(attestation, process, "gid_map", &facts->gid_map);
    if (result == 0)
        result = read_directory(attestation->arena, attestation->plan, process, facts);
    return result < 0 ? result : look_at_mounts(attestation, process);
}

int attestation_view(struct attestation *attestation, pid_t init, int landlock_error,
                     struct sbx_error *err)
{
    int result = look_at_view(attestation, init);

    if (result < 0)
        return unreadable(err, result, "mounts and id maps");
    attestation->facts.landlock_error = landlock_error;
    attestation->view_known = true;
    return 0;
}

/* ---- a command ---- */

static int read_rlimits(struct arena *arena, const struct plan *plan, pid_t pid,
                        struct attest_facts *facts)
{
    uint64_t(*limits)[2] = arena_alloc(arena, plan->steps.count * sizeof(*limits));
    size_t count = 0;

    if (limits == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = &plan->steps.items[i];
        int result =
            step->kind == STEP_RLIMIT
                ? process_rlimit(pid, (int)step->number, &limits[count][0], &limits[count][1])
                : 0;

        if (result < 0)
            return result;
        count += step->kind == STEP_RLIMIT;
    }
    facts->rlimits = (const uint64_t(*)[2])limits;
    return 0;
}

static int read_process(struct arena *arena, struct process_text *text, const struct plan *plan,
                        pid_t pid, struct attest_facts *facts)
{
    _cleanup_close_ int process = process_directory(pid);
    int result = process < 0 ? process : process_status_read(arena, text, process, &facts->status);

    if (result == 0)
        result = read_rlimits(arena, plan, pid, facts);
    if (result < 0)
        return result;
    result = process_fds_read(arena, process, &facts->fds);
    facts->fds_error = result == -EACCES ? result : 0;
    return facts->fds_error != 0 ? 0 : result;
}

static char *name_of(struct arena *arena, const char name[static WIRE_NAME_SIZE])
{
    return arena_strndup(arena, name, strnlen(name, WIRE_NAME_SIZE));
}

static int compare(struct attest *attest, struct process_text *text, struct attest_facts *facts,
                   pid_t pid, const struct wire_hello *hello, const struct attest_command *command)
{
    int result = read_process(attest->arena, text, attest->plan, pid, facts);

    if (result < 0)
        return result;
    facts->exec_socket = hello->exec_socket;
    facts->closes_on_exec = hello->exec_flags == FD_CLOEXEC;
    facts->securebits = hello->securebits;
    facts->dumpable = hello->dumpable;
    facts->keyring = hello->keyring;
    facts->userns_error = hello->userns_error;
    facts->hostname = name_of(attest->arena, hello->hostname);
    facts->domainname = name_of(attest->arena, hello->domainname);
    if (facts->hostname == NULL || facts->domainname == NULL)
        return -ENOMEM;
    return attest_process(attest, facts, command);
}

static int write_file(const struct attestation *attestation, struct sbx_error *err)
{
    _cleanup_free_ char *text = NULL;

    if (attestation->plan->attest == NULL)
        return 0;
    text = attest_json(&attestation->first);
    return text == NULL ? error_oom(err) : report_write_text(&attestation->file, text, err);
}

static int attest_first(struct attestation *attestation, pid_t pid, const struct wire_hello *hello,
                        const struct attest_command *command, struct sbx_error *err)
{
    int result =
        compare(&attestation->first, &attestation->text, &attestation->facts, pid, hello, command);

    if (result < 0)
        return unreadable(err, result, "the command's process");
    result = write_file(attestation, err);
    if (result < 0)
        return result;
    return attestation->first.differences > 0
               ? differs(&attestation->first, &attestation->facts, err)
               : 0;
}

int attestation_command(struct attestation *attestation, pid_t pid, const struct wire_hello *hello,
                        const struct attest_command *command, struct sbx_error *err)
{
    _cleanup_arena_ struct arena *arena = NULL;
    struct attest_facts facts = attestation->facts;
    struct attest attest = {.plan = attestation->plan};
    int result;

    if (!attestation->view_known)
        return unreadable(err, -EPROTO, "the view");
    if (command->first)
        return attest_first(attestation, pid, hello, command, err);
    attest.arena = arena = arena_new();
    result =
        arena == NULL ? -ENOMEM : compare(&attest, &attestation->text, &facts, pid, hello, command);
    if (result < 0)
        return unreadable(err, result, "the command's process");
    return attest.differences > 0 ? differs(&attest, &facts, err) : 0;
}
