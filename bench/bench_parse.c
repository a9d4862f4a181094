/* SPDX-License-Identifier: BSD-3-Clause */
/* query_read alone: messages that stay in the cache, each checked by what was read from it. */
#include "bench/bench_case.h"
#include "bench/workload.h"

#include "dataplane/dns/query.h"

#include <stdlib.h>

struct parse_args {
	uint8_t family;
	bool opt;
};

struct parse {
	uint64_t expected; /* the sum over all messages of what mix() makes of the prefix */
	size_t bytes[BENCH_STEP];
	uint8_t message[BENCH_STEP][WORKLOAD_MESSAGE_MAX];
};

static uint64_t mix(const struct prefix *p)
{
	return p->high ^ p->low ^ p->bits;
}

static void *parse_setup(const void *arguments)
{
	const struct parse_args *args = arguments;
	struct parse *parse = calloc(1, sizeof(*parse));
	uint64_t random = 1;

	if (!parse)
		return NULL;
	for (unsigned i = 0; i < BENCH_STEP; i++) {
		struct prefix owner = workload_owner(args->family, WORKLOAD_HIT, &random);

		parse->expected += mix(&owner);
		parse->bytes[i] =
			workload_message(&owner, args->opt, (uint16_t)i, parse->message[i]);
	}
	return parse;
}

static const char *parse_run(void *context)
{
	const struct parse *parse = context;
	uint64_t sum = 0;

	for (unsigned i = 0; i < BENCH_STEP; i++) {
		struct query query;

		if (query_read(parse->message[i], parse->bytes[i], &query) != QUERY_OK ||
			query.owner.rest_bytes != 0)
			return "a message was not read as a query for an address";
		sum += mix(&query.owner.prefix);
	}
	return sum == parse->expected ? NULL : "a message was read as another address";
}

static const struct parse_args ipv4 = {ARPA_FAMILY_IPV4, false};
static const struct parse_args ipv4_opt = {ARPA_FAMILY_IPV4, true};
static const struct parse_args ipv6 = {ARPA_FAMILY_IPV6, false};
static const struct parse_args ipv6_opt = {ARPA_FAMILY_IPV6, true};

const struct bench_case parse_cases[] = {
	{"parse/ipv4", NULL, parse_setup, parse_run, free, &ipv4},
	{"parse/ipv4/opt", "parse/ipv4", parse_setup, parse_run, free, &ipv4_opt},
	{"parse/ipv6", NULL, parse_setup, parse_run, free, &ipv6},
	{"parse/ipv6/opt", "parse/ipv6", parse_setup, parse_run, free, &ipv6_opt},
	{.name = NULL},
};
