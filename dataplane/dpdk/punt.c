/* SPDX-License-Identifier: BSD-3-Clause */
/* The reply is closed here and not by the worker: checksumming a large one is not its work. */
#include "dataplane/dpdk/punt.h"

#include "dataplane/dns/wire.h"

struct dataplane_message punt_message(
	struct rte_mbuf *frame, const struct link *link, unsigned worker)
{
	const struct frame_view *view = &punt_note(frame)->view;
	uint8_t *bytes = rte_pktmbuf_mtod(frame, uint8_t *);
	size_t capacity = (size_t)frame->buf_len - rte_pktmbuf_headroom(frame);
	uint16_t mtu_bytes = atomic_load_explicit(&link->mtu_bytes, memory_order_relaxed);

	return (struct dataplane_message){
		.bytes = bytes + view->payload,
		.length = view->payload_bytes,
		.capacity = frame_reply_room(view, capacity, mtu_bytes),
		.address = bytes + frame_source(view),
		.address_bytes = view->family == 4 ? 4 : 16,
		.server = bytes + frame_source(view) + (view->family == 4 ? 4 : 16),
		.port = wire_get16(bytes + view->udp),
		.server_port = wire_get16(bytes + view->udp + 2),
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
