/* SPDX-License-Identifier: Apache-2.0 */
/* Names, locks and sweeping: an ordinary directory does for these. */
#include "run/cgroup_place.h"

#include "unit/scratch.h"

struct place {
    struct scratch scratch;
    int parent;
};

static void place_end(struct place *place)
{
    cleanup_close(&place->parent);
    scratch_end(&place->scratch);
}
#define _cleanup_place_ _cleanup_(place_end)

static struct place place_new(void)
{
    struct place place = {.scratch = scratch_new()};

    place.parent = open(place.scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(place.parent, 0);
    scratch_file(&place.scratch, "cgroup.subtree_control", "");
    return place;
}

static bool is_there(const struct place *place, const char *name)
{
    return faccessat(place->parent, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

Test(cgroup_place, each_has_a_name_of_its_own_that_only_its_owner_may_enter)
{
    _cleanup_place_ struct place place = place_new();
    char first[CGROUP_RUN_NAME_SIZE];
    char second[CGROUP_RUN_NAME_SIZE];
    _cleanup_close_ int one = cgroup_place_make(place.parent, CGROUP_SANDBOX, first);
    _cleanup_close_ int other = cgroup_place_make(place.parent, CGROUP_SANDBOX, second);
    struct stat status;

    cr_assert(one >= 0 && other >= 0);
    cr_expect_str_neq(first, second);
    cr_expect_eq(strncmp(first, CGROUP_SANDBOX, strlen(CGROUP_SANDBOX)), 0);
    cr_assert_eq(fstatat(place.parent, first, &status, 0), 0);
    cr_expect_eq(status.st_mode & 07777, 0700);
    cr_expect_eq(fcntl(one, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

Test(cgroup_place, the_dead_are_swept_and_the_living_stay)
{
    _cleanup_place_ struct place place = place_new();
    char dead[CGROUP_RUN_NAME_SIZE];
    char alive[CGROUP_RUN_NAME_SIZE];
    char leaf[CGROUP_RUN_NAME_SIZE];
    int fd = cgroup_place_make(place.parent, CGROUP_SANDBOX, dead);
    _cleanup_close_ int held = cgroup_place_make(place.parent, CGROUP_SANDBOX, alive);

    cr_assert(fd >= 0 && held >= 0);
    cr_assert_eq(mkdirat(fd, CGROUP_INSIDE, 0700), 0);
    close(fd);
    fd = cgroup_place_make(place.parent, CGROUP_SUPERVISOR, leaf);
    cr_assert_geq(fd, 0);
    close(fd);
    scratch_directory(&place.scratch, "shell");
    scratch_directory(&place.scratch, "sbx-other");
    scratch_file(&place.scratch, CGROUP_SANDBOX "file", "");
    cgroup_place_sweep(place.parent);
    cr_expect_not(is_there(&place, dead));
    cr_expect_not(is_there(&place, leaf));
    cr_expect(is_there(&place, alive));
    cr_expect(is_there(&place, "shell"));
    cr_expect(is_there(&place, "sbx-other"));
    cr_expect(is_there(&place, CGROUP_SANDBOX "file"));
}

/* A link of that name leads the sweep nowhere. */
Test(cgroup_place, no_link_is_followed)
{
    _cleanup_place_ struct place place = place_new();

    scratch_directory(&place.scratch, "other/" CGROUP_INSIDE);
    scratch_link(&place.scratch, CGROUP_SANDBOX "link", "other");
    cgroup_place_sweep(place.parent);
    cr_expect(is_there(&place, "other/" CGROUP_INSIDE));
    cr_expect(is_there(&place, CGROUP_SANDBOX "link"));
}

Test(cgroup_place, the_last_one_is_alone)
{
    _cleanup_place_ struct place place = place_new();
    _cleanup_close_ int shared = cgroup_place_share(place.parent);
    int other = cgroup_place_share(place.parent);

    cr_assert(shared >= 0 && other >= 0);
    scratch_directory(&place.scratch, "leaf");
    cr_expect_not(cgroup_place_is_last(place.parent, shared, "leaf"), "another shares it");
    close(other);
    cr_expect(cgroup_place_is_last(place.parent, shared, "leaf"));
    /* now it is held, and who comes waits */
    cr_expect_eq(cgroup_place_share(place.parent), -EAGAIN);
}

Test(cgroup_place, a_cgroup_of_somebody_elses_keeps_it_in_use)
{
    _cleanup_place_ struct place place = place_new();
    _cleanup_close_ int shared = cgroup_place_share(place.parent);

    cr_assert_geq(shared, 0);
    scratch_directory(&place.scratch, "leaf");
    scratch_directory(&place.scratch, "job");
    cr_expect_not(cgroup_place_is_last(place.parent, shared, "leaf"));
}
