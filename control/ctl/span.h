/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON taken apart as text, without making values of it: a list's rows pass through arpactl at the
 * rate at which octets are looked at. What is no JSON may be taken for some; nothing is read
 * beyond the text. Pure.
 */
#ifndef ARPAD_CONTROL_CTL_SPAN_H
#define ARPAD_CONTROL_CTL_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *at; /* borrowed; NULL: nothing */
	size_t bytes;
};

/* The members of an object or the items of an array, one after the other. */
struct span_walk {
	const char *at, *end;
	char close; /* the bracket that ends it */
	bool first;
};

/* False: the value is neither. */
bool span_walk_begin(struct span_walk *walk, struct span value);

/*
 * The next member or item: 1, or 0 at the end, or -1 when this is no JSON. `key` is the key
 * without its quotes and with its escapes, of an array nothing.
 */
int span_walk_next(struct span_walk *walk, struct span *key, struct span *value);

bool span_is(struct span span, const char *text);

/* The value of a member, or nothing. */
struct span span_member(struct span object, const char *key);

/*
 * Writes a string's octets without quotes and escapes, or any other value as it is, and returns how
 * many; `to` has room for value.bytes. What no UTF-8 can say (half a surrogate) becomes '?'.
 */
size_t span_text(struct span value, char *to);

#endif
