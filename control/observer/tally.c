/* SPDX-License-Identifier: BSD-3-Clause */
/* The slice that is being filled, those before it in a ring, and one for ever. */
#include "control/observer/tally.h"

#include "control/observer/observation.h"
#include "dataplane/dns/query.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
	/* The last minute and the slice that is being filled. */
	SLICES = TALLY_SECONDS_MAX / TALLY_SLICE_SECONDS + 1,
	EVER = SLICES,
	PERIODS,
	/* Whoever has more than a thousandth of a slice is sure to be seen. */
	CAPACITY = TALLY_ROWS_MAX,
	BADVERS = 16,
	BADCOOKIE = 23,
};

struct tally {
	pthread_mutex_t mutex; /* of all below */
	struct sketch sketch[TALLY_WHATS][PERIODS];
	uint64_t start_ms[PERIODS]; /* 0: nothing yet */
	uint64_t now_ms;
	unsigned slice; /* the one that is being filled */
};

static const char *const names[] = {
#define X(name, label) [TALLY_##name] = label,
	TALLY_LIST(X)
#undef X
};

const char *tally_name(enum tally_what what)
{
	return what < TALLY_WHATS ? names[what] : NULL;
}

enum tally_what tally_named(const char *name)
{
	unsigned what = 0;

	while (what < TALLY_WHATS && strcmp(names[what], name) != 0)
		what++;
	return what;
}

struct tally *tally_new(void)
{
	struct tally *tally = calloc(1, sizeof(*tally));
	struct hash_key secret;

	if (!tally)
		return NULL;
	pthread_mutex_init(&tally->mutex, NULL);
	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret)) {
		tally_free(tally);
		return NULL;
	}
	for (unsigned what = 0; what < TALLY_WHATS; what++)
		for (unsigned period = 0; period < PERIODS; period++)
			if (sketch_init(&tally->sketch[what][period], CAPACITY, &secret) != 0) {
				tally_free(tally);
				return NULL;
			}
	return tally;
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	for (unsigned what = 0; what < TALLY_WHATS; what++)
		for (unsigned period = 0; period < PERIODS; period++)
			sketch_fini(&tally->sketch[what][period]);
	pthread_mutex_destroy(&tally->mutex);
	free(tally);
}

static void add(
	struct tally *tally, enum tally_what what, const struct prefix *key, uint32_t weight)
{
	sketch_add(&tally->sketch[what][tally->slice], key, weight);
	sketch_add(&tally->sketch[what][EVER], key, weight);
}

static void add_number(struct tally *tally, enum tally_what what, uint64_t number, uint32_t weight)
{
	const struct prefix key = sketch_number(number);

	add(tally, what, &key, weight);
}

static struct prefix client_of(const struct observation *observation)
{
	const uint8_t *client = observation->client;
	struct prefix prefix = {.family = observation->family};

	prefix.bits = prefix_host_bits(prefix.family);
	prefix.high = (uint64_t)wire_get32(client) << 32;
	if (prefix.family == ARPA_FAMILY_IPV4)
		return prefix;
	prefix.high |= wire_get32(client + 4);
	prefix.low = wire_get64(client + 8);
	return prefix;
}

static void add_client(struct tally *tally, const struct observation *observation, uint32_t weight)
{
	struct prefix client = client_of(observation);
	struct prefix network =
		prefix_truncate(&client, client.family == ARPA_FAMILY_IPV4 ? 24 : 56);

	add(tally, TALLY_CLIENTS, &client, weight);
	add(tally, TALLY_CLIENT_PREFIXES, &network, weight);
}

static void add_name(struct tally *tally, const struct prefix *name, uint32_t weight)
{
	uint8_t bits = name->family == ARPA_FAMILY_IPV4 ? 24 : 48;
	struct prefix network = *name;

	if (name->family == OWNER_NO_FAMILY)
		return;
	if (prefix_is_host(name))
		add(tally, TALLY_ADDRESSES, name, weight);
	if (name->bits > bits)
		network = prefix_truncate(name, bits);
	add(tally, TALLY_PREFIXES, &network, weight);
}

static void add_query(struct tally *tally, const struct observation *observation, uint32_t weight)
{
	struct observation_message message = observation_query(observation);
	struct query query;
	enum query_status status;

	if (!message.bytes)
		return;
	status = query_read(message.at, message.bytes, &query);
	if (status != QUERY_OK && status != QUERY_BADVERS)
		return;
	add_number(tally, TALLY_TYPES, query.qtype, weight);
	add_name(tally, &query.owner.prefix, weight);
}

static unsigned rcode_of(const struct observation *observation)
{
	struct observation_message reply = observation_reply(observation);

	if (reply.bytes < WIRE_HEADER_BYTES)
		return TALLY_NO_REPLY;
	if (observation->outcome == OUTCOME_BADVERS)
		return BADVERS;
	if (observation->outcome == OUTCOME_BADCOOKIE)
		return BADCOOKIE;
	return reply.at[3] & 15;
}

void tally_take(void *context, const struct observation *observation, uint64_t when_ns)
{
	struct tally *tally = context;
	uint32_t weight = observation->one_in;

	(void)when_ns;
	if (!(observation->why & OBSERVE_SAMPLED))
		return;
	pthread_mutex_lock(&tally->mutex);
	add_number(tally, TALLY_OUTCOMES, observation->outcome, weight);
	if (observation->family) {
		add_client(tally, observation, weight);
		add_query(tally, observation, weight);
		add_number(tally, TALLY_RCODES, rcode_of(observation), weight);
	}
	pthread_mutex_unlock(&tally->mutex);
}

/* The oldest slice becomes the one that is filled. */
static void next_slice(struct tally *tally, uint64_t start_ms)
{
	tally->slice = (tally->slice + 1) % SLICES;
	tally->start_ms[tally->slice] = start_ms;
	for (unsigned what = 0; what < TALLY_WHATS; what++)
		sketch_clear(&tally->sketch[what][tally->slice]);
}

void tally_advance(struct tally *tally, uint64_t now_ms)
{
	const uint64_t slice_ms = TALLY_SLICE_SECONDS * 1000;

	pthread_mutex_lock(&tally->mutex);
	tally->now_ms = now_ms;
	if (!tally->start_ms[EVER])
		tally->start_ms[EVER] = tally->start_ms[tally->slice] = now_ms;
	/* After a long sleep (of the machine) once round is enough. */
	for (unsigned i = 0; i < SLICES && now_ms - tally->start_ms[tally->slice] >= slice_ms; i++)
		next_slice(
			tally, i + 1 < SLICES ? tally->start_ms[tally->slice] + slice_ms : now_ms);
	pthread_mutex_unlock(&tally->mutex);
}

void tally_turn(void *tally)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	tally_advance(tally, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

/* Copies what the period has behind the entries that are there. */
static void copy_part(const struct tally *tally, enum tally_what what, unsigned period,
	struct sketch_entry **entries, struct ranking_part *part, struct tally_ranking *ranking)
{
	const struct sketch *sketch = &tally->sketch[what][period];
	const struct sketch *all = &tally->sketch[TALLY_OUTCOMES][period];

	memcpy(*entries, sketch->entry, sketch->used * sizeof(**entries));
	*part = (struct ranking_part){
		*entries, sketch->used, sketch_least(sketch), sketch->weight_most};
	*entries += sketch->used;
	ranking->total += all->total;
	if (all->weight_most > ranking->one_in)
		ranking->one_in = all->weight_most;
}

/* The slices back to `seconds` ago, or all; returns how many parts. Under the mutex. */
static unsigned copy_parts(const struct tally *tally, enum tally_what what, unsigned seconds,
	struct sketch_entry *entries, struct ranking_part *parts, struct tally_ranking *ranking)
{
	unsigned slices = (seconds + TALLY_SLICE_SECONDS - 1) / TALLY_SLICE_SECONDS + 1;
	unsigned count = 0;
	uint64_t start_ms = tally->start_ms[EVER];

	if (!seconds)
		copy_part(tally, what, EVER, &entries, &parts[count++], ranking);
	for (unsigned back = 0; seconds && back < slices && back < SLICES; back++) {
		unsigned slice = (tally->slice + SLICES - back) % SLICES;

		if (!tally->start_ms[slice])
			break;
		start_ms = tally->start_ms[slice];
		copy_part(tally, what, slice, &entries, &parts[count++], ranking);
	}
	ranking->seconds = (double)(tally->now_ms - start_ms) / 1000;
	return count;
}

int tally_rank(struct tally *tally, enum tally_what what, unsigned seconds, unsigned most,
	struct tally_ranking *ranking)
{
	struct sketch_entry *entries = malloc(SLICES * CAPACITY * sizeof(*entries));
	struct ranking_part parts[SLICES];
	unsigned part_count;
	int rows;

	if (!entries)
		return -1;
	ranking->total = 0;
	ranking->one_in = 0;
	pthread_mutex_lock(&tally->mutex);
	part_count = copy_parts(tally, what, seconds, entries, parts, ranking);
	pthread_mutex_unlock(&tally->mutex);
	rows = ranking_merge(
		parts, part_count, ranking->rows, most < TALLY_ROWS_MAX ? most : TALLY_ROWS_MAX);
	free(entries);
	ranking->count = rows > 0 ? (unsigned)rows : 0;
	return rows < 0 ? -1 : 0;
}
