/* SPDX-License-Identifier: BSD-3-Clause */
/* query_read alone: messages that stay in the cache, each checked by what was read from it. */
#include "bench/bench_case.h"
#include "bench/population.h"
#include "bench/query_frame.h"

#include "dataplane/dns/query.h"

#include <stdlib.h>

struct parse_args {
	const struct population *population;
	bool opt;
};

struct parse {
	uint64_t expected; /* the sum over all messages of what mix() makes of the prefix */
	size_t bytes[BENCH_STEP];
	uint8_t message[BENCH_STEP][QUERY_MESSAGE_MAX];
};

static uint64_t mix(const struct prefix *p)
{
	return p->high ^ p->low ^ p->bits;
}

static void *parse_setup(const void *arguments, const struct population *none)
{
	const struct parse_args *args = arguments;
	struct parse *parse = calloc(1, sizeof(*parse));
	uint64_t random = 1;

	(void)none;
	if (!parse)
		return NULL;
	for (unsigned i = 0; i < BENCH_STEP; i++) {
		struct prefix owner = population_draw(args->population, DRAW_HIT, &random);

		parse->expected += mix(&owner);
		parse->bytes[i] = query_message(&owner, args->opt, (uint16_t)i, parse->message[i]);
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

static const struct parse_args ipv4 = {&sizes_ipv4[0], false};
static const struct parse_args ipv4_opt = {&sizes_ipv4[0], true};
static const struct parse_args ipv6 = {&sizes_ipv6[0], false};
static const struct parse_args ipv6_opt = {&sizes_ipv6[0], true};

#define CASE(title, reference, arguments) \
	{ \
		.name = title, .references = {reference}, .setup = parse_setup, .run = parse_run, \
		.teardown = free, .args = arguments \
	}

const struct bench_case parse_cases[] = {
	CASE("parse/ipv4", NULL, &ipv4),
	CASE("parse/ipv4/opt", "parse/ipv4", &ipv4_opt),
	CASE("parse/ipv6", "parse/ipv4", &ipv6),
	CASE("parse/ipv6/opt", "parse/ipv6", &ipv6_opt),
	{.name = NULL},
};
