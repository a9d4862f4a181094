/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the listener's thread lets others see (dataplane/observe.h). Where a message came from and
 * to is asked only for those that are seen. The listener's thread, its reader online.
 */
#ifndef ARPAD_CONTROL_LISTENER_DNS_LISTENER_OBSERVE_H
#define ARPAD_CONTROL_LISTENER_DNS_LISTENER_OBSERVE_H

#include "control/listener/dns_listener_core.h"

#include <sys/socket.h>

/* Before the message is answered: as observe_message_begin. */
static inline struct observation *dns_listener_observe(const struct dns_listener_core *core,
	enum observe_path path, const struct client *client, const uint8_t *message, size_t length)
{
	const struct observe_message about = {
		path, client->address_bytes == 4 ? 4 : 6, client->address, message, length};

	return core->ring ? observe_message_begin(&core->serving->observe, core->ring, &about)
			  : NULL;
}

/* After it was. */
static inline void dns_listener_observed(const struct dns_listener_core *core,
	struct observation *seen, enum outcome outcome, const uint8_t *reply, size_t length)
{
	if (seen)
		observe_message_end(core->ring, seen, outcome, reply, length);
}

/* Over UDP: from whom, and where to by what the kernel said beside it, else by the socket. */
void dns_listener_observe_udp(
	struct observation *seen, struct msghdr *header, const struct dns_listener_address *socket);

/* Over TCP: the ends of the connection. */
void dns_listener_observe_tcp(struct observation *seen, int fd);

/* By a worker. */
void dns_listener_observe_punted(struct observation *seen, const struct dataplane_message *message);

#endif
