/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays on the heap that grow at their end. */
#ifndef ARPAD_CONTROL_ARRAY_H
#define ARPAD_CONTROL_ARRAY_H

#include <stddef.h>

/*
 * Room for one more element behind the `count` of `size` bytes each in `array`, which malloc and
 * its kin made, or which is NULL with a capacity of 0. Returns the array, which may have moved and
 * is the caller's to free; or NULL: no memory, and `array` and `*capacity` are as they were.
 * `*capacity`, in elements, doubles, so that adding one costs the same however many there are.
 */
void *array_grow(void *array, size_t count, size_t *capacity, size_t size);

#endif
