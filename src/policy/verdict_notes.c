/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

#include "kernel/fault.h"

#include <errno.h>
#include <string.h>

/* What groups that many hosts have are good for, as seen from inside a default run. */
static const struct {
    const char *name;
    const char *meaning;
} groups[] = {
    {"adm", "it reads logs in /var/log"},
    {"disk", "it reads and writes whole disks, but the default view has none in /dev"},
    {"docker", "it has root by Docker's socket, which the default view hides"},
    {"incus", "it has root by the socket of Incus, which the default view hides"},
    {"incus-admin", "it has root by the socket of Incus, which the default view hides"},
    {"kmem", "it reads the machine's memory, but the default view has no such device"},
    {"kvm", "it uses /dev/kvm, which the default view lacks"},
    {"libvirt", "it has root by libvirt's socket, which the default view hides"},
    {"lxd", "it has root by the socket of LXD, which the default view hides"},
    {"podman", "it has root by Podman's socket, where that belongs to root"},
    {"shadow", "it reads the hashes in /etc/shadow, which the default view shows"},
    {"sudo", "sudo itself has no power inside"},
    {"systemd-journal", "it reads the journal in /var/log/journal"},
    {"wheel", "sudo itself has no power inside"},
};

static const char *meaning_of(const struct host_group *group)
{
    if (group->gid == 0)
        return "it has what root's group has";
    for (size_t i = 0; group->name != NULL && i < sizeof(groups) / sizeof(groups[0]); i++)
        if (strcmp(groups[i].name, group->name) == 0)
            return groups[i].meaning;
    return NULL;
}

static int add(struct arena *arena, struct host_strings *notes, const char *text)
{
    return text == NULL ? -ENOMEM : host_strings_add_new(notes, arena, text);
}

/* What a group that the caller's user namespace has no number for looks like, see
 * user_namespaces(7). */
#define OVERFLOW_GID 65534

static int add_groups(struct arena *arena, unsigned faults, const struct host *host,
                      struct host_strings *notes)
{
    for (size_t i = 0; i < host->groups.count; i++) {
        const struct host_group *group = &host->groups.items[i];
        const char *meaning = meaning_of(group);
        const char *text;

        if (group->gid == OVERFLOW_GID && (faults & FAULT_NESTED_USERNS) != 0) {
            if (add(arena, notes,
                    "a group that has no number in this user namespace stays in force inside") < 0)
                return -ENOMEM;
            continue;
        }
        text = arena_printf(arena, "group %s (%u) stays in force inside: the kernel keeps it%s%s",
                            group->name != NULL ? group->name : "?", group->gid,
                            meaning != NULL ? "; " : "", meaning != NULL ? meaning : "");

        if (add(arena, notes, text) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int add_sockets(struct arena *arena, const struct host *host,
                       const struct host_strings *masked, struct host_strings *notes)
{
    for (size_t i = 0; i < masked->count; i++)
        if (add(arena, notes,
                arena_printf(arena,
                             "the host's socket %s would show in the default view: each run masks "
                             "it, as long as it is there when the run starts",
                             masked->items[i])) < 0)
            return -ENOMEM;
    if (host->lost_sockets == 0)
        return 0;
    return add(arena, notes,
               arena_printf(arena,
                            "sockets of the host have a place that can't be told (%u): where one "
                            "shows in the view, a command can connect to it",
                            host->lost_sockets));
}

static int add_caller(struct arena *arena, unsigned faults, struct host_strings *notes)
{
    static const struct {
        unsigned fault;
        const char *text;
    } rows[] = {
        {FAULT_NO_NEW_PRIVS, "the caller has no_new_privs: set-user-ID programs such as newuidmap "
                             "have no power here; sbx needs none of them"},
        {FAULT_SECCOMP, "the caller is under a system-call filter (a container's, a service's, or "
                        "another sandbox's)"},
        {FAULT_APPARMOR_CONFINED, "the caller is under an AppArmor profile"},
        {FAULT_NESTED_USERNS, "the caller is in a user namespace already"},
        {FAULT_CHROOT, "the caller is in a chroot"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((faults & rows[i].fault) != 0 && host_strings_add(notes, arena, rows[i].text) < 0)
            return -ENOMEM;
    return 0;
}

int verdict_add_notes(struct arena *arena, unsigned faults, const struct host *host,
                      const struct host_strings *masked, struct host_strings *notes)
{
    if (add_caller(arena, faults, notes) < 0 || add_groups(arena, faults, host, notes) < 0)
        return -ENOMEM;
    if (host->uid == 0 && add(arena, notes,
                              "started by root: what root owns is hidden by a list only; `sbx run "
                              "--as USER` needs no list") < 0)
        return -ENOMEM;
    return add_sockets(arena, host, masked, notes);
}
