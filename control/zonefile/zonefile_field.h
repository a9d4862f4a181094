/* SPDX-License-Identifier: BSD-3-Clause */
/* The fields of an entry and the numbers in them. Pure; the text is untrusted. */
#ifndef ARPAD_CONTROL_ZONEFILE_FIELD_H
#define ARPAD_CONTROL_ZONEFILE_FIELD_H

#include "control/failure.h"

#include <stdint.h>

/*
 * The next field at `*cursor`, ended with a NUL there, or NULL at the end. Fields are split at
 * blanks that are neither escaped nor in quotes.
 */
char *zonefile_next_field(char **cursor);

/* Decimal digits only, up to `max`; `what` names the field in the failure. */
int zonefile_parse_number(const char *field, uint32_t max, const char *what, uint32_t *number,
	struct failure *failure);

/*
 * Seconds, or numbers with the units w, d, h, m, s like "1h30m"; up to WIRE_TTL_MAX (RFC 2181 8).
 */
int zonefile_parse_time(
	const char *field, const char *what, uint32_t *seconds, struct failure *failure);

/*
 * A mnemonic that is known, or TYPE and a number (RFC 3597 5). 0 is no type. Which types a zone may
 * hold is not asked.
 */
int zonefile_parse_type(const char *field, uint16_t *type, struct failure *failure);

#endif
