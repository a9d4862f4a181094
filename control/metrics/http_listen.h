/* SPDX-License-Identifier: BSD-3-Clause */
/* The socket that HTTP is served on. Control thread. */
#ifndef ARPAD_CONTROL_METRICS_HTTP_LISTEN_H
#define ARPAD_CONTROL_METRICS_HTTP_LISTEN_H

#include "control/config/config.h"
#include "control/failure.h"

/*
 * Listens at an address or a path, whose stale socket is replaced. A descriptor; -1: one sentence
 * that says what to do.
 */
int http_listen(const struct config_metrics *where, struct failure *failure);

/* Removes the socket's file, if it has one. */
void http_listen_remove(const struct config_metrics *where);

#endif
