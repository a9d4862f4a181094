/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What updates cost: one writer, as the control thread is, beside one reader that answers queries
 * as a worker does, on another CPU. Rates are per second of CPU time and taken by turns, so that
 * a shared machine blurs them less; times of single bursts can't be helped that way, so each
 * stands beside the same without what is measured.
 */
#include "bench/cycles.h"
#include "bench/proc.h"
#include "bench/update_reader.h"
#include "bench/update_writer.h"

#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ROUNDS_MAX = 99,
	SAMPLES = 2000, /* updates one by one, for their latency */
	GROW_FROM = 1000000,
};

struct options {
	uint64_t records, grow;
	unsigned rounds, window_ms, batch;
};

struct updates {
	struct options options;
	struct population population;
	struct workload workload;
	struct grace_periods *grace;
	struct writer writer;
	struct reader reader;
	struct prefix first; /* what each burst's first query asks for */
};

/* ---- Setting up ---- */

static uint64_t start_grace(void *context)
{
	return grace_start(context);
}

static bool passed_grace(void *context, uint64_t token)
{
	return grace_passed(context, token);
}

static void close_all(struct updates *u)
{
	frames_free(u->reader.frames);
	writer_fini(&u->writer);
	workload_fini(&u->workload);
	grace_free(u->grace);
}

/* The first `records` hosts of the table's population are in it, and are asked for. */
static bool open_all(struct updates *u, uint64_t records, int cpu, double tick_ns)
{
	u->population = (struct population){"", LAYOUT_IPV4, records};
	u->grace = grace_new(1);
	if (!u->grace || !workload_init(&u->workload, &u->population, records))
		return false;
	const struct grace grace = {start_grace, passed_grace, u->grace};
	u->reader = (struct reader){.frames = frames_new(&u->population, DRAW_HIT, false),
		.serving = &u->workload.serving,
		.grace = u->grace,
		.cpu = cpu,
		.tick_ns = tick_ns};
	if (!writer_init(&u->writer, u->workload.table, &u->population, &grace) ||
		!u->reader.frames)
		return false;
	u->first = reader_prepare(u->reader.frames);
	return true;
}

static bool reader_ended_well(const struct reader *reader)
{
	if (reader->result.wrong)
		fprintf(stderr, "updates: %s\n", reader->result.wrong);
	return !reader->result.wrong;
}

/* ---- Rates, with and without updates ---- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* One window with the writer; its changes per second of its CPU time in `*rate`. */
static bool write_window(struct updates *u, double *rate)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + u->options.window_ms * UINT64_C(1000000);
	uint64_t cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID), changes = u->writer.changes;

	while (clock_ns(CLOCK_MONOTONIC) < until)
		if (!writer_mixed(&u->writer, u->options.batch))
			return false;
	cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	*rate = (double)(u->writer.changes - changes) * 1e9 / (double)cpu_ns;
	return true;
}

/* One window; the reader's frames per second of its CPU time in `*frames`. */
static bool window(struct updates *u, bool writing, double *frames, double *changes)
{
	const struct timespec pause = {.tv_sec = u->options.window_ms / 1000,
		.tv_nsec = u->options.window_ms % 1000 * 1000000};
	bool written = true;

	if (!reader_start(&u->reader))
		return false;
	if (writing)
		written = write_window(u, changes);
	else
		nanosleep(&pause, NULL);
	reader_stop(&u->reader);
	*frames = (double)u->reader.result.frames * 1e9 / (double)u->reader.result.cpu_ns;
	return written && reader_ended_well(&u->reader);
}

static bool measure_rates(struct updates *u)
{
	double alone[ROUNDS_MAX], beside[ROUNDS_MAX], ratio[ROUNDS_MAX], changes[ROUNDS_MAX];
	unsigned rounds = u->options.rounds;

	for (unsigned i = 0; i < rounds; i++) {
		if (!window(u, false, &alone[i], NULL) || !window(u, true, &beside[i], &changes[i]))
			return false;
		ratio[i] = beside[i] / alone[i];
	}
	printf("updates/publish, batches of %-5u           %10.3f M/s\n", u->options.batch,
		median(changes, rounds) / 1e6);
	printf("reader, no updates                         %10.3f M/s\n",
		median(alone, rounds) / 1e6);
	printf("reader beside the writer                   %10.3f M/s   %.3f of that without\n",
		median(beside, rounds) / 1e6, median(ratio, rounds));
	printf("awaiting a grace period at once, at most   %10zu records\n\n",
		u->writer.waited_most);
	return true;
}

/* ---- How soon an update is seen ---- */

/* Waits until the reader has answered with `version`; 0 after a second. */
static uint64_t wait_until_seen(struct reader *reader, unsigned version)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);

	/* Pairs with the release in note_version. */
	while (atomic_load_explicit(&reader->seen_version, memory_order_acquire) != version)
		if (clock_ns(CLOCK_MONOTONIC) - start > UINT64_C(1000000000))
			return 0;
	return atomic_load_explicit(&reader->seen_at, memory_order_relaxed);
}

struct latency {
	struct histogram seen, grace;
};

static uint64_t both_interruptions(const struct updates *u)
{
	return proc_interruptions(gettid()) +
		proc_interruptions(atomic_load_explicit(&u->reader.id, memory_order_relaxed));
}

/* One update; it counts as undisturbed too when the kernel let both threads run meanwhile. */
static bool sample_latency(
	struct updates *u, unsigned version, struct latency *all, struct latency *undisturbed)
{
	const struct fill_change change = {.host = u->first, .version = version};
	struct writer_moments moments;
	uint64_t interrupted, seen_at, seen_ns, grace_ns;

	if (!reader_wait_for_burst(&u->reader))
		return false;
	interrupted = both_interruptions(u);
	if (!writer_one(&u->writer, &change, &moments))
		return false;
	seen_at = wait_until_seen(&u->reader, version);
	if (!seen_at)
		return false;
	/* The burst may have ended before the writer had read its clock. */
	seen_at = seen_at > moments.published ? seen_at - moments.published : 0;
	seen_ns = (uint64_t)((double)seen_at * u->reader.tick_ns);
	grace_ns = (uint64_t)((double)(moments.grace_over - moments.published) * u->reader.tick_ns);
	histogram_add(&all->seen, seen_ns);
	histogram_add(&all->grace, grace_ns);
	if (both_interruptions(u) != interrupted)
		return true;
	histogram_add(&undisturbed->seen, seen_ns);
	histogram_add(&undisturbed->grace, grace_ns);
	return true;
}

static void print_times(const char *what, const struct histogram *times)
{
	printf("%-43s%9.1f%9.1f%9.1f us\n", what, (double)histogram_percentile(times, 0.5) / 1e3,
		(double)histogram_percentile(times, 0.99) / 1e3, (double)times->longest / 1e3);
}

static void print_latency(const char *which, const struct latency *latency)
{
	printf("%5llu updates, one at a time, %-12s       p50      p99      max\n",
		(unsigned long long)latency->seen.count, which);
	print_times("published until a burst has answered with it", &latency->seen);
	print_times("published until the grace period is over", &latency->grace);
}

static bool measure_latency(struct updates *u)
{
	static struct latency all, undisturbed;
	bool right = true;

	if (!reader_start(&u->reader))
		return false;
	for (unsigned i = 0; right && i < SAMPLES; i++)
		right = sample_latency(u, 1 + i % 1000, &all, &undisturbed);
	reader_stop(&u->reader);
	if (!right) {
		fprintf(stderr, "updates: an update was not seen within a second\n");
		return false;
	}
	print_latency("all", &all);
	print_latency("undisturbed", &undisturbed);
	printf("\n");
	return reader_ended_well(&u->reader);
}

/* ---- Stalls while the table grows ---- */

static void print_bursts(const char *what, const struct reader_result *result)
{
	printf("%-32s%8.3f%9.1f%9.1f%9.1f%12.1f\n", what,
		(double)result->frames * 1e3 / (double)result->cpu_ns,
		(double)histogram_percentile(&result->undisturbed, 0.5) / 1e3,
		(double)histogram_percentile(&result->undisturbed, 0.9999) / 1e3,
		(double)result->undisturbed.longest / 1e3, (double)result->burst.longest / 1e3);
}

static bool measure_growth(struct updates *u)
{
	const struct population larger = {"", LAYOUT_IPV4, u->options.grow};
	uint64_t start, grew_ms;
	char title[64];
	double unused;

	printf("bursts of %d, undisturbed             M/s      p50   p99.99   max, us    all's "
	       "max\n",
		BURST_MAX);
	start = clock_ns(CLOCK_MONOTONIC);
	if (!reader_start(&u->reader))
		return false;
	bool grown = writer_grow(&u->writer, &larger, GROW_FROM, u->options.grow, u->options.batch);
	reader_stop(&u->reader);
	grew_ms = (clock_ns(CLOCK_MONOTONIC) - start) / 1000000;
	if (!grown || !reader_ended_well(&u->reader))
		return false;
	snprintf(title, sizeof(title), "1M to %.3gM records, %.1f s", (double)u->options.grow / 1e6,
		(double)grew_ms / 1e3);
	print_bursts(title, &u->reader.result);
	u->options.window_ms = (unsigned)grew_ms;
	if (!window(u, true, &unused, &unused))
		return false;
	print_bursts("as long, updates but no growth", &u->reader.result);
	if (!window(u, false, &unused, NULL))
		return false;
	print_bursts("as long, no updates", &u->reader.result);
	return true;
}

/* ---- The whole ---- */

static bool parse(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {{"records", required_argument, NULL, 'r'},
		{"grow", required_argument, NULL, 'g'}, {"rounds", required_argument, NULL, 'n'},
		{"window-ms", required_argument, NULL, 'w'},
		{"batch", required_argument, NULL, 'b'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		unsigned long long number = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case 'r':
			options->records = number;
			break;
		case 'g':
			options->grow = number;
			break;
		case 'n':
			options->rounds = (unsigned)number;
			break;
		case 'w':
			options->window_ms = (unsigned)number;
			break;
		case 'b':
			options->batch = (unsigned)number;
			break;
		default:
			return false;
		}
	}
	return optind == argc && options->records >= 1000 && options->rounds >= 1 &&
		options->rounds <= ROUNDS_MAX && options->window_ms >= 1 && options->batch >= 1 &&
		options->batch <= FILL_BATCH_MAX;
}

/* The writer stays on the first CPU; the reader's is the second. -1: there is none. */
static int second_cpu(void)
{
	cpu_set_t usable, first;
	int found = -1;

	sched_getaffinity(0, sizeof(usable), &usable);
	CPU_ZERO(&first);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &usable))
			continue;
		if (found >= 0) {
			sched_setaffinity(0, sizeof(first), &first);
			return cpu;
		}
		CPU_SET(cpu, &first);
		found = cpu;
	}
	return -1;
}

static bool measure(
	struct updates *u, uint64_t records, int cpu, bool (*const *measures)(struct updates *u))
{
	const struct population largest = {
		"", LAYOUT_IPV4, records > u->options.grow ? records : u->options.grow};
	double tick_ns = cycles_ns();
	bool right;

	if (workload_need(&largest) + frames_need() > proc_memory_available()) {
		printf("skipped: %.0fM records may take %llu MiB, more than is free\n",
			(double)largest.records / 1e6,
			(unsigned long long)(workload_need(&largest) >> 20));
		return true;
	}
	right = open_all(u, records, cpu, tick_ns);
	for (; right && *measures; measures++)
		right = (*measures)(u);
	close_all(u);
	return right;
}

int main(int argc, char **argv)
{
	static struct updates u;
	static bool (*const steady[])(struct updates *) = {measure_rates, measure_latency, NULL};
	static bool (*const growing[])(struct updates *) = {measure_growth, NULL};
	struct options options = {10000000, 10000000, 9, 500, 256};
	int cpu;

	if (!parse(argc, argv, &options)) {
		fprintf(stderr,
			"usage: updates [--records N] [--grow N] [--rounds 1-%d] "
			"[--window-ms N] [--batch 1-%d]\n",
			ROUNDS_MAX, FILL_BATCH_MAX);
		return 2;
	}
	cpu = second_cpu();
	if (cpu < 0) {
		printf("skipped: updates beside a reader need two CPUs\n");
		return 0;
	}
	u.options = options;
	u.options.grow = 0;
	printf("%.1fM IPv4 records; rates per second of CPU time, medians of %u turns\n",
		(double)options.records / 1e6, options.rounds);
	if (!measure(&u, options.records, cpu, steady))
		return 1;
	u.options = options;
	return options.grow <= GROW_FROM || measure(&u, GROW_FROM, cpu, growing) ? 0 : 1;
}
