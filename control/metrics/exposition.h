/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Prometheus's text format 0.0.4: families of samples, each with HELP and TYPE once, before its
 * samples. Pure: it appends to a text.
 */
#ifndef ARPAD_CONTROL_METRICS_EXPOSITION_H
#define ARPAD_CONTROL_METRICS_EXPOSITION_H

#include "control/command/text.h"

#include <stddef.h>
#include <stdint.h>

struct exposition {
	struct text *text;  /* its `failed` says whether memory sufficed */
	const char *family; /* whose samples follow */
};

/* Begins a family: its name (a counter's ends in _total), and what it is in one line. */
void exposition_gauge(struct exposition *exposition, const char *name, const char *help);
void exposition_counter(struct exposition *exposition, const char *name, const char *help);
void exposition_histogram(struct exposition *exposition, const char *name, const char *help);

/*
 * A sample of the family with `value`; `labels` are pairs of name and value up to a NULL. Values
 * may hold anything: what is no printable ASCII becomes '?', and the format's own characters are
 * escaped.
 */
void exposition_put_sample(
	struct exposition *exposition, uint64_t value, const char *const *labels);

/* The same, a time in nanoseconds, written as seconds. */
void exposition_put_seconds(
	struct exposition *exposition, uint64_t nanoseconds, const char *const *labels);

/* The labels as arguments, the last one NULL. */
#define exposition_sample(exposition, value, ...) \
	exposition_put_sample(exposition, value, (const char *const[]){__VA_ARGS__})
#define exposition_seconds(exposition, nanoseconds, ...) \
	exposition_put_seconds(exposition, nanoseconds, (const char *const[]){__VA_ARGS__})

/*
 * The samples of a histogram. `bucket` are `count` + 1 numbers, each of its bucket alone: the last
 * of what is above all bounds. `bound` is multiplied by 2 from one to the next. In seconds, bounds
 * and sum are nanoseconds.
 */
struct exposition_buckets {
	const uint64_t *bucket;
	unsigned count;
	uint64_t bound; /* of the first bucket */
	uint64_t sum;
	bool seconds;
};
void exposition_buckets(struct exposition *exposition, const struct exposition_buckets *histogram);

#endif
