/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/array.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64 }; /* a small batch fits without a move */

void *array_grow(void *array, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
	void *larger;

	if (count < *capacity)
		return array;
	larger = reallocarray(array, wanted, size);
	if (larger != NULL)
		*capacity = wanted;
	return larger;
}
