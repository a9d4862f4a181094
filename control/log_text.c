/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/log_text.h"

#include <stdio.h>
#include <string.h>

void log_text_add(struct log_text *text, const char *octets, size_t bytes)
{
	size_t left = text->room - text->bytes;

	if (bytes > left)
		bytes = left;
	memcpy(text->octets + text->bytes, octets, bytes);
	text->bytes += bytes;
}

void log_text_string(struct log_text *text, const char *string)
{
	log_text_add(text, string, strlen(string));
}

void log_text_number(struct log_text *text, long long number)
{
	char digits[24], *at = digits + sizeof(digits);
	unsigned long long rest =
		number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number;

	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	if (number < 0)
		*--at = '-';
	log_text_add(text, at, (size_t)(digits + sizeof(digits) - at));
}

static bool is_word(unsigned char octet)
{
	return octet > ' ' && octet < 0x7f && octet != '"' && octet != '\\' && octet != '=';
}

static void add_escape(struct log_text *text, unsigned char octet)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[4] = {'\\', 'x', hex[octet >> 4], hex[octet & 15]};

	log_text_add(text, escape, sizeof(escape));
}

/*
 * How many octets of a character of UTF-8 that may be shown stand here: 0 for what is none, for the
 * shortest form of nothing else, and for the control characters U+0080 to U+009F and the line ends
 * U+2028 and U+2029.
 */
static size_t character(const unsigned char *octets, size_t bytes)
{
	static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
	size_t length = octets[0] >= 0xf0 ? 4 : octets[0] >= 0xe0 ? 3 : octets[0] >= 0xc2 ? 2 : 0;
	uint32_t code;

	if (!length || length > bytes || octets[0] > 0xf4)
		return 0;
	code = octets[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((octets[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (octets[i] & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
		code == 0x2028 || code == 0x2029)
		return 0;
	return length;
}

/* `quoted`: also what would end a value. */
static void add_escaped(struct log_text *text, const char *from, size_t bytes, bool quoted)
{
	const unsigned char *octets = (const unsigned char *)from;

	for (size_t i = 0; i < bytes;) {
		size_t run = i, length;

		while (run < bytes &&
			(is_word(octets[run]) || octets[run] == ' ' || octets[run] == '=' ||
				(!quoted && (octets[run] == '"' || octets[run] == '\\'))))
			run++;
		log_text_add(text, from + i, run - i);
		i = run;
		if (i == bytes)
			return;
		length = character(octets + i, bytes - i);
		if (octets[i] == '"' || octets[i] == '\\') {
			const char pair[2] = {'\\', from[i]};

			log_text_add(text, pair, sizeof(pair));
			length = 1;
		} else if (length) {
			log_text_add(text, from + i, length);
		} else {
			add_escape(text, octets[i]);
			length = 1;
		}
		i += length;
	}
}

void log_text_sentence(struct log_text *text, const char *octets, size_t bytes)
{
	add_escaped(text, octets, bytes, false);
}

void log_text_value(struct log_text *text, const char *value, size_t most)
{
	size_t bytes = strnlen(value, most), plain = 0;

	while (plain < bytes && is_word((unsigned char)value[plain]))
		plain++;
	if (plain == bytes && bytes) {
		log_text_add(text, value, bytes);
		return;
	}
	log_text_add(text, "\"", 1);
	add_escaped(text, value, bytes, true);
	log_text_add(text, "\"", 1);
}

void log_text_time(const struct timespec *when, char time[static LOG_TEXT_TIME_BYTES])
{
	struct tm utc;

	gmtime_r(&when->tv_sec, &utc);
	strftime(time, LOG_TEXT_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(time + 19, LOG_TEXT_TIME_BYTES - 19, ".%03uZ",
		(unsigned)(when->tv_nsec / 1000000) % 1000);
}
