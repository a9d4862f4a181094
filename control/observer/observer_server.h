/* SPDX-License-Identifier: BSD-3-Clause */
/* The observer as part of the server: its rings, its thread, how much is sampled. Control thread.
 */
#ifndef ARPAD_CONTROL_OBSERVER_OBSERVER_SERVER_H
#define ARPAD_CONTROL_OBSERVER_OBSERVER_SERVER_H

#include "control/failure.h"

#include <sched.h>

struct report_facts;
struct server;

/* Rings and sketches. -1: the failure; observer_server_close is owed. */
int observer_server_open(struct server *server, struct failure *failure);

/* The thread, on the CPUs of `all` that workers leave; observer_stop ends it. -1: the failure. */
int observer_server_start(struct server *server, const cpu_set_t *all, struct failure *failure);

/* Once a second, and before the first query: how many are sampled from now on. */
void observer_server_second(struct server *server);

/* What statistics tell of it. */
void observer_server_gather(const struct server *server, struct report_facts *facts);

void observer_server_close(struct server *server);

#endif
