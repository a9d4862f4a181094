/* SPDX-License-Identifier: BSD-3-Clause */
/* What a configuration says, and how two differ, key by key. Secrets are never in it. */
#ifndef ARPAD_CONTROL_CONFIG_REPORT_H
#define ARPAD_CONTROL_CONFIG_REPORT_H

#include "control/config/config.h"

#include <jansson.h>

/*
 * One object for each key in the order of the table, those of each entry of a list: key, value,
 * "line" where the file has it, default, unit, range, and "change", what puts a change in force. A
 * key that needs a restart has what `boot` says, and "pending" where `now` says something else.
 * Of those that `key` is or begins ("" all), `most` from number `first` on. NULL: no memory.
 */
json_t *config_report_show(const struct config *boot, const struct config *now, const char *key,
	size_t first, size_t most);

/*
 * What `next` changes: {"applied": [{"key", "from", "to"}], "restart": […]}, the former against
 * `now`, the latter against `boot`. What is not there is null. NULL: no memory.
 */
json_t *config_report_diff(
	const struct config *boot, const struct config *now, const struct config *next);

#endif
