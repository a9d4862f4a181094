/* SPDX-License-Identifier: BSD-3-Clause */
/* Announcements: a list that is walked in turns, so that no address waits for those before it. */
#include "dataplane/dpdk/announcer.h"

#include "dataplane/neighbor.h"

#include <errno.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

void announcer_fini(struct announcer *announcer)
{
	free(announcer->addresses);
	free(announcer->left);
	*announcer = (struct announcer){.count = 0};
}

static size_t find(const struct announcer *announcer, const struct ip_address *address)
{
	size_t i = 0;

	while (i < announcer->count &&
		memcmp(&announcer->addresses[i], address, sizeof(*address)) != 0)
		i++;
	return i;
}

static int make_room(struct announcer *announcer)
{
	size_t room = announcer->room ? announcer->room * 2 : 16;
	void *addresses, *left;

	if (announcer->count < announcer->room)
		return 0;
	addresses = realloc(announcer->addresses, room * sizeof(*announcer->addresses));
	if (!addresses)
		return -ENOMEM;
	announcer->addresses = addresses;
	left = realloc(announcer->left, room * sizeof(*announcer->left));
	if (!left)
		return -ENOMEM;
	announcer->left = left;
	announcer->room = room;
	return 0;
}

int announcer_add(struct announcer *announcer, const struct ip_address *address)
{
	if (find(announcer, address) < announcer->count)
		return 0;
	int rc = make_room(announcer);
	if (rc)
		return rc;
	announcer->addresses[announcer->count] = *address;
	memset(announcer->left[announcer->count++], ANNOUNCER_ROUNDS, DATAPLANE_PORTS_MAX);
	return 0;
}

void announcer_remove(struct announcer *announcer, const struct ip_address *address)
{
	size_t at = find(announcer, address);

	if (at == announcer->count)
		return;
	size_t behind = --announcer->count - at;
	memmove(announcer->addresses + at, announcer->addresses + at + 1,
		behind * sizeof(*announcer->addresses));
	memmove(announcer->left + at, announcer->left + at + 1, behind * sizeof(*announcer->left));
}

void announcer_repeat(struct announcer *announcer, unsigned port)
{
	for (size_t i = 0; i < announcer->count; i++)
		announcer->left[i][port] = ANNOUNCER_ROUNDS;
}

/* Whether there was a frame for it. */
static bool send_one(
	const struct ip_address *address, const struct link *link, struct handover *handover)
{
	uint8_t frame[NEIGHBOR_ANNOUNCE_BYTES];
	size_t bytes = neighbor_announce(address, link->mac, frame);
	struct rte_mbuf *mbuf;

	if (!bytes)
		return true;
	mbuf = handover_alloc(handover);
	if (!mbuf)
		return false;
	memcpy(rte_pktmbuf_mtod(mbuf, uint8_t *), frame, bytes);
	mbuf->data_len = (uint16_t)bytes;
	mbuf->pkt_len = (uint32_t)bytes;
	handover_return(handover, &mbuf, 1);
	return true;
}

void announcer_send(struct announcer *announcer, unsigned port, const struct link *link,
	struct handover *handover)
{
	size_t *next = &announcer->next[port];
	unsigned sent = 0;

	for (size_t seen = 0; seen < announcer->count && sent < ANNOUNCER_FRAMES; seen++) {
		if (*next >= announcer->count)
			*next = 0;
		if (announcer->left[*next][port]) {
			if (!send_one(&announcer->addresses[*next], link, handover))
				return;
			announcer->left[*next][port]--;
			sent++;
		}
		++*next;
	}
}
