/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/nearest.h"

#include <stddef.h>
#include <string.h>

#define FAR 3 /* as many differences make it another word */

#define MAX_NAME 24

static unsigned min_of(unsigned left, unsigned right)
{
    return left < right ? left : right;
}

/* By rows of the usual table, of which three are kept. */
unsigned word_distance(const char *left, const char *right)
{
    size_t width = strlen(right);
    unsigned rows[3][MAX_NAME + 1];

    if (strlen(left) > MAX_NAME || width > MAX_NAME)
        return MAX_NAME;
    for (unsigned x = 0; x <= width; x++)
        rows[0][x] = x;
    for (unsigned y = 1; left[y - 1] != '\0'; y++) {
        unsigned *above = rows[(y - 1) % 3];
        unsigned *row = rows[y % 3];

        row[0] = y;
        for (unsigned x = 1; x <= width; x++) {
            unsigned change = left[y - 1] != right[x - 1];

            row[x] = min_of(above[x - 1] + change, min_of(above[x], row[x - 1]) + 1);
            if (y > 1 && x > 1 && left[y - 1] == right[x - 2] && left[y - 2] == right[x - 1])
                row[x] = min_of(row[x], rows[(y - 2) % 3][x - 2] + 1);
        }
    }
    return rows[strlen(left) % 3][width];
}

int word_is_near(unsigned distance, const char *known)
{
    /* A short word is near only if most of its letters stay. */
    return distance < FAR && distance * 2 < strlen(known) + (distance == 1);
}

const char *nearest_word(const char *word, const char *const *words)
{
    const char *nearest = NULL;
    unsigned best = FAR;

    for (; *words != NULL; words++) {
        unsigned distance = word_distance(word, *words);

        if (distance < best && word_is_near(distance, *words)) {
            best = distance;
            nearest = *words;
        }
    }
    return nearest;
}
