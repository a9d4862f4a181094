/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a benchmark is: a C function that does a number of operations and checks that each ended
 * as it must. harness.cc alone knows the library that times them.
 */
#ifndef ARPAD_BENCH_BENCH_CASE_H
#define ARPAD_BENCH_BENCH_CASE_H

#include "bench/sizes.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	/* Operations a call of `run`: long beside the clock (some 50 us), a multiple of every
	 * burst. */
	BENCH_STEP = 4096,
	BENCH_REFERENCES = 3,
};

/*
 * A name that ends in '/' is one of a case for each population: the population's size follows. So
 * it is with a reference.
 */
struct bench_case {
	const char *name;			  /* "part/what/how" */
	const char *references[BENCH_REFERENCES]; /* cases that this one's time is divided by */
	const struct population *populations;	  /* ends with records == 0; NULL: it needs none */
	/* Builds what `run` needs, untimed, once. NULL: no memory, or it printed what is wrong. */
	void *(*setup)(const void *args, const struct population *population);
	/* Does BENCH_STEP operations. NULL, or a sentence: the one that did not end as it must. */
	const char *(*run)(void *context);
	void (*teardown)(void *context);
	/* The bytes that setup takes at most: with less the case is skipped. NULL: few. */
	uint64_t (*need)(const struct population *population);
	/* The memory that the population's records hold once setup is done. NULL: not looked at. */
	uint64_t (*held)(const struct population *population);
	const void *args; /* for setup: what tells this case from its neighbours */
};

/* Each ends with an entry whose name is NULL. */
extern const struct bench_case parse_cases[];
extern const struct bench_case codec_cases[];
extern const struct bench_case floor_cases[];
extern const struct bench_case rte_hash_cases[]; /* none without DPDK */
extern const struct bench_case lookup_cases[];
extern const struct bench_case pipeline_cases[];

#ifdef __cplusplus
}
#endif

#endif
