/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffers that end at a page that may not be touched: one byte read or written past the end is a
 * fault at once, with or without a sanitizer.
 */
#ifndef ARPAD_TESTS_SUPPORT_GUARD_H
#define ARPAD_TESTS_SUPPORT_GUARD_H

#include <stddef.h>
#include <stdint.h>

struct guard {
	uint8_t *end; /* the first byte that may not be touched */
	size_t room;  /* bytes usable before `end` */
	void *mapping;
	size_t mapped;
};

/* At least `room` bytes before a forbidden page, and a forbidden page before them. Aborts. */
void guard_open(struct guard *guard, size_t room);
void guard_close(struct guard *guard);

/* Copies `bytes` of `data` flush against the end and returns where they start. */
uint8_t *guard_place(struct guard *guard, const void *data, size_t bytes);

#endif
