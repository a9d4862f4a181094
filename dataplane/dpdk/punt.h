/* SPDX-License-Identifier: BSD-3-Clause */
/* The listener's thread's end of the punt rings: mbufs to messages and back. */
#ifndef ARPAD_DATAPLANE_DPDK_PUNT_H
#define ARPAD_DATAPLANE_DPDK_PUNT_H

#include "dataplane/dataplane.h"
#include "dataplane/dpdk/handover.h"
#include "dataplane/frame.h"

#include <rte_mbuf.h>

/* What a worker says of a frame that it punts, in the mbuf's private area. */
struct punt_note {
	struct frame_view view; /* as the worker's pipeline left it */
};
static_assert(sizeof(struct punt_note) <= HANDOVER_PRIVATE_BYTES, "it fits the private area");

static inline struct punt_note *punt_note(struct rte_mbuf *frame)
{
	return rte_mbuf_to_priv(frame);
}

/* Describes the message in a frame that was taken. */
struct dataplane_message punt_message(struct rte_mbuf *frame, unsigned worker);

/* Makes of the frame what is to be sent: the reply that stands in it, or nothing. */
struct rte_mbuf *punt_close(const struct dataplane_message *message);

#endif
