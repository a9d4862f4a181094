/* SPDX-License-Identifier: BSD-3-Clause */
/* Where each key of a YAML text stands, by its path ("ports[0].queues"), for error messages. */
#ifndef ARPAD_CONTROL_CONFIG_LINES_H
#define ARPAD_CONTROL_CONFIG_LINES_H

#include <stddef.h>

struct config_lines;

/*
 * Notes the line of every key and list item of the first document. Text that is no YAML gives
 * what was seen until then. NULL: no memory.
 */
struct config_lines *config_lines_new(const char *text, size_t bytes);

/* The line of `path`, from 1; of its nearest parent when it is not there; 0 when unknown. */
unsigned config_lines_of(const struct config_lines *lines, const char *path);

/* The line where `path` is given for the second time, or 0. */
unsigned config_lines_again(const struct config_lines *lines, const char *path);

/* The path of the first key called `key` on or after `line`, or NULL. Borrowed. */
const char *config_lines_path(const struct config_lines *lines, const char *key, unsigned line);

/* The line where the text stops being YAML, or 0. */
unsigned config_lines_broken(const struct config_lines *lines);

void config_lines_free(struct config_lines *lines); /* takes NULL */

#endif
