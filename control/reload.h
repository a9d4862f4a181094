/* SPDX-License-Identifier: BSD-3-Clause */
/* SIGHUP: the configuration is read again while serving goes on. */
#ifndef ARPAD_CONTROL_RELOAD_H
#define ARPAD_CONTROL_RELOAD_H

#include "control/server.h"

/*
 * Applies listen, answers, log, zones, control.access and control.tenants; names in the log every
 * changed key that needs a restart. A file that can't be used leaves everything as it was, and the
 * log says why.
 */
void reload_config(struct server *server);

#endif
