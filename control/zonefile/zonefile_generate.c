/* SPDX-License-Identifier: BSD-3-Clause */
/* A pattern that BIND would cut or guess at is refused here: a brace that is not closed, say. */
#include "control/zonefile/zonefile_generate.h"

#include "control/zonefile/zonefile.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_MAX_CHARACTERS = 127 }; /* a name has room for 127 nibbles */

/* What stands between the braces. */
struct format {
	int64_t offset;
	uint32_t width;
	char base; /* one of doxXnN */
};

/* Digits up to INT_MAX; moves behind them. */
static bool read_number(const char **text, uint32_t *number)
{
	const char *start = *text;
	uint64_t value = 0;

	for (; **text >= '0' && **text <= '9'; ++*text) {
		value = value * 10 + (uint64_t)(**text - '0');
		if (value > INT_MAX)
			return false;
	}
	*number = (uint32_t)value;
	return *text != start;
}

int zonefile_generate_range(
	const char *field, struct zonefile_range *range, struct failure *failure)
{
	const char *text = field;
	bool good = read_number(&text, &range->start) && *text++ == '-' &&
		read_number(&text, &range->stop);

	range->step = 1;
	if (good && *text == '/') {
		text++;
		good = read_number(&text, &range->step);
	}
	if (!good || *text != '\0' || range->step == 0 || range->start > range->stop)
		return failure_set(failure, FAILURE_INVALID,
			"\"%.40s\" is no range; write it like 0-255 or 0-255/2, with numbers up to "
			"%d",
			field, INT_MAX);
	if ((range->stop - range->start) / range->step >= ZONEFILE_GENERATE_MAX)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the range %.40s makes more than %d records; split it", field,
			ZONEFILE_GENERATE_MAX);
	return 0;
}

/* "{offset[,width[,base]]}"; moves behind it. */
static bool read_format(const char **text, struct format *format)
{
	const char *at = *text + 1;
	bool negative = *at == '-';
	uint32_t offset;

	at += *at == '-' || *at == '+';
	if (!read_number(&at, &offset))
		return false;
	format->offset = negative ? -(int64_t)offset : (int64_t)offset;
	if (*at == ',') {
		at++;
		if (!read_number(&at, &format->width))
			return false;
		if (*at == ',' && at[1] != '\0' && strchr("doxXnN", at[1]) != NULL) {
			format->base = at[1];
			at += 2;
		}
	}
	*text = at + 1;
	return *at == '}' && format->width <= NUMBER_MAX_CHARACTERS;
}

/* Nibbles as labels, the lowest first; the width counts the dots too. */
static void write_nibbles(uint32_t value, const struct format *format, char *out)
{
	const char *digits = format->base == 'n' ? "0123456789abcdef" : "0123456789ABCDEF";
	size_t used = 0;

	do {
		out[used++] = digits[value & 15];
		value >>= 4;
		if (used < format->width || value != 0)
			out[used++] = '.';
	} while (value != 0 || used < format->width);
	out[used] = '\0';
}

/* -1: a number that the base cannot show. */
static int write_number(int64_t value, const struct format *format, char *out, size_t room)
{
	int width = (int)format->width;

	if (value < INT_MIN || value > INT_MAX || (value < 0 && format->base != 'd'))
		return -1;
	switch (format->base) {
	case 'o':
		snprintf(out, room, "%0*o", width, (unsigned)value);
		return 0;
	case 'x':
		snprintf(out, room, "%0*x", width, (unsigned)value);
		return 0;
	case 'X':
		snprintf(out, room, "%0*X", width, (unsigned)value);
		return 0;
	case 'n':
	case 'N':
		write_nibbles((uint32_t)value, format, out);
		return 0;
	default:
		snprintf(out, room, "%0*d", width, (int)value);
		return 0;
	}
}

/* What stands for the "$" before `*pattern`, which moves behind it. */
static int expand_dollar(
	const char **pattern, uint32_t number, char *out, size_t room, struct failure *failure)
{
	struct format format = {.base = 'd'};
	const char *start = *pattern;

	if (**pattern == '$') {
		++*pattern;
		memcpy(out, "$", 2);
		return 0;
	}
	if (**pattern == '{' && !read_format(pattern, &format))
		return failure_set(failure, FAILURE_INVALID,
			"\"$%.40s\" is no format; write it like ${0,3,d}: an offset, a width up to "
			"%d, and d, o, x, X, n or N",
			start, NUMBER_MAX_CHARACTERS);
	if (write_number(number + format.offset, &format, out, room) == 0)
		return 0;
	return failure_set(failure, FAILURE_INVALID, "\"$%.40s\" makes the number %lld of %u",
		start, (long long)(number + format.offset), number);
}

int zonefile_generate_expand(
	const char *pattern, uint32_t number, char *text, size_t room, struct failure *failure)
{
	size_t used = 0;

	while (*pattern != '\0') {
		/* Nibbles can pass the width by the dot that they end in. */
		char part[NUMBER_MAX_CHARACTERS + 3];
		size_t bytes = 1;

		part[0] = *pattern++;
		if (part[0] == '\\' && *pattern != '\0') {
			part[bytes++] = *pattern++;
		} else if (part[0] == '$') {
			if (expand_dollar(&pattern, number, part, sizeof(part), failure) != 0)
				return -1;
			bytes = strlen(part);
		}
		if (bytes >= room - used)
			return failure_set(failure, FAILURE_TOO_LARGE,
				"$GENERATE makes a text longer than %zu octets", room - 1);
		memcpy(text + used, part, bytes);
		used += bytes;
	}
	text[used] = '\0';
	return 0;
}
