/* SPDX-License-Identifier: BSD-3-Clause */
/* What somebody who mistyped a word may have meant. Pure. */
#ifndef ARPAD_CONTROL_NEAREST_H
#define ARPAD_CONTROL_NEAREST_H

/*
 * How many letters have to be put in, left out, changed or swapped with their neighbour to make
 * one word the other; words of more than 40 octets are not like any.
 */
unsigned nearest_distance(const char *one, const char *other);

/* Whether the distance is small for words of such a length: a slip, not another word. */
int nearest_is_slip(const char *typed, const char *meant);

#endif
