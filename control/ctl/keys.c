/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/keys.h"

#include <string.h>

/* What follows the escape character: "[A" or "OA", or "[5~". */
static const struct {
	const char *text;
	int key;
} sequences[] = {{"[A", KEYS_UP}, {"OA", KEYS_UP}, {"[B", KEYS_DOWN}, {"OB", KEYS_DOWN},
	{"[5~", KEYS_PAGE_UP}, {"[6~", KEYS_PAGE_DOWN}};

/* The octets of a sequence that we do not know: up to its last, a letter or "~". */
static size_t unknown_bytes(const char *typed, size_t bytes)
{
	size_t at = 2;

	if (bytes < 2 || (typed[1] != '[' && typed[1] != 'O'))
		return 1;
	while (at < bytes && typed[at] < '@')
		at++;
	return at < bytes ? at + 1 : bytes;
}

int keys_take(char *typed, size_t *bytes)
{
	size_t used = 1;
	int key;

	if (!*bytes)
		return KEYS_NONE;
	key = (unsigned char)typed[0];
	if (key == '\033') {
		used = unknown_bytes(typed, *bytes);
		for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
			size_t length = strlen(sequences[i].text);

			if (used == length + 1 && memcmp(typed + 1, sequences[i].text, length) == 0)
				key = sequences[i].key;
		}
	}
	*bytes -= used;
	memmove(typed, typed + used, *bytes);
	return key;
}
