/* SPDX-License-Identifier: BSD-3-Clause */
/* The DNS messages within an observation. Pure. */
#ifndef ARPAD_CONTROL_OBSERVER_OBSERVATION_H
#define ARPAD_CONTROL_OBSERVER_OBSERVATION_H

#include "dataplane/dns/wire.h"
#include "dataplane/observe.h"

/* What was kept of a message; `bytes` 0: there is none. */
struct observation_message {
	const uint8_t *at;
	size_t bytes;
};

/* A frame may be longer than its datagram: the UDP header before the message tells. */
static inline struct observation_message observation_query(const struct observation *observation)
{
	size_t at = observation->query_message, kept = observation->query_kept;
	struct observation_message message = {observation->query + at, 0};
	size_t datagram;

	if (observation->family == 0 || kept <= at)
		return message;
	message.bytes = kept - at;
	if (observation->path != OBSERVE_WORKER)
		return message;
	datagram = wire_get16(message.at - 4);
	if (datagram >= 8 && datagram - 8 < message.bytes)
		message.bytes = datagram - 8;
	return message;
}

static inline struct observation_message observation_reply(const struct observation *observation)
{
	size_t at = observation->reply_message, kept = observation->reply_kept;

	return (struct observation_message){
		observation->reply + at, observation->family && kept > at ? kept - at : 0};
}

#endif
