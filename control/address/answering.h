/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where we answer, while running: one change of addresses goes through workers, kernel sockets and
 * steering in the order that loses no query, whoever wants it: a reload, an interface, arpactl.
 * Control thread.
 */
#ifndef ARPAD_CONTROL_ANSWERING_H
#define ARPAD_CONTROL_ANSWERING_H

#include "control/server.h"

/*
 * Finds out what to answer on at the start, from the configuration and its interfaces. Needs no
 * right. -1: the failure; answering_close is owed either way.
 */
int answering_open(struct server *server, struct failure *failure);

/* Lets packets come in. Last of the start. */
int answering_start(struct server *server, struct failure *failure);

/* From the configuration that holds to `next`. -1: nothing has changed. */
int answering_reload(struct server *server, const struct config *next, struct failure *failure);

/* What arpactl asks for. 1: done, 0: it was so, -1: the failure, and nothing has changed. */
int answering_add(
	struct server *server, const struct dns_listener_address *address, struct failure *failure);
int answering_remove(
	struct server *server, const struct dns_listener_address *address, struct failure *failure);

/* Gives all packets to the kernel, whose sockets answer, or takes them back. As above. */
int answering_drain(struct server *server, bool drain, struct failure *failure);

void answering_close(struct server *server);

#endif
