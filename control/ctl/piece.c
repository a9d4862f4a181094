/* SPDX-License-Identifier: BSD-3-Clause */
/* Written here and not by a JSON library, which takes several times as long: see request_piece.h.
 */
#include "control/ctl/piece.h"

#include "control/command/json_plain.h"

#include <stdio.h>

/*
 * Writes an octet that does not stand for itself; returns the length. `escaped` is NULL where text
 * is UTF-8.
 */
static size_t write_special(char *to, unsigned char octet, const bool *escaped)
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
	if (escaped)
		return (size_t)sprintf(to, *escaped ? "%03u" : "\\\\%03u", octet);
	*to = (char)octet;
	return 1;
}

size_t piece_write(
	char *line, long long id, long long import, const char *octets, size_t count, bool *escaped)
{
	size_t used = (size_t)sprintf(line,
		"{\"id\":%lld,\"method\":\"import.data\",\"params\":{\"import\":%lld,"
		"\"text\":\"",
		id, import);

	for (size_t at = 0; at < count;) {
		size_t plain = json_copy_plain(octets + at, count - at, line + used);

		at += plain;
		used += plain;
		if (escaped)
			*escaped &= plain == 0;
		if (at == count)
			break;
		used += write_special(line + used, (unsigned char)octets[at], escaped);
		if (escaped)
			*escaped = octets[at] == '\\' && !*escaped;
		at++;
	}
	used += (size_t)sprintf(line + used, "\"}}\n");
	return used;
}

/* The octets of the character that starts with `lead`, and the least and the most its second is. */
static unsigned character_bytes(unsigned char lead, unsigned char *least, unsigned char *most)
{
	*least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	*most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	return lead < 0x80		       ? 1
		: lead >= 0xc2 && lead < 0xe0  ? 2
		: lead >= 0xe0 && lead < 0xf0  ? 3
		: lead >= 0xf0 && lead <= 0xf4 ? 4
					       : 0;
}

static bool is_whole(const unsigned char *at, size_t left, size_t *bytes)
{
	unsigned char least, most;

	*bytes = character_bytes(*at, &least, &most);
	if (*bytes == 0 || *bytes > left)
		return false;
	for (size_t i = 1; i < *bytes; i++, least = 0x80, most = 0xbf)
		if (at[i] < least || at[i] > most)
			return false;
	return true;
}

size_t piece_utf8(const char *octets, size_t count)
{
	size_t at = 0, bytes;

	while (at < count) {
		if ((unsigned char)octets[at] < 0x80)
			at++;
		else if (is_whole((const unsigned char *)octets + at, count - at, &bytes))
			at += bytes;
		else
			break;
	}
	return at;
}
