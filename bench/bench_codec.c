/* SPDX-License-Identifier: BSD-3-Clause */
/* The reverse-name codec alone: names that stay in the cache, to prefixes and back. */
#include "bench/bench_case.h"
#include "bench/population.h"

#include "dataplane/dns/arpa.h"

#include <stdlib.h>
#include <string.h>

struct codec {
	struct prefix owner[BENCH_STEP];
	size_t bytes[BENCH_STEP];
	uint8_t name[BENCH_STEP][ARPA_NAME_MAX_BYTES];
};

static void *codec_setup(const void *population, const struct population *none)
{
	struct codec *codec = calloc(1, sizeof(*codec));
	uint64_t random = 2;

	(void)none;
	if (!codec)
		return NULL;
	for (unsigned i = 0; i < BENCH_STEP; i++) {
		codec->owner[i] = population_draw(population, DRAW_HIT, &random);
		codec->bytes[i] = arpa_write(&codec->owner[i], codec->name[i]);
	}
	return codec;
}

static const char *read_run(void *context)
{
	const struct codec *codec = context;

	for (unsigned i = 0; i < BENCH_STEP; i++) {
		struct prefix owner;

		if (arpa_parse(codec->name[i], codec->bytes[i], &owner) != ARPA_EXACT ||
			!prefix_equal(&owner, &codec->owner[i]))
			return "a name was read as another address";
	}
	return NULL;
}

static const char *write_run(void *context)
{
	const struct codec *codec = context;

	for (unsigned i = 0; i < BENCH_STEP; i++) {
		uint8_t name[ARPA_NAME_MAX_BYTES];
		size_t bytes = arpa_write(&codec->owner[i], name);

		if (bytes != codec->bytes[i] || memcmp(name, codec->name[i], bytes) != 0)
			return "an address was written as another name";
	}
	return NULL;
}

#define CASE(title, work, population) \
	{ \
		.name = title, .setup = codec_setup, .run = work, .teardown = free, \
		.args = population \
	}

const struct bench_case codec_cases[] = {
	CASE("codec/read/ipv4", read_run, &sizes_ipv4[0]),
	CASE("codec/write/ipv4", write_run, &sizes_ipv4[0]),
	CASE("codec/read/ipv6", read_run, &sizes_ipv6[0]),
	CASE("codec/write/ipv6", write_run, &sizes_ipv6[0]),
	{.name = NULL},
};
