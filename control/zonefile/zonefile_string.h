/* SPDX-License-Identifier: BSD-3-Clause */
/* Character strings of zone files (RFC 1035 5.1), in quotes or not. Pure; the text is untrusted. */
#ifndef ARPAD_CONTROL_ZONEFILE_STRING_H
#define ARPAD_CONTROL_ZONEFILE_STRING_H

#include "control/failure.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the string at `*cursor`, which is no blank and no end, and moves behind it; a closing quote
 * ends it, or a blank or an opening quote where it has none. Returns its length, or -1: a bad
 * escape, or longer than `max`.
 */
int zonefile_read_string(char **cursor, uint8_t *octets, size_t max, struct failure *failure);

#endif
