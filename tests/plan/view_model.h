/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan's mounts come to: where a path of the view leads, worked out from the list of steps
 * alone, as the kernel would by mounting one after the other.
 */
#ifndef TESTS_PLAN_VIEW_MODEL_H
#define TESTS_PLAN_VIEW_MODEL_H

#include "policy/plan.h"

/** Is @step one that puts something at its target? */
bool view_is_mount(const struct step *step);

/** The step that decides what is at @path, or with @below what it would be put into; or NULL. */
const struct step *view_decides(const struct plan *plan, const char *path, bool below);

/** The host's path that shows at @path of the view, or NULL where nothing of the host does. */
const char *view_shows(struct arena *arena, const struct plan *plan, const char *path);

/** May the command write at @path of the view, by the mounts alone? */
bool view_lets_write(const struct plan *plan, const char *path);

/** Could the command rename a directory above @path of the view, and make another one there? */
bool view_lets_move(struct arena *arena, const struct plan *plan, const char *path);

/** Is @step a bind of a part of the view over itself? */
bool view_is_pin(const struct step *step);

/** One line about @path for a golden file: "host /etc/passwd, read-only". In @arena. */
const char *view_say(struct arena *arena, const struct plan *plan, const char *path);

#endif
