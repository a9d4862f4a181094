/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a thread that is no worker gets the messages that workers leave to it. */
#ifndef ARPAD_CONTROL_PUNT_H
#define ARPAD_CONTROL_PUNT_H

#include "dataplane/dataplane.h"

/*
 * dataplane_punt_take and dataplane_punt_reply, or a test's stand-in. Only one thread makes these
 * calls; none blocks. Nothing tells when messages come, since a worker makes no system calls.
 */
struct punt {
	void *context;
	unsigned (*take)(void *context, struct dataplane_message *messages, unsigned count);
	void (*reply)(void *context, const struct dataplane_message *messages, unsigned count);
};

#endif
