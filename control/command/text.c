/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/text.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_ROOM = 256, NUMBER_BYTES = 20 };

char *text_reserve(struct text *text, size_t more)
{
	size_t wanted = text->room ? text->room : FIRST_ROOM;
	char *larger;

	if (text->failed)
		return NULL;
	if (text->room - text->bytes >= more && text->octets)
		return text->octets + text->bytes;
	while (wanted - text->bytes < more && wanted <= SIZE_MAX / 4)
		wanted *= 2;
	larger = wanted - text->bytes < more ? NULL : realloc(text->octets, wanted);
	if (!larger) {
		text->failed = true;
		return NULL;
	}
	text->octets = larger;
	text->room = wanted;
	return larger + text->bytes;
}

void text_add_number(struct text *text, long long number)
{
	unsigned long long left =
		number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number;
	char digits[NUMBER_BYTES];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left != 0);
	if (number < 0)
		digits[--at] = '-';
	text_add(text, digits + at, sizeof(digits) - at);
}

void text_free(struct text *text)
{
	free(text->octets);
	*text = (struct text){.octets = NULL};
}
