/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A batch a turn of the event loop, so that sockets have theirs; while batches come back full the
 * next turn follows at once. Between turns nothing is held.
 */
#include "control/listener/dns_listener_punt.h"

#include "control/listener/dns_listener_observe.h"

#include <stdlib.h>

enum {
	/* While messages come: a worker's ring holds what comes in 1 ms at 256,000 a second. */
	LOOK_MS = 1,
	/* When none has come for a second. A look costs some 40 us, so 1 ms for ever is 4 % of a
	   CPU. */
	LOOK_IDLE_MS = 10,
	LOOKS_UNTIL_IDLE = 1000,
};

struct dns_listener_punt {
	const struct dns_listener_core *core;
	struct punt source;
	struct event look;
	unsigned empty; /* looks in a row that found nothing, up to LOOKS_UNTIL_IDLE */
	struct dataplane_message messages[DATAPLANE_PUNT_BATCH];
};

static void answer(const struct dns_listener_core *core, struct dataplane_message *message)
{
	struct dns_listener_counters *counters = core->counters;
	const struct client client = {.address = message->address,
		.address_bytes = message->address_bytes,
		.transport = TRANSPORT_UDP};
	struct observation *seen = dns_listener_observe(
		core, OBSERVE_PUNTED, &client, message->bytes, message->length);
	enum outcome outcome;

	if (seen)
		dns_listener_observe_punted(seen, message);
	message->length = respond(core->serving, &client, message->bytes, message->length,
		message->capacity, &outcome);
	dns_listener_observed(core, seen, outcome, message->bytes, message->length);
	counter_add(&counters->punted[outcome], 1);
	if (message->length)
		counter_add(&counters->punt_replied, 1);
}

/* Returns how many there were. */
static unsigned answer_batch(struct dns_listener_punt *punt)
{
	const struct dns_listener_core *core = punt->core;
	unsigned count =
		punt->source.take(punt->source.context, punt->messages, DATAPLANE_PUNT_BATCH);

	if (!count)
		return 0;
	core->reader.online(core->reader.context);
	for (unsigned i = 0; i < count; i++)
		answer(core, &punt->messages[i]);
	core->reader.offline(core->reader.context);
	punt->source.reply(punt->source.context, punt->messages, count);
	return count;
}

static void look_again(struct dns_listener_punt *punt, long ms)
{
	const struct timeval soon = {.tv_usec = ms * 1000};

	event_add(&punt->look, &soon);
}

static void look(evutil_socket_t fd, short what, void *context)
{
	struct dns_listener_punt *punt = context;
	unsigned count = answer_batch(punt);

	(void)fd;
	(void)what;
	if (count)
		punt->empty = 0;
	else if (punt->empty < LOOKS_UNTIL_IDLE)
		punt->empty++;
	if (count == DATAPLANE_PUNT_BATCH)
		look_again(punt, 0);
	else
		look_again(punt, punt->empty < LOOKS_UNTIL_IDLE ? LOOK_MS : LOOK_IDLE_MS);
}

struct dns_listener_punt *dns_listener_punt_new(
	const struct dns_listener_core *core, const struct punt *punt)
{
	struct dns_listener_punt *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->core = core;
	made->source = *punt;
	made->empty = LOOKS_UNTIL_IDLE;
	event_assign(&made->look, core->base, -1, 0, look, made);
	look_again(made, LOOK_MS);
	return made;
}

void dns_listener_punt_free(struct dns_listener_punt *punt)
{
	if (!punt)
		return;
	event_del(&punt->look);
	free(punt);
}
