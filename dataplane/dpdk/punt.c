/* SPDX-License-Identifier: BSD-3-Clause */
/* The reply is closed here and not by the worker: checksumming a large one is not its work. */
#include "dataplane/dpdk/punt.h"

struct dataplane_message punt_message(struct rte_mbuf *frame, unsigned worker)
{
	const struct frame_view *view = &punt_note(frame)->view;
	uint8_t *bytes = rte_pktmbuf_mtod(frame, uint8_t *);
	size_t capacity = (size_t)frame->buf_len - rte_pktmbuf_headroom(frame);

	return (struct dataplane_message){
		.bytes = bytes + view->payload,
		.length = view->payload_bytes,
		.capacity = frame_reply_room(view, capacity),
		.address = bytes + frame_source(view),
		.address_bytes = view->family == 4 ? 4 : 16,
		.worker = worker,
		.frame = frame,
	};
}

struct rte_mbuf *punt_close(const struct dataplane_message *message)
{
	struct rte_mbuf *frame = message->frame;
	struct frame_view *view = &punt_note(frame)->view;
	size_t bytes = 0;

	view->kept_bytes = 0; /* whoever answered may have written over the question */
	if (message->length)
		bytes = frame_close(rte_pktmbuf_mtod(frame, uint8_t *), view, message->length);
	frame->data_len = (uint16_t)bytes;
	frame->pkt_len = (uint32_t)bytes;
	return frame;
}
