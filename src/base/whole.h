/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbx is two programs, made of the same sources: a quick one, `sbx`, which has no library in it,
 * and the whole one, `sbx-full`.  A run starts in the quick one.  Where something is needed that
 * stands on a library (a profile of the user's own, a filter of other system calls, JSON) it goes
 * on as the whole one: that has the same arguments, and starts from the beginning.
 *
 * So this has to be known before anything is done that can be seen: before the command is started,
 * before something is printed, and before something is read that can be read only once.
 */
#ifndef BASE_WHOLE_H
#define BASE_WHOLE_H

/** In the whole program nothing; in the quick one this doesn't return: sbx-full goes on. */
void whole_needed(void);

/** From here on it is too late: whole_needed() in the quick program ends it with exit code 125. */
void whole_decided(void);

#endif
