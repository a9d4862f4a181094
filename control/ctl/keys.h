/* SPDX-License-Identifier: BSD-3-Clause */
/* What a terminal sends for keys. Pure. */
#ifndef ARPAD_CONTROL_CTL_KEYS_H
#define ARPAD_CONTROL_CTL_KEYS_H

#include <stddef.h>

enum {
	KEYS_NONE = 0, /* others are the character itself */
	KEYS_UP = 256,
	KEYS_DOWN,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
};

/*
 * Takes a key off the front of what was typed, and moves the rest there. A sequence that is not
 * known is one key, the escape character.
 */
int keys_take(char *typed, size_t *bytes);

#endif
