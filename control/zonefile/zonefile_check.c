/* SPDX-License-Identifier: BSD-3-Clause */
/* ldns takes 99 minutes for more than a degree, and a port for what is left of it in 16 bits. */
#include "control/zonefile/zonefile_check.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Digits, with a fraction where `fraction`; moves behind them and the blank. */
static bool read_number(const char **text, double max, bool fraction)
{
	size_t digits = strspn(*text, fraction ? "0123456789." : "0123456789");
	double value = strtod(*text, NULL);

	if (digits == 0 || digits > 12 || value > max || (*text)[digits] != ' ')
		return false;
	*text += digits + 1;
	return true;
}

/* "degrees [minutes [seconds]]" and one of two letters; `max` degrees, and no minute more. */
static bool read_angle(const char **text, double max, const char *letters)
{
	const char *start = *text;

	if (!read_number(text, max, false))
		return false;
	if (strtod(start, NULL) == max)
		max = 0;
	if (strchr(letters, **text) == NULL && !read_number(text, max == 0 ? 0 : 59, false))
		return false;
	if (strchr(letters, **text) == NULL && !read_number(text, max == 0 ? 0 : 59.999, true))
		return false;
	if (**text == '\0' || strchr(letters, **text) == NULL || (*text)[1] != ' ')
		return false;
	*text += 2;
	return true;
}

/* Metres with up to two decimals, "m" behind them or not. */
static bool read_metres(const char **text, double min, double max)
{
	char *end;
	double value;

	if (**text == '\0' || strchr("0123456789-", **text) == NULL)
		return false;
	value = strtod(*text, &end);
	if (strspn(*text, "0123456789.-") != (size_t)(end - *text) || value < min || value > max)
		return false;
	end += *end == 'm';
	if (*end != ' ' && *end != '\0')
		return false;
	*text = end + strspn(end, " ");
	return true;
}

bool zonefile_check_location(const char *text)
{
	if (!read_angle(&text, 90, "NSns") || !read_angle(&text, 180, "EWew") ||
		!read_metres(&text, -100000, 42849672.95))
		return false;
	/* The size, the horizontal and the vertical precision. */
	for (unsigned left = 3; left > 0 && *text != '\0'; left--)
		if (!read_metres(&text, 0, 90000000))
			return false;
	return *text == '\0';
}

bool zonefile_check_parameters(const char *text)
{
	for (; text != NULL; text = strchr(text, ' ')) {
		text += strspn(text, " ");
		if (strncasecmp(text, "port=", 5) == 0) {
			const char *port = text + 5 + (text[5] == '"');
			size_t digits = strspn(port, "0123456789");

			if (digits == 0 || digits > 5 || atoi(port) > 65535)
				return false;
		}
	}
	return true;
}
