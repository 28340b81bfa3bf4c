/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the known word that is nearest to what was written. */
#ifndef POLICY_NEAREST_H
#define POLICY_NEAREST_H

/**
 * How many letters have to be put in, left out, changed or swapped with their neighbour to make one
 * word of the other (the restricted Damerau-Levenshtein distance).  A large number for long words.
 */
unsigned word_distance(const char *left, const char *right);

/** Are so few letters different that @word was probably meant to be @known? */
int word_is_near(unsigned distance, const char *known);

/** The one of @words (NULL-terminated) that is nearest to @word, or NULL where none is near. */
const char *nearest_word(const char *word, const char *const *words);

#endif
