/* SPDX-License-Identifier: BSD-3-Clause */
/* Small files of /proc and /sys, and what their texts say. Nothing that is in them is trusted. */
#ifndef ARPAD_CONTROL_PREFLIGHT_FACTS_TEXT_H
#define ARPAD_CONTROL_PREFLIGHT_FACTS_TEXT_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * ROOT and the path as printf makes it, whole: up to bytes - 1 octets of it, ended by NUL, without
 * the newline at its end. Returns its length, or -1 with "" in `text`: it can't be read.
 */
long facts_read(char *text, size_t bytes, const char *root, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Whether there is such a file or folder. */
bool facts_there(const char *root, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The last part of what a symbolic link names; "" when there is none. */
void facts_link(char *name, size_t bytes, const char *root, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A whole decimal number; `otherwise` where the text is none. */
long facts_number(const char *text, long otherwise);

/* "0-3,8,10-11" (cpuset(7), List format); what is wrong or beyond CPU_SETSIZE is left out. */
void facts_cpu_list(const char *text, cpu_set_t *cpus);

/* The same the other way, at most bytes - 1 octets; returns `text`. */
const char *facts_cpu_text(const cpu_set_t *cpus, char *text, size_t bytes);

/* Whether a blank-separated list has the word. */
bool facts_has_word(const char *text, const char *word);

/* Whether a path is one of a blank-separated list, or below one; "-" may be before, ":" behind it.
 */
bool facts_is_below(const char *paths, const char *path);

/* "6.1.0-13-amd64": 6 and 1; false: it begins otherwise. */
bool facts_release(const char *text, unsigned *major, unsigned *minor);

#endif
