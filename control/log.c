/* SPDX-License-Identifier: BSD-3-Clause */
/* What is one write(2) is whole lines, so lines never mix, whoever shares standard error. */
#include "control/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Longer text is cut: room for the longest failure and for a name written with escapes. */
enum { LOG_TEXT_BYTES = 2048, LOG_LINE_BYTES = 4 * LOG_TEXT_BYTES + 16 };

static enum log_level threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
	threshold = level;
}

/* Appends `octet` so that it cannot end the line or drive a terminal; returns the new length. */
static size_t append_octet(char *line, size_t length, unsigned char octet)
{
	static const char hex[] = "0123456789abcdef";

	if (octet >= 0x20 && octet != 0x7f) {
		line[length++] = (char)octet;
		return length;
	}
	line[length++] = '\\';
	line[length++] = 'x';
	line[length++] = hex[octet >> 4];
	line[length++] = hex[octet & 15];
	return length;
}

static void write_all(const char *octets, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t written = write(STDERR_FILENO, octets + done, bytes - done);

		if (written <= 0)
			return; /* nobody is left to tell */
		done += (size_t)written;
	}
}

static void write_line(
	enum log_level level, const char *label, const char *format, va_list arguments)
{
	char text[LOG_TEXT_BYTES], line[LOG_LINE_BYTES];
	size_t length = 0;

	if (!log_wants(level))
		return;
	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		return;
	for (const char *p = label; *p; p++)
		line[length++] = *p;
	for (const char *p = text; *p; p++)
		length = append_octet(line, length, (unsigned char)*p);
	line[length++] = '\n';
	write_all(line, length);
}

bool log_wants(enum log_level level)
{
	return level <= threshold;
}

void log_lines(enum log_level level, const char *lines, size_t bytes)
{
	if (log_wants(level))
		write_all(lines, bytes);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_ERROR, "ERROR ", format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_WARNING, "WARNING ", format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_INFO, "INFO ", format, arguments);
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_DEBUG, "DEBUG ", format, arguments);
	va_end(arguments);
}
