/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The text of log lines: whatever a name holds, it can neither end a line, look like another value
 * of it, nor drive a terminal. Pure; any thread.
 */
#ifndef ARPAD_CONTROL_LOG_TEXT_H
#define ARPAD_CONTROL_LOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Text is cut where the room ends; there is always room for one newline more. */
struct log_text {
	char *octets;
	size_t bytes, room; /* room: without that newline */
};

void log_text_add(struct log_text *text, const char *octets, size_t bytes);
void log_text_string(struct log_text *text, const char *string);
void log_text_number(struct log_text *text, long long number);

/* Control characters, and octets that are no UTF-8, as \xHH; a backslash stays one. */
void log_text_sentence(struct log_text *text, const char *octets, size_t bytes);

/*
 * A value: as it is where it is a word, else in quotation marks, in which \" and \\ stand for
 * these. `most` octets of it are taken.
 */
void log_text_value(struct log_text *text, const char *value, size_t most);

/* "2026-01-31T23:59:59.123Z" (RFC 3339). */
enum { LOG_TEXT_TIME_BYTES = 25 };
void log_text_time(const struct timespec *when, char time[static LOG_TEXT_TIME_BYTES]);

#endif
