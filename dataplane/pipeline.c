/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The five stages, each a loop over the whole burst, so that its code and its memory accesses come
 * together: frame_open -> query_read -> record_find -> reply_write -> frame_close. A frame
 * that has an outcome is passed over by every later stage.
 */
#include "dataplane/pipeline.h"

#include "dataplane/answer.h"
#include "dataplane/dns/wire.h"

#include "dataplane/hot.h"

/* Not yet decided. */
static const enum outcome open_still = OUTCOMES;

static void stage_frame_open(struct burst *b, const struct addresses *ours)
{
	for (unsigned i = 0; i < b->n; i++)
		b->outcome[i] = frame_open(b->frame[i], b->length[i], ours, &b->view[i]);
}

static void stage_query_read(struct burst *b)
{
	for (unsigned i = 0; i < b->n; i++) {
		b->owner[i] = NULL;
		if (b->outcome[i] != open_still)
			continue;
		query_read(
			b->frame[i] + b->view[i].payload, b->view[i].payload_bytes, &b->query[i]);
		b->owner[i] = answer_owner(&b->query[i]);
	}
}

static void stage_record_find(struct burst *b, const struct table *table)
{
	table_find_bulk(table, b->owner, b->record, b->n);
}

/* Writes the DNS reply; length[i] becomes its size. */
static void stage_reply_write(struct burst *b, const struct zones *zones)
{
	for (unsigned i = 0; i < b->n; i++) {
		size_t limit, room, length = 0;

		if (b->outcome[i] == open_still) {
			limit = edns_udp_limit(&b->query[i].edns);
			room = frame_reply_room(&b->view[i], b->capacity[i]);
			limit = limit < room ? limit : room;
			b->outcome[i] = limit < WIRE_UDP_PLAIN_BYTES
				? OUTCOME_NO_ROOM
				: answer_write(zones, &b->query[i], b->record[i],
					  b->frame[i] + b->view[i].payload, limit, &length);
		}
		b->length[i] = (uint32_t)length;
	}
}

static void stage_frame_close(struct burst *b)
{
	for (unsigned i = 0; i < b->n; i++)
		if (b->length[i] != 0)
			b->length[i] =
				(uint32_t)frame_close(b->frame[i], &b->view[i], b->length[i]);
}

void pipeline_run(struct burst *b, const struct serving *serving, struct counters *counters)
{
	/* Each pairs with the release in its serving_publish_*. */
	const struct zones *zones = atomic_load_explicit(&serving->zones, memory_order_acquire);
	const struct addresses *ours =
		atomic_load_explicit(&serving->addresses, memory_order_acquire);

	stage_frame_open(b, ours);
	stage_query_read(b);
	stage_record_find(b, serving->table);
	stage_reply_write(b, zones);
	stage_frame_close(b);
	for (unsigned i = 0; i < b->n; i++)
		counter_add(&counters->outcome[b->outcome[i]], 1);
}
