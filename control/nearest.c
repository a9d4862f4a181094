/* SPDX-License-Identifier: BSD-3-Clause */
/* Damerau's distance, with three rows of its matrix. */
#include "control/nearest.h"

#include <string.h>

enum { LETTERS_MAX = 40 };

static unsigned least(unsigned one, unsigned other)
{
	return one < other ? one : other;
}

unsigned nearest_distance(const char *one, const char *other)
{
	unsigned rows[3][LETTERS_MAX + 1];
	size_t width = strlen(other), height = strlen(one);

	if (width > LETTERS_MAX || height > LETTERS_MAX)
		return LETTERS_MAX;
	for (unsigned i = 0; i <= width; i++)
		rows[0][i] = i;
	for (size_t y = 1; y <= height; y++) {
		unsigned *row = rows[y % 3], *above = rows[(y + 2) % 3];

		row[0] = (unsigned)y;
		for (size_t x = 1; x <= width; x++) {
			unsigned cost = one[y - 1] != other[x - 1];

			row[x] = least(least(row[x - 1], above[x]) + 1, above[x - 1] + cost);
			if (y > 1 && x > 1 && one[y - 1] == other[x - 2] &&
				one[y - 2] == other[x - 1])
				row[x] = least(row[x], rows[(y + 1) % 3][x - 2] + 1);
		}
	}
	return rows[height % 3][width];
}

int nearest_is_slip(const char *typed, const char *meant)
{
	return nearest_distance(typed, meant) <= 1 + strlen(meant) / 5;
}
