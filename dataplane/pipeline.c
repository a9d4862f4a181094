/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The stages, each a loop over the whole burst, so that its code and its memory accesses come
 * together: frame_open -> query_read -> record_find -> reply_write -> frame_close. A frame that has
 * an outcome is passed over by the stages up to reply_write. Where rates are limited, rate_prefetch
 * comes after frame_open, and reply_write counts. Where no kernel shares the port, neighbor_answer
 * has a look at what frame_open refused.
 */
#include "dataplane/pipeline.h"

#include "dataplane/answer.h"
#include "dataplane/dns/wire.h"
#include "dataplane/neighbor.h"
#include "dataplane/observe_burst.h"
#include "dataplane/overlimit.h"
#include "dataplane/ratelimit.h"

#include "dataplane/hot.h"

/* Not yet decided. */
static const enum outcome open_still = OUTCOMES;

static void stage_frame_open(struct burst *b, const struct link *link, const struct addresses *ours)
{
	frame_open_bulk(b->frame, b->length, b->n, link, ours, b->view, b->outcome);
}

/*
 * Where no kernel shares the port: what is no DNS is answered now, while it is as it came. Its
 * lengths are kept apart until the DNS replies' are known; returns how many there are.
 */
static unsigned stage_neighbor(
	struct burst *b, const struct addresses *ours, const struct link *link)
{
	unsigned answered = 0, refused = 0;

	/* Most bursts are queries alone, and this loop takes four frames at once. */
	for (unsigned i = 0, n = b->n; i < n; i++)
		refused |= (unsigned)b->outcome[i] ^ (unsigned)open_still;
	if (!refused)
		return 0;
	for (unsigned i = 0, n = b->n; i < n; i++) {
		if (!neighbor_may_want(b->outcome[i]))
			continue;
		b->outcome[i] =
			neighbor_answer(b->frame[i], &b->length[i], b->capacity[i], ours, link);
		if (b->outcome[i] < OUTCOME_REPLIED_FIRST)
			continue;
		b->neighbor[answered] = (uint8_t)i;
		b->neighbor_bytes[answered++] = b->length[i];
	}
	return answered;
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

/* Another thread's to answer: the frame stays as it came, if there is room for it. */
static enum outcome punt(
	struct burst *b, unsigned i, const struct serving_view *view, size_t limit, size_t *length)
{
	if (b->punt_room > 0) {
		b->punt_room--;
		return OUTCOME_PUNTED;
	}
	*length = answer_refuse_slow(view, &b->query[i], b->frame[i] + b->view[i].payload, limit);
	return OUTCOME_PUNT_REFUSED;
}

static struct client client_of(const struct burst *b, unsigned i)
{
	const struct frame_view *frame = &b->view[i];

	return (struct client){.address = b->frame[i] + frame_source(frame),
		.address_bytes = frame->family == 4 ? 4 : 16,
		.transport = TRANSPORT_UDP};
}

/* What takes no short way: most need neither the client nor how long their reply may be. */
static __attribute__((noinline)) enum outcome write_any(struct burst *b, unsigned i,
	const struct serving_view *view, uint16_t mtu_bytes, size_t *length)
{
	const struct frame_view *frame = &b->view[i];
	size_t limit = edns_udp_limit(&b->query[i].edns, view->policy->udp_bytes);
	size_t room = frame_reply_room(frame, b->capacity[i], mtu_bytes);
	struct client client = client_of(b, i);

	if (limit > room)
		limit = room;
	if (answer_is_slow(&b->query[i]))
		return punt(b, i, view, limit, length);
	return answer_write(view, &client, &b->query[i], &b->found[i], b->frame[i] + frame->payload,
		limit, length);
}

/*
 * Any reply may have so much (RFC 1035 4.2.1), and the short ways need no more. All but never is
 * there a frame without it, so one look is for the whole burst.
 */
static bool all_have_room(const struct burst *b, uint16_t mtu_bytes)
{
	uint32_t least = UINT32_MAX;

	for (unsigned i = 0, n = b->n; i < n; i++)
		least = b->capacity[i] < least ? b->capacity[i] : least;
	return least >= FRAME_HEADERS_MAX_BYTES + WIRE_UDP_PLAIN_BYTES &&
		mtu_bytes >= FRAME_IP_HEADERS_MAX_BYTES + WIRE_UDP_PLAIN_BYTES;
}

static __attribute__((noinline)) void refuse_without_room(struct burst *b, uint16_t mtu_bytes)
{
	for (unsigned i = 0, n = b->n; i < n; i++)
		if (b->outcome[i] == open_still &&
			frame_reply_room(&b->view[i], b->capacity[i], mtu_bytes) <
				WIRE_UDP_PLAIN_BYTES)
			b->outcome[i] = OUTCOME_NO_ROOM;
}

/* The link's MTU, after what has no room by it is refused. */
static uint16_t see_room(struct burst *b, const struct link *link)
{
	/* Pairs with nothing: a burst may still go by the MTU that was. */
	uint16_t mtu_bytes = atomic_load_explicit(&link->mtu_bytes, memory_order_relaxed);

	if (__builtin_expect(!all_have_room(b, mtu_bytes), 0))
		refuse_without_room(b, mtu_bytes);
	return mtu_bytes;
}

static inline enum outcome write_one(struct burst *b, unsigned i, const struct serving_view *view,
	uint16_t mtu_bytes, size_t *length)
{
	uint8_t *message = b->frame[i] + b->view[i].payload;
	const struct query *query = &b->query[i];
	enum outcome outcome;

	*length = answer_host(view, query, &b->found[i], message, WIRE_UDP_PLAIN_BYTES);
	if (*length != 0)
		return OUTCOME_ANSWERED;
	*length =
		answer_negative(view, query, &b->found[i], message, WIRE_UDP_PLAIN_BYTES, &outcome);
	return *length != 0 ? outcome : write_any(b, i, view, mtu_bytes, length);
}

static __attribute__((noinline)) void limit_one(const struct pipeline *pipeline, struct burst *b,
	unsigned i, const struct serving_view *view, size_t *length)
{
	struct client client = client_of(b, i);

	b->outcome[i] = overlimit(pipeline->limiter, pipeline->counters, view, &client,
		&b->query[i], b->frame[i] + b->view[i].payload, b->outcome[i], length);
}

/*
 * Asks for the memory that counting will take long before: the line is known from the prefix alone,
 * whatever the reply will be.
 */
static __attribute__((noinline)) void stage_rate_prefetch(const struct pipeline *pipeline,
	struct burst *b, const struct serving_view *view, struct ratelimit_terms *terms)
{
	const struct ratelimit *limiter = pipeline->limiter;

	ratelimit_terms(limiter, &view->policy->rate, b->now_us, terms);
	for (unsigned i = 0, n = b->n; i < n; i++) {
		if (b->outcome[i] != open_still)
			continue;
		b->rate_hash[i] = ratelimit_hash(limiter, terms, b->view[i].family,
			frame_source_word(b->frame[i], &b->view[i]));
		ratelimit_prefetch(limiter, b->rate_hash[i]);
	}
}

/* Writes the DNS reply; length[i] becomes its size. */
static void stage_reply_write(
	struct burst *b, const struct serving_view *view, const struct link *link)
{
	uint16_t mtu_bytes = see_room(b, link);

	for (unsigned i = 0, n = b->n; i < n; i++) {
		size_t length = 0;

		if (b->outcome[i] == open_still)
			b->outcome[i] = write_one(b, i, view, mtu_bytes, &length);
		b->length[i] = (uint32_t)length;
	}
}

/*
 * The same, and counts each reply: in this loop, because the next reply waits for nothing of it. In
 * one of its own each count would wait for that before, where both are of one source.
 */
static __attribute__((noinline)) void stage_reply_write_limited(const struct pipeline *pipeline,
	struct burst *b, const struct serving_view *view, const struct ratelimit_terms *terms)
{
	uint16_t mtu_bytes = see_room(b, pipeline->link);

	for (unsigned i = 0, n = b->n; i < n; i++) {
		size_t length = 0;

		if (b->outcome[i] == open_still) {
			b->outcome[i] = write_one(b, i, view, mtu_bytes, &length);
			if (ratelimit_over(pipeline->limiter, terms, b->rate_hash[i],
				    ratelimit_classes[b->outcome[i]]))
				limit_one(pipeline, b, i, view, &length);
		}
		b->length[i] = (uint32_t)length;
	}
}

static void stage_frame_close(struct burst *b)
{
	frame_close_bulk(b->frame, b->view, b->length, b->n);
}

static void stage_neighbor_close(struct burst *b, unsigned answered)
{
	for (unsigned i = 0; i < answered; i++)
		b->length[b->neighbor[i]] = b->neighbor_bytes[i];
}

static bool is_message(enum outcome outcome)
{
	return outcome >= OUTCOME_MESSAGE_SHORT && outcome < OUTCOME_NEIGHBOR;
}

static __attribute__((noinline)) void count_each(const struct burst *b, struct counters *counters)
{
	for (unsigned i = 0, n = b->n; i < n; i++) {
		if (!is_message(b->outcome[i]))
			continue;
		counter_add(&counters->family[b->view[i].family == 6], 1);
		counter_add(&counters->query_type[query_type_of(&b->query[i])], 1);
	}
}

/* Mostly all frames are messages and all ask for PTR: then none is looked at by itself. */
static void count_messages(const struct burst *b, struct counters *counters, unsigned messages)
{
	unsigned families = 0, ipv6; /* the sum of 4s and 6s */
	uint16_t some = 0, every = WIRE_TYPE_PTR;

#pragma GCC unroll 8
	for (unsigned i = 0, n = b->n; i < n; i++) {
		families += b->view[i].family;
		some |= b->query[i].qtype;
		every &= b->query[i].qtype;
	}
	if (messages != b->n || some != WIRE_TYPE_PTR || every != WIRE_TYPE_PTR) {
		count_each(b, counters);
		return;
	}
	ipv6 = (families - 4 * messages) / 2;
	counter_add(&counters->family[0], messages - ipv6);
	counter_add(&counters->family[1], ipv6);
	counter_add(&counters->query_type[QUERY_TYPE_PTR], messages);
}

/* Frames of a burst mostly end alike: neighbours are counted together. */
static void count_outcomes(const struct burst *b, struct counters *counters)
{
	unsigned messages = 0;

	for (unsigned i = 0, first = 0, n = b->n; i < n; first = i) {
		enum outcome outcome = b->outcome[first];

		do
			i++;
		while (i < n && b->outcome[i] == outcome);
		counter_add(&counters->outcome[outcome], i - first);
		messages += is_message(outcome) ? i - first : 0;
	}
	count_messages(b, counters, messages);
}

void pipeline_run(const struct pipeline *pipeline, struct burst *b)
{
	struct serving_view view = serving_load(pipeline->serving);
	bool limited = view.policy->rate.mode != RATELIMIT_OFF && pipeline->limiter;
	struct ratelimit_terms terms;
	unsigned neighbors = 0;
	bool observed;

	stage_frame_open(b, pipeline->link, view.addresses);
	if (pipeline->link->alone)
		neighbors = stage_neighbor(b, view.addresses, pipeline->link);
	if (limited)
		stage_rate_prefetch(pipeline, b, &view, &terms);
	stage_query_read(b);
	stage_record_find(b, view.table);
	serving_see_cuts(&view);
	observed = pipeline->ring && observe_due(&pipeline->serving->observe, pipeline->ring, b->n);
	if (__builtin_expect(observed, 0))
		observe_burst_begin(&pipeline->serving->observe, pipeline->ring, b);
	if (limited)
		stage_reply_write_limited(pipeline, b, &view, &terms);
	else
		stage_reply_write(b, &view, pipeline->link);
	stage_frame_close(b);
	stage_neighbor_close(b, neighbors);
	if (__builtin_expect(observed, 0))
		observe_burst_end(pipeline->ring, b);
	count_outcomes(b, pipeline->counters);
}
