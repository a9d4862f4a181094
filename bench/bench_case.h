/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a benchmark is: a C function that does a number of operations and checks that each ended
 * as it must. harness.cc alone knows the library that times them.
 */
#ifndef ARPAD_BENCH_BENCH_CASE_H
#define ARPAD_BENCH_BENCH_CASE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Operations a call of `run`: long beside the clock (some 50 us), a multiple of every burst. */
enum { BENCH_STEP = 4096 };

struct bench_case {
	const char *name;      /* "part/what/how" */
	const char *reference; /* the case whose time this one's is divided by, or NULL */
	/* Builds what `run` needs, untimed, once. NULL: no memory, or it printed what is wrong. */
	void *(*setup)(const void *args);
	/* Does BENCH_STEP operations. NULL, or a sentence: the one that did not end as it must. */
	const char *(*run)(void *context);
	void (*teardown)(void *context);
	const void *args; /* for setup: what tells this case from its neighbours */
};

/* Each ends with an entry whose name is NULL. */
extern const struct bench_case parse_cases[];
extern const struct bench_case codec_cases[];
extern const struct bench_case lookup_cases[];
extern const struct bench_case pipeline_cases[];

#ifdef __cplusplus
}
#endif

#endif
