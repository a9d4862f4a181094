/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The range and the patterns of $GENERATE, as BIND has it: "$" is the number,
 * "${offset,width,base}" the number changed and formatted, "$$" a dollar sign, and "\$" stays as it
 * is. Pure; the text is untrusted.
 */
#ifndef ARPAD_CONTROL_ZONEFILE_GENERATE_H
#define ARPAD_CONTROL_ZONEFILE_GENERATE_H

#include "control/failure.h"

#include <stddef.h>
#include <stdint.h>

struct zonefile_range {
	uint32_t start, stop, step; /* stop included */
};

/* "start-stop" or "start-stop/step". */
int zonefile_generate_range(
	const char *field, struct zonefile_range *range, struct failure *failure);

/* Writes the pattern for `number` into `room` octets, a NUL included. 0 or -1. */
int zonefile_generate_expand(
	const char *pattern, uint32_t number, char *text, size_t room, struct failure *failure);

#endif
