/* SPDX-License-Identifier: BSD-3-Clause */
/* SIGHUP and config.reload: the configuration is read again while serving goes on. */
#ifndef ARPAD_CONTROL_RELOAD_H
#define ARPAD_CONTROL_RELOAD_H

#include "control/server.h"

#include <jansson.h>

/*
 * Applies what config_keys.c says can be, and logs every key that has changed. A file that can't be
 * used leaves everything as it was: NULL, and the failure says why, as the log does. Else what was
 * done, as config_report_diff tells it: a new reference.
 */
json_t *reload_config(void *server, struct failure *failure);

/* What it would do, or why it would not. Nothing changes. */
json_t *reload_difference(void *server, struct failure *failure);

/* What holds, as config_report_show tells it. */
json_t *reload_show(
	void *server, const char *key, size_t first, size_t most, struct failure *failure);

/*
 * Frees the configurations that were replaced, but for that of the start. Not within a batch of
 * requests, which may still borrow from them.
 */
void reload_settle(struct server *server);

#endif
