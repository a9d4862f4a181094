/* SPDX-License-Identifier: BSD-3-Clause */
/* overlimit.c, through respond_limited: what each vector gets above its rate, who is exempt, and
 * what is counted. */
#include "dataplane/overlimit.h"

#include "dataplane/dns/wire.h"
#include "dataplane/respond.h"

#include "tests/support/cmocka.h"
#include "tests/support/decode.h"
#include "tests/support/fixture.h"
#include "tests/support/vectors.h"

#include <string.h>

static const uint8_t secret[16] = {3};

static struct fixture fixture;
static struct policy policy;
static struct ratelimit *limiter;
static struct counters counters;
static uint64_t now_us;
static uint8_t message[4096];

/* One reply a second of each kind, and slip 1. */
static void use(enum fixture_policy which)
{
	policy = fixture.policy[which];
	policy.rate = (struct ratelimit_policy){.mode = RATELIMIT_ON,
		.interval_us = {0, RATELIMIT_SECOND, RATELIMIT_SECOND, RATELIMIT_SECOND,
			RATELIMIT_SECOND},
		.burst_us = RATELIMIT_SECOND,
		.ipv4_bits = 24,
		.ipv6_bits = 56,
		.slip = 1};
	serving_publish_policy(&fixture.serving, &policy);
}

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	use(FIXTURE_FULL);
	limiter = ratelimit_new(RATELIMIT_ENTRIES_LEAST, secret, 1);
	now_us = 0;
	memset(&counters, 0, sizeof(counters));
	return limiter == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	ratelimit_free(limiter);
	fixture_close(&fixture);
	return 0;
}

static size_t ask(const struct client *client, const struct vector *v, enum outcome *outcome)
{
	const struct respond_limit limit = {limiter, &counters, now_us};

	memcpy(message, v->query, v->query_bytes);
	return respond_limited(&fixture.serving, &limit, client, message, v->query_bytes,
		sizeof(message), outcome);
}

static void check_vectors(const char *file, enum fixture_policy which)
{
	const struct client client = fixture_client(TRANSPORT_UDP);
	unsigned slipped = 0, dropped = 0, kept = 0;
	struct vectors vectors;

	use(which);
	vectors_open(&vectors, file);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		enum outcome first, second;
		size_t length;

		if (v->query_bytes > sizeof(message))
			continue;
		now_us += 2 * RATELIMIT_SECOND;
		ask(&client, v, &first);
		assert_int_not_equal(first, OUTCOME_RATE_DROPPED);
		assert_int_not_equal(first, OUTCOME_RATE_SLIPPED);
		length = ask(&client, v, &second);
		if (second != v->outcome)
			fail_msg("%s: %s", v->name, outcome_name(second));
		if (length != v->reply_bytes || memcmp(message, v->reply, length) != 0)
			fail_msg("%s: another reply", v->name);
		if (length != 0 && !decode_succeeds(message, length))
			fail_msg("%s: ldns cannot decode the reply", v->name);
		assert_int_equal(length != 0, second >= OUTCOME_REPLIED_FIRST);
		slipped += second == OUTCOME_RATE_SLIPPED;
		dropped += second == OUTCOME_RATE_DROPPED;
		kept += second != OUTCOME_RATE_SLIPPED && length != 0;
	}
	vectors_close(&vectors);
	assert_true(slipped > 0 && dropped > 0);
	assert_int_equal(counter_read(&counters.rate_exempt_cookie), kept);
	assert_int_equal(kept > 0, which == FIXTURE_FULL);
}

static void every_vector_of_the_plain_policy(void **state)
{
	(void)state;
	check_vectors("limited-plain.txt", FIXTURE_PLAIN);
}

static void every_vector_with_cookies(void **state)
{
	(void)state;
	check_vectors("limited-full.txt", FIXTURE_FULL);
}

/* The first vector of the file whose name begins so. */
static const struct vector *named(const struct vectors *vectors, const char *name)
{
	for (size_t i = 0; i < vectors->count; i++)
		if (strncmp(vectors->vector[i].name, name, strlen(name)) == 0)
			return &vectors->vector[i];
	fail_msg("no vector %s", name);
	return NULL;
}

static void tcp_and_the_mode_off_are_never_limited(void **state)
{
	const struct client udp = fixture_client(TRANSPORT_UDP),
			    tcp = fixture_client(TRANSPORT_TCP);
	struct vectors vectors;
	enum outcome outcome;

	(void)state;
	vectors_open(&vectors, "limited-plain.txt");
	for (unsigned i = 0; i < 100; i++) {
		ask(&tcp, named(&vectors, "reverse-names/apex-soa"), &outcome);
		assert_int_equal(outcome, OUTCOME_ANSWERED);
	}
	policy.rate.mode = RATELIMIT_OFF;
	for (unsigned i = 0; i < 100; i++) {
		ask(&udp, named(&vectors, "reverse-names/apex-soa"), &outcome);
		assert_int_equal(outcome, OUTCOME_ANSWERED);
	}
	policy.rate.mode = RATELIMIT_ON;
	policy.rate.interval_us[RATELIMIT_ANSWERS] = 0;
	for (unsigned i = 0; i < 100; i++) {
		ask(&udp, named(&vectors, "reverse-names/apex-soa"), &outcome);
		assert_int_equal(outcome, OUTCOME_ANSWERED);
	}
	assert_int_equal(counter_read(&counters.rate_limited[RATELIMIT_ANSWERS]), 0);
	vectors_close(&vectors);
}

static void nobody_is_limited_without_a_limiter(void **state)
{
	const struct client udp = fixture_client(TRANSPORT_UDP);
	struct ratelimit *made = limiter;
	struct vectors vectors;
	enum outcome outcome;

	(void)state;
	vectors_open(&vectors, "limited-plain.txt");
	limiter = NULL;
	for (unsigned i = 0; i < 100; i++) {
		ask(&udp, named(&vectors, "reverse-names/apex-soa"), &outcome);
		assert_int_equal(outcome, OUTCOME_ANSWERED);
	}
	limiter = made;
	assert_int_equal(counter_read(&counters.rate_limited[RATELIMIT_ANSWERS]), 0);
	assert_int_equal(counter_read(&counters.query_type[QUERY_TYPE_SOA]), 100);
	vectors_close(&vectors);
}

static void log_only_counts_and_changes_nothing(void **state)
{
	const struct client client = fixture_client(TRANSPORT_UDP);
	struct vectors vectors;
	enum outcome outcome;

	(void)state;
	policy.rate.mode = RATELIMIT_LOG;
	vectors_open(&vectors, "limited-plain.txt");
	for (unsigned i = 0; i < 100; i++) {
		ask(&client, named(&vectors, "reverse-names/apex-soa"), &outcome);
		assert_int_equal(outcome, OUTCOME_ANSWERED);
	}
	assert_int_equal(counter_read(&counters.rate_limited[RATELIMIT_ANSWERS]), 99);
	vectors_close(&vectors);
}

static void exempt_prefixes_get_all_and_are_counted(void **state)
{
	const struct client client = fixture_client(TRANSPORT_UDP);
	const uint64_t low = UINT64_C(0xffff00000000) | wire_get32(client.address);
	struct vectors vectors;
	enum outcome outcome;

	(void)state;
	policy.rate.exempt[0] = (struct ratelimit_range){{0, low}, {0, low}};
	policy.rate.exempt_count = 1;
	vectors_open(&vectors, "limited-plain.txt");
	for (unsigned i = 0; i < 100; i++) {
		ask(&client, named(&vectors, "reverse-names/apex-soa"), &outcome);
		assert_int_equal(outcome, OUTCOME_ANSWERED);
	}
	assert_int_equal(counter_read(&counters.rate_exempt_prefix), 99);
	assert_int_equal(counter_read(&counters.rate_limited[RATELIMIT_ANSWERS]), 0);
	vectors_close(&vectors);
}

/* By the first 56 bits of an IPv6 address. */
static void ipv6_clients_are_counted_by_their_prefix(void **state)
{
	uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 1, 1};
	const struct client client = {
		.address = address, .address_bytes = 16, .transport = TRANSPORT_UDP};
	struct vectors vectors;
	enum outcome outcome;

	(void)state;
	vectors_open(&vectors, "limited-plain.txt");
	for (unsigned i = 0; i < 3; i++) {
		static const uint8_t sixth[] = {1, 1, 2};

		address[6] = sixth[i];
		address[15]++;
		ask(&client, named(&vectors, "reverse-names/apex-soa"), &outcome);
		assert_int_equal(outcome, i == 1 ? OUTCOME_RATE_SLIPPED : OUTCOME_ANSWERED);
	}
	vectors_close(&vectors);
}

static void without_slip_all_is_silence(void **state)
{
	const struct client client = fixture_client(TRANSPORT_UDP);
	struct vectors vectors;
	enum outcome outcome;

	(void)state;
	policy.rate.slip = 0;
	vectors_open(&vectors, "limited-plain.txt");
	ask(&client, named(&vectors, "reverse-names/apex-soa"), &outcome);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(
			ask(&client, named(&vectors, "reverse-names/apex-soa"), &outcome), 0);
		assert_int_equal(outcome, OUTCOME_RATE_DROPPED);
	}
	vectors_close(&vectors);
}

/* Each kind of reply has a rate of its own; silence and what is no DNS has none. */
static void every_outcome_has_its_class(void **state)
{
	(void)state;
	for (unsigned o = 0; o < OUTCOMES; o++) {
		bool reply = o >= OUTCOME_REPLIED_FIRST && o <= OUTCOME_YXDOMAIN;

		assert_int_equal(ratelimit_classes[o] != RATELIMIT_NONE, reply);
	}
	assert_int_equal(ratelimit_classes[OUTCOME_NODATA], RATELIMIT_NXDOMAIN);
	assert_int_equal(ratelimit_classes[OUTCOME_REFERRAL], RATELIMIT_REFERRALS);
	assert_int_equal(ratelimit_classes[OUTCOME_REFUSED], RATELIMIT_ERRORS);
	assert_int_equal(ratelimit_classes[OUTCOME_BADCOOKIE], RATELIMIT_ERRORS);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_vector_of_the_plain_policy),
		CASE(every_vector_with_cookies),
		CASE(tcp_and_the_mode_off_are_never_limited),
		CASE(nobody_is_limited_without_a_limiter),
		CASE(log_only_counts_and_changes_nothing),
		CASE(exempt_prefixes_get_all_and_are_counted),
		CASE(ipv6_clients_are_counted_by_their_prefix),
		CASE(without_slip_all_is_silence),
		CASE(every_outcome_has_its_class),
	};

	return cmocka_run_group_tests_name("dataplane/overlimit", tests, NULL, NULL);
}
