/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/name_pattern.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include <string.h>

int name_pattern_parse(const char *text, struct name_pattern *pattern, struct failure *failure)
{
	size_t bytes = strlen(text);

	if (bytes > 1 && text[bytes - 1] == '.')
		bytes--;
	if (bytes == 0)
		return failure_set(failure, FAILURE_INVALID,
			"a name pattern needs at least one character, e.g. *.example.net");
	if (bytes > NAME_PATTERN_MAX_BYTES)
		return failure_set(failure, FAILURE_INVALID,
			"a name pattern of %zu characters is longer than any name; %d are allowed",
			bytes, NAME_PATTERN_MAX_BYTES);
	pattern->bytes = bytes;
	for (size_t i = 0; i < bytes; i++)
		pattern->octets[i] = (char)name_lower((uint8_t)text[i]);
	return 0;
}

/* The name in lower case, dots between its labels; returns its length. */
static size_t flatten(const uint8_t *wire, char flat[static WIRE_NAME_MAX_BYTES])
{
	size_t used = 0;

	for (; wire[0] != 0; wire += 1 + wire[0]) {
		if (used)
			flat[used++] = '.';
		for (unsigned i = 1; i <= wire[0]; i++)
			flat[used++] = (char)name_lower(wire[i]);
	}
	return used;
}

bool name_pattern_matches(const struct name_pattern *pattern, const uint8_t *wire)
{
	char name[WIRE_NAME_MAX_BYTES];
	size_t bytes = flatten(wire, name), at = 0, in = 0;
	size_t star = SIZE_MAX, resume = 0; /* the last star, and where it would end next */

	while (at < bytes) {
		if (in < pattern->bytes && pattern->octets[in] == '*') {
			star = in++;
			resume = at;
		} else if (in < pattern->bytes &&
			(pattern->octets[in] == '?' || pattern->octets[in] == name[at])) {
			in++;
			at++;
		} else if (star != SIZE_MAX) {
			in = star + 1;
			at = ++resume;
		} else {
			return false;
		}
	}
	while (in < pattern->bytes && pattern->octets[in] == '*')
		in++;
	return in == pattern->bytes;
}
