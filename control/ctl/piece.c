/* SPDX-License-Identifier: BSD-3-Clause */
/* Written here and not by a JSON library, which takes several times as long: see request_piece.h.
 */
#include "control/ctl/piece.h"

#include "control/json_plain.h"

#include <stdio.h>

/* Writes an octet that does not stand for itself; returns the length. */
static size_t write_special(char *to, unsigned char octet, bool escaped)
{
	static const char short_ones[] = "\"\"\\\\\nn\rr\tt"; /* the octet, what stands for it */

	for (const char *one = short_ones; *one; one += 2)
		if ((unsigned char)*one == octet) {
			to[0] = '\\';
			to[1] = one[1];
			return 2;
		}
	if (octet < 0x80)
		return (size_t)sprintf(to, "\\u%04x", octet);
	return (size_t)sprintf(to, escaped ? "%03u" : "\\\\%03u", octet);
}

size_t piece_write(
	char *line, long long id, long long import, const char *octets, size_t count, bool *escaped)
{
	size_t used = (size_t)sprintf(line,
		"{\"id\":%lld,\"method\":\"zone.import.data\",\"params\":{\"import\":%lld,"
		"\"text\":\"",
		id, import);

	for (size_t at = 0; at < count;) {
		size_t plain = json_copy_plain(octets + at, count - at, line + used);

		at += plain;
		used += plain;
		*escaped &= plain == 0;
		if (at == count)
			break;
		used += write_special(line + used, (unsigned char)octets[at], *escaped);
		*escaped = octets[at] == '\\' && !*escaped;
		at++;
	}
	used += (size_t)sprintf(line + used, "\"}}\n");
	return used;
}
