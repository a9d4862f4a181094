/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One line an event, on standard error: "LEVEL event key=value … - sentence", with a time stamp
 * where nobody else adds one; or an entry of systemd's journal with the same as fields. Any thread.
 * docs/operation.md has every event.
 */
#ifndef ARPAD_CONTROL_LOG_H
#define ARPAD_CONTROL_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* AUTO: JOURNAL where standard error is the journal's, else TEXT. */
enum log_format { LOG_AUTO, LOG_TEXT, LOG_JOURNAL };

/*
 * Before any thread and any privilege is given up: finds out where lines go. Without it they are
 * text without time stamps.
 */
void log_open(void);

/* What is below `level` is dropped. Start value: LOG_INFO. */
void log_set_level(enum log_level level);

/* Start value: LOG_AUTO. LOG_JOURNAL without a journal is LOG_TEXT. */
void log_set_format(enum log_format format);

/* Whether lines of this level leave. */
bool log_wants(enum log_level level);

struct log_field {
	const char *key;  /* small letters, figures, hyphens; NULL ends a list */
	const char *text; /* NULL: the number */
	long long number;
};

#define LOG_TEXT_FIELD(key, value) \
	{ \
		key, value, 0 \
	}
#define LOG_NUMBER_FIELD(key, value) \
	{ \
		key, NULL, (long long)(value) \
	}
#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, {NULL, NULL, 0}})

/*
 * `event` is a literal of small letters and hyphens; `fields` may be NULL. No text can forge a
 * line, or a value of one.
 */
void log_event(enum log_level level, const char *event, const struct log_field *fields,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Many lines with one write: begun, then for each line an event, its fields and an end, then
 * written. As many as fit are written before the end. Control thread, one at a time.
 */
void log_batch_begin(enum log_level level);
void log_batch_line(const char *event);
void log_batch_text(const char *key, const char *value);
void log_batch_number(const char *key, long long value);
void log_batch_line_end(void);
void log_batch_end(void);

#endif
