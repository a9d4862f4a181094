/* SPDX-License-Identifier: BSD-3-Clause */
/* One line an event on standard error, "LEVEL message". The control thread is the only logger. */
#ifndef ARPAD_CONTROL_LOG_H
#define ARPAD_CONTROL_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* What is below `level` is dropped. Start value: LOG_INFO. */
void log_set_level(enum log_level level);

/* Control characters in the text are escaped, so that a name can't forge a line. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether lines of this level leave. */
bool log_wants(enum log_level level);

/* Whole lines, level and newline with each, in which nothing is left to escape: one write. */
void log_lines(enum log_level level, const char *lines, size_t bytes);

#endif
