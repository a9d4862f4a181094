/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/screen.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 1024, LOOK_BYTES = 8 };

/* The end of every look is "\033[0m". */
static const char *const escapes[SCREEN_LOOKS] = {
	[SCREEN_PLAIN] = "",
	[SCREEN_STRONG] = "\033[1m",
	[SCREEN_GOOD] = "\033[32m",
	[SCREEN_WARN] = "\033[33m",
	[SCREEN_BAD] = "\033[1;31m",
	[SCREEN_DIM] = "\033[2m",
};

static unsigned at_most(unsigned value, unsigned most)
{
	return value < most ? value : most;
}

bool screen_init(struct screen *screen, unsigned rows, unsigned columns)
{
	*screen = (struct screen){.rows = at_most(rows, SCREEN_ROWS_MAX),
		.columns = at_most(columns, SCREEN_COLUMNS_MAX)};
	size_t cells = (size_t)screen->rows * screen->columns;

	screen->cells = malloc(cells + 1);
	screen->looks = calloc(cells + 1, 1);
	if (!screen->cells || !screen->looks) {
		screen_fini(screen);
		return false;
	}
	memset(screen->cells, ' ', cells + 1);
	return true;
}

void screen_fini(struct screen *screen)
{
	free(screen->cells);
	free(screen->looks);
	*screen = (struct screen){.rows = 0};
}

static void put_cell(
	struct screen *screen, unsigned row, unsigned column, enum screen_look look, char octet)
{
	size_t at = (size_t)row * screen->columns + column;

	if (row >= screen->rows || column >= screen->columns)
		return;
	screen->cells[at] = octet >= ' ' && octet <= '~' ? octet : '?';
	screen->looks[at] = (uint8_t)look;
	if (octet != ' ' && row >= screen->used)
		screen->used = row + 1;
}

unsigned screen_put(struct screen *screen, unsigned row, unsigned column, enum screen_look look,
	const char *format, ...)
{
	const unsigned begin = column;
	char text[PIECE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (const char *at = text; *at; at++)
		put_cell(screen, row, column++, look, *at);
	if (begin < screen->columns && column > screen->columns)
		put_cell(screen, row, screen->columns - 1, look, '>');
	return column;
}

void screen_put_right(struct screen *screen, unsigned row, unsigned end, enum screen_look look,
	const char *format, ...)
{
	char text[PIECE_BYTES];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	length = end <= screen->columns ? strlen(text) : 0;
	/* What does not fit loses its front rather than what stands left of it its end. */
	for (size_t i = length > end ? length - end : 0; i < length; i++)
		put_cell(screen, row, end - (unsigned)(length - i), look, text[i]);
}

size_t screen_row_bytes(const struct screen *screen)
{
	return (size_t)screen->columns * (1 + 2 * LOOK_BYTES) + 1;
}

static size_t add_text(char *to, size_t length, const char *text)
{
	size_t bytes = strlen(text);

	memcpy(to + length, text, bytes);
	return length + bytes;
}

size_t screen_row(const struct screen *screen, unsigned row, bool color, char *to)
{
	const char *cells = screen->cells + (size_t)row * screen->columns;
	const uint8_t *looks = screen->looks + (size_t)row * screen->columns;
	unsigned end = row < screen->rows ? screen->columns : 0;
	uint8_t look = SCREEN_PLAIN;
	size_t length = 0;

	while (end && cells[end - 1] == ' ')
		end--;
	for (unsigned i = 0; i < end; i++) {
		if (color && looks[i] != look && cells[i] != ' ') {
			if (look != SCREEN_PLAIN)
				length = add_text(to, length, "\033[0m");
			look = looks[i];
			length = add_text(to, length, escapes[look]);
		}
		to[length++] = cells[i];
	}
	if (look != SCREEN_PLAIN)
		length = add_text(to, length, "\033[0m");
	to[length] = '\0';
	return length;
}

const char *screen_number(double value, char to[static SCREEN_NUMBER_BYTES])
{
	char figures[SCREEN_NUMBER_BYTES];
	size_t length, used = 0;

	if (!(value >= 0 && value < 1e15)) {
		snprintf(to, SCREEN_NUMBER_BYTES, "%s", value < 0 ? "0" : "much");
		return to;
	}
	/* Too little for one figure after the point is still something. */
	if (value > 0 && value < 0.05) {
		snprintf(to, SCREEN_NUMBER_BYTES, "<0.1");
		return to;
	}
	if (value < 9.95 && value != (double)(uint64_t)value) {
		snprintf(to, SCREEN_NUMBER_BYTES, "%.1f", value);
		return to;
	}
	length = (size_t)snprintf(figures, sizeof(figures), "%.0f", value);
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			to[used++] = ',';
		to[used++] = figures[i];
	}
	to[used] = '\0';
	return to;
}

const char *screen_bytes(uint64_t bytes, char to[static SCREEN_NUMBER_BYTES])
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
	double value = (double)bytes / 1024;
	unsigned unit = 0;

	if (bytes < 1024) {
		snprintf(to, SCREEN_NUMBER_BYTES, "%" PRIu64 " bytes", bytes);
		return to;
	}
	while (value >= 1023.5 && unit < sizeof(units) / sizeof(units[0]) - 1) {
		value /= 1024;
		unit++;
	}
	snprintf(to, SCREEN_NUMBER_BYTES, "%.*f %s", value < 9.95 ? 1 : 0, value, units[unit]);
	return to;
}

const char *screen_duration(uint64_t seconds, char to[static SCREEN_NUMBER_BYTES])
{
	uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (days)
		snprintf(to, SCREEN_NUMBER_BYTES, "%" PRIu64 " %s %" PRIu64 " h", days,
			days == 1 ? "day" : "days", hours % 24);
	else if (hours)
		snprintf(to, SCREEN_NUMBER_BYTES, "%" PRIu64 " h %" PRIu64 " min", hours,
			minutes % 60);
	else if (minutes)
		snprintf(to, SCREEN_NUMBER_BYTES, "%" PRIu64 " min %" PRIu64 " s", minutes,
			seconds % 60);
	else
		snprintf(to, SCREEN_NUMBER_BYTES, "%" PRIu64 " s", seconds);
	return to;
}

const char *screen_percent(double share, unsigned figures, char to[static SCREEN_NUMBER_BYTES])
{
	double least = figures > 1 ? 0.01 : 0.1, percent = share * 100;

	if (percent > 0 && percent < least)
		percent = least;
	if (percent < 100 && percent > 100 - least)
		percent = 100 - least;
	snprintf(to, SCREEN_NUMBER_BYTES, "%.*f", (int)figures, percent);
	return to;
}
