/* SPDX-License-Identifier: BSD-3-Clause */
/* What requests of the control socket ask of the server itself. Control thread. */
#ifndef ARPAD_CONTROL_SERVER_REQUESTS_H
#define ARPAD_CONTROL_SERVER_REQUESTS_H

struct server;

/* Fills server->command. `changed` is called with the server after each commit. */
void server_requests_open(struct server *server, void (*changed)(void *context));

#endif
