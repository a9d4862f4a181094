/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What arpactl prints, and how: the formats of results, colours, and that no octet from the server
 * drives a terminal.
 */
#ifndef ARPAD_CONTROL_CTL_OUTPUT_H
#define ARPAD_CONTROL_CTL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_NDJSON, OUTPUT_CSV };
enum output_color { OUTPUT_COLOR_AUTO, OUTPUT_COLOR_ALWAYS, OUTPUT_COLOR_NEVER };

/*
 * Looks whether standard output is a terminal, and at NO_COLOR (no-color.org); to be called before
 * the rest and whenever the choice changes.
 */
void output_setup(enum output_color color);

/* Standard output is a terminal: tables are aligned and have headings. */
bool output_is_terminal(void);

/* Standard output gets colours. */
bool output_has_color(void);

/* Names of formats and choices as typed; false: there is no such one. */
bool output_format_named(const char *name, enum output_format *format);
bool output_color_named(const char *name, enum output_color *color);

/*
 * Copies text with each control character (C0 but, if `lines`, tab and newline; DEL; C1) and each
 * octet that is no UTF-8 as \uXXXX: valid within JSON, and visible elsewhere. Returns the length;
 * `to` has room for 6 * bytes.
 */
size_t output_clean(const char *text, size_t bytes, bool lines, char *to);

/* A field of text, always clean. */
void output_text(const char *text, size_t bytes);

/* Whole lines as they are, but clean on a terminal. */
void output_lines(const char *text, size_t bytes);

/* What stands out, if colours are on: a heading, a key. */
void output_strong(const char *text);

/* The file and line that a command comes from, before messages; NULL: from the command line.
 * Borrowed. */
void output_from(const char *file, unsigned long line);

/* Keeps messages to itself, or not. */
void output_mute(bool mute);

/* One sentence on standard error, clean, behind "arpactl: ". */
void output_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
