/* SPDX-License-Identifier: BSD-3-Clause */
/* Wire names: every walk is bounded by the bytes at hand and by the 255 that a name may have. */
#include "dataplane/dns/name.h"

#include "dataplane/dns/wire.h"

size_t name_length(const uint8_t *name, size_t available)
{
	size_t limit = available < WIRE_NAME_MAX_BYTES ? available : WIRE_NAME_MAX_BYTES;
	size_t at = 0;

	while (at < limit) {
		uint8_t label = name[at];

		if (label == 0)
			return at + 1;
		if (label > WIRE_LABEL_MAX_BYTES)
			return 0;
		at += 1 + (size_t)label;
	}
	return 0;
}

size_t name_skip(const uint8_t *name, size_t available)
{
	size_t limit = available < WIRE_NAME_MAX_BYTES ? available : WIRE_NAME_MAX_BYTES;
	size_t at = 0;

	while (at < limit) {
		uint8_t label = name[at];

		if (label == 0)
			return at + 1;
		if (label >= 0xc0)
			return at + 2 <= available ? at + 2 : 0;
		if (label > WIRE_LABEL_MAX_BYTES)
			return 0;
		at += 1 + (size_t)label;
	}
	return 0;
}

bool name_equal(const uint8_t *a, const uint8_t *b)
{
	for (;;) {
		uint8_t label = *a;

		if (label != *b)
			return false;
		if (label == 0)
			return true;
		for (unsigned i = 1; i <= label; i++)
			if (name_lower(a[i]) != name_lower(b[i]))
				return false;
		a += 1 + label;
		b += 1 + label;
	}
}
