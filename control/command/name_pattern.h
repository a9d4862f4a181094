/* SPDX-License-Identifier: BSD-3-Clause */
/* Patterns of names: `*` is any octets, dots too, `?` is one; case does not count. Pure. */
#ifndef ARPAD_CONTROL_NAME_PATTERN_H
#define ARPAD_CONTROL_NAME_PATTERN_H

#include "control/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_PATTERN_MAX_BYTES = 255 };

struct name_pattern {
	size_t bytes;
	char octets[NAME_PATTERN_MAX_BYTES]; /* in lower case, without a final dot */
};

/* Takes a pattern with or without a final dot. 0, or -1: it is empty or too long. */
int name_pattern_parse(const char *text, struct name_pattern *pattern, struct failure *failure);

/*
 * Whether a well-formed wire name matches as a whole. Takes time in proportion to the product of
 * both lengths at worst, so at most some 65,000 steps.
 */
bool name_pattern_matches(const struct name_pattern *pattern, const uint8_t *wire);

#endif
