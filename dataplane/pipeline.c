/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The five stages, each a loop over the whole burst, so that its code and its memory accesses come
 * together: frame_open -> query_read -> record_find -> reply_write -> rate_limit -> frame_close. A
 * frame that has an outcome is passed over by the stages up to reply_write.
 */
#include "dataplane/pipeline.h"

#include "dataplane/answer.h"
#include "dataplane/dns/wire.h"
#include "dataplane/overlimit.h"
#include "dataplane/ratelimit.h"

#include "dataplane/hot.h"

/* Not yet decided. */
static const enum outcome open_still = OUTCOMES;

static void stage_frame_open(struct burst *b, const struct addresses *ours)
{
	frame_open_bulk(b->frame, b->length, b->n, ours, b->view, b->outcome);
}

static void stage_query_read(struct burst *b)
{
	for (unsigned i = 0, n = b->n; i < n; i++) {
		struct query *query = &b->query[i];
		const struct owner *owner = NULL;

		if (b->outcome[i] == open_still) {
			query_read(
				b->frame[i] + b->view[i].payload, b->view[i].payload_bytes, query);
			/* Every reply but those of a header alone repeats the question untouched.
			 */
			if (query->question_end != 0)
				frame_keep(b->frame[i], &b->view[i], query->question_end);
			owner = answer_owner(query);
		}
		b->owner[i] = owner;
	}
}

static void stage_record_find(struct burst *b, const struct table *table)
{
	table_find_bulk(table, b->owner, b->found, b->n);
}

/* What takes no short way: most need neither the client nor how long their reply may be. */
static struct client client_of(const struct burst *b, unsigned i)
{
	const struct frame_view *frame = &b->view[i];

	return (struct client){.address = b->frame[i] + frame_source(frame),
		.address_bytes = frame->family == 4 ? 4 : 16,
		.transport = TRANSPORT_UDP};
}

static __attribute__((noinline)) enum outcome write_any(
	const struct burst *b, unsigned i, const struct serving_view *view, size_t *length)
{
	const struct frame_view *frame = &b->view[i];
	size_t limit = edns_udp_limit(&b->query[i].edns, view->policy->udp_bytes);
	size_t room = frame_reply_room(frame, b->capacity[i]);
	struct client client = client_of(b, i);

	return answer_write(view, &client, &b->query[i], &b->found[i], b->frame[i] + frame->payload,
		limit < room ? limit : room, length);
}

static inline enum outcome write_one(
	const struct burst *b, unsigned i, const struct serving_view *view, size_t *length)
{
	uint8_t *message = b->frame[i] + b->view[i].payload;
	const struct query *query = &b->query[i];
	enum outcome outcome;

	/* Any reply may have so much (RFC 1035 4.2.1), and the short ways need no more. */
	if (frame_reply_room(&b->view[i], b->capacity[i]) < WIRE_UDP_PLAIN_BYTES)
		return OUTCOME_NO_ROOM;
	*length = answer_host(view, query, &b->found[i], message, WIRE_UDP_PLAIN_BYTES);
	if (*length != 0)
		return OUTCOME_ANSWERED;
	*length =
		answer_negative(view, query, &b->found[i], message, WIRE_UDP_PLAIN_BYTES, &outcome);
	return *length != 0 ? outcome : write_any(b, i, view, length);
}

/* Writes the DNS reply; length[i] becomes its size. */
static void stage_reply_write(struct burst *b, const struct serving_view *view)
{
	for (unsigned i = 0, n = b->n; i < n; i++) {
		size_t length = 0;

		if (b->outcome[i] == open_still)
			b->outcome[i] = write_one(b, i, view, &length);
		b->length[i] = (uint32_t)length;
	}
}

static __attribute__((noinline)) void limit_one(const struct pipeline *pipeline, struct burst *b,
	unsigned i, const struct serving_view *view)
{
	struct client client = client_of(b, i);
	size_t length = b->length[i];

	b->outcome[i] = overlimit(pipeline->limiter, pipeline->counters, view, &client,
		&b->query[i], b->frame[i] + b->view[i].payload, b->outcome[i], &length);
	b->length[i] = (uint32_t)length;
}

/* Twice over the burst, so that lines of the table that no cache holds come together. */
static __attribute__((noinline)) void stage_rate_limit(
	const struct pipeline *pipeline, struct burst *b, const struct serving_view *view)
{
	struct ratelimit *limiter = pipeline->limiter;
	struct ratelimit_terms terms;
	uint64_t hash[BURST_MAX];
	uint8_t limited[BURST_MAX];
	unsigned count = 0;

	ratelimit_terms(limiter, &view->policy->rate, b->now_us, &terms);
	for (unsigned i = 0, n = b->n; i < n; i++) {
		unsigned class = ratelimit_classes[b->outcome[i]];
		const struct frame_view *frame = &b->view[i];

		if (terms.cost[class] == 0)
			continue;
		hash[count] = ratelimit_hash(limiter, &terms, frame->family != 4,
			b->frame[i] + frame_source(frame), class);
		ratelimit_prefetch(limiter, hash[count]);
		limited[count++] = (uint8_t)i;
	}
	for (unsigned k = 0; k < count; k++) {
		unsigned i = limited[k];

		if (ratelimit_over(limiter, &terms, hash[k], ratelimit_classes[b->outcome[i]]))
			limit_one(pipeline, b, i, view);
	}
}

static void stage_frame_close(struct burst *b)
{
	frame_close_bulk(b->frame, b->view, b->length, b->n);
}

/* Frames of a burst mostly end alike: neighbours are counted together. */
static void count_outcomes(const struct burst *b, struct counters *counters)
{
	for (unsigned i = 0, first = 0, n = b->n; i < n; first = i) {
		do
			i++;
		while (i < n && b->outcome[i] == b->outcome[first]);
		counter_add(&counters->outcome[b->outcome[first]], i - first);
	}
}

void pipeline_run(const struct pipeline *pipeline, struct burst *b)
{
	struct serving_view view = serving_load(pipeline->serving);

	stage_frame_open(b, view.addresses);
	stage_query_read(b);
	stage_record_find(b, view.table);
	serving_see_cuts(&view);
	stage_reply_write(b, &view);
	if (view.policy->rate.mode != RATELIMIT_OFF && pipeline->limiter)
		stage_rate_limit(pipeline, b, &view);
	stage_frame_close(b);
	count_outcomes(b, pipeline->counters);
}
