/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Readers and one writer torture the table, the zones and reclamation, in rounds that each grow a
 * table from nothing. Whatever breaks a promise of table.h, zones.h or reclaim.h ends the process.
 */
#include "tests/stress/stress.h"

#include "dataplane/addresses.h"

#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { READERS_MAX = 8, SHARDS = 4 };

static const double round_seconds = 1.0;
static const double growing = 0.7; /* of a round; then it shrinks */

struct options {
	double seconds;
	unsigned readers;
	uint64_t seed;
	bool (*source)(struct grace_source *source, unsigned readers);
	bool free_early, pages_early;
};

struct totals {
	uint64_t searches, hits, exact, replies, ancestors;
	uint64_t puts, pages, moves, removes, grows, shrinks, freed_late;
};

_Noreturn void stress_caught(const char *what, uint32_t key, uint64_t had, uint64_t want)
{
	fprintf(stderr, "stress: %s (key %u, %#llx, %#llx)\n", what, key, (unsigned long long)had,
		(unsigned long long)want);
	_Exit(STRESS_CAUGHT);
}

/*
 * Linked in place of record_free: a reader that still holds the record reads nonsense, in builds
 * without a sanitizer too.
 */
void __real_record_free(struct record *record);
void __wrap_record_free(struct record *record);
void __wrap_record_free(struct record *record)
{
	if (record)
		memset(record, 0xdb, sizeof(*record) + record->body_bytes);
	__real_record_free(record);
}

/* Its shared part stays: it is needed to free the page. */
void __real_hosts_free(struct hosts *hosts);
void __wrap_hosts_free(struct hosts *hosts);
void __wrap_hosts_free(struct hosts *hosts)
{
	const struct hosts_shared *shared = hosts->shared;

	memset(hosts, 0xdb, hosts_bytes(hosts));
	hosts->shared = shared;
	__real_hosts_free(hosts);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void need(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "stress: no %s: not enough memory\n", what);
	exit(1);
}

/* The negative control: nothing waits for the readers. */
static bool passed_at_once(void *context, uint64_t token)
{
	(void)context;
	(void)token;
	return true;
}

/* ---- One round ---- */

static void stress_init(struct stress *s, const struct options *options, uint64_t *random)
{
	static const struct ip_address ours = {4, {198, 18, 0, 1}};
	uint8_t seed[TABLE_SEED_BYTES];
	struct addresses *addresses = addresses_new(&ours, 1, 53);

	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)model_random(random);
	s->table = table_new(SHARDS, seed);
	need(addresses && s->table && options->source(&s->grace, options->readers), "table");
	if (options->free_early)
		s->grace.grace.passed = passed_at_once;
	s->serving.table = s->table;
	serving_publish_addresses(&s->serving, addresses);
	s->policy = policy_default();
	serving_publish_policy(&s->serving, &s->policy);
	atomic_store(&s->active, 64);
}

static void stress_fini(struct stress *s)
{
	s->grace.free(s->grace.grace.context);
	addresses_free((struct addresses *)atomic_load(&s->serving.addresses));
	table_free(s->table);
	free(s);
}

/* Writes until `seconds` are over, with ever more keys, and then ever fewer. */
static void write_for(struct writer *w, double seconds)
{
	double start = now(), part;

	for (part = 0; part < 1; part = (now() - start) / seconds) {
		double grown = part < growing ? part / growing : (1 - part) / (1 - growing);

		atomic_store_explicit(&w->stress->active,
			64 + (uint32_t)(grown * (MODEL_CROWD - 64)), memory_order_relaxed);
		writer_batch(w);
	}
}

static void add_reader(struct totals *totals, const struct reader *r)
{
	totals->searches += r->searches;
	totals->hits += r->hits;
	totals->exact += r->exact;
	totals->replies += r->replies;
	totals->ancestors += r->ancestors;
}

static void add_writer(struct totals *totals, const struct writer *w)
{
	totals->puts += w->puts;
	totals->pages += w->pages;
	totals->moves += w->moves;
	totals->grows += w->grows;
	totals->shrinks += w->shrinks;
	totals->removes += w->removes;
	if (w->freed_late > totals->freed_late)
		totals->freed_late = w->freed_late;
}

static void run_round(
	const struct options *options, uint64_t *random, double seconds, struct totals *totals)
{
	struct stress *s = calloc(1, sizeof(*s));
	struct reader *readers = calloc(options->readers, sizeof(*readers));
	struct writer w = {
		.stress = s, .random = model_random(random), .pages_early = options->pages_early};
	pthread_t thread[READERS_MAX];

	need(s && readers, "readers");
	stress_init(s, options, random);
	w.reclaim = reclaim_new(&s->grace.grace);
	need(w.reclaim, "reclaim");
	writer_zones_init(&w);
	for (unsigned i = 0; i < options->readers; i++) {
		readers[i] =
			(struct reader){.stress = s, .index = i, .random = model_random(random)};
		need(pthread_create(&thread[i], NULL, reader_main, &readers[i]) == 0, "thread");
	}
	write_for(&w, seconds);
	add_writer(totals, &w);
	atomic_store(&s->stop, true);
	for (unsigned i = 0; i < options->readers; i++) {
		pthread_join(thread[i], NULL);
		add_reader(totals, &readers[i]);
	}
	writer_empty(&w);
	if (reclaim_poll(w.reclaim) != 0)
		stress_caught("lost: things wait though no reader is left", 0,
			reclaim_waiting(w.reclaim), 0);
	reclaim_free(w.reclaim);
	writer_zones_fini(&w);
	free(readers);
	stress_fini(s);
}

/* ---- The program ---- */

static _Noreturn void usage(void)
{
	fprintf(stderr,
		"usage: stress [--seconds N] [--readers 1..%d] [--seed N] [--free-early]"
		" [--free-pages-early] [--grace qsbr|dpdk]\n",
		READERS_MAX);
	exit(2);
}

static struct options read_options(int argc, char **argv)
{
	static const struct option names[] = {{"seconds", required_argument, NULL, 's'},
		{"readers", required_argument, NULL, 'r'}, {"seed", required_argument, NULL, 'x'},
		{"grace", required_argument, NULL, 'g'}, {"free-early", no_argument, NULL, 'f'},
		{"free-pages-early", no_argument, NULL, 'p'}, {0}};
	struct options o = {.seconds = 10, .readers = 3, .seed = 1, .source = grace_source_qsbr};

	for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		if (c == 's')
			o.seconds = atof(optarg);
		else if (c == 'r')
			o.readers = (unsigned)atoi(optarg);
		else if (c == 'x')
			o.seed = strtoull(optarg, NULL, 0);
		else if (c == 'g' && strcmp(optarg, "qsbr") == 0)
			o.source = grace_source_qsbr;
#ifdef STRESS_DPDK
		else if (c == 'g' && strcmp(optarg, "dpdk") == 0)
			o.source = grace_source_dpdk;
#endif
		else if (c == 'f')
			o.free_early = true;
		else if (c == 'p')
			o.pages_early = true;
		else
			usage();
	}
	if (optind != argc || o.readers < 1 || o.readers > READERS_MAX || o.seconds <= 0)
		usage();
	return o;
}

static void print_totals(unsigned rounds, const struct totals *t)
{
	printf("%u rounds: %llu searches (%llu hits, %llu exact), %llu replies, %llu ancestors;"
	       " %llu puts, %llu of them in pages, %llu moves to a record, %llu removes;"
	       " %llu times arrays grew, %llu times they shrank, at most %llu things waiting\n",
		rounds, (unsigned long long)t->searches, (unsigned long long)t->hits,
		(unsigned long long)t->exact, (unsigned long long)t->replies,
		(unsigned long long)t->ancestors, (unsigned long long)t->puts,
		(unsigned long long)t->pages, (unsigned long long)t->moves,
		(unsigned long long)t->removes, (unsigned long long)t->grows,
		(unsigned long long)t->shrinks, (unsigned long long)t->freed_late);
}

/* A run that did not meet all that it is there for has shown nothing. */
static bool all_happened(const struct totals *t)
{
	return t->exact > 0 && t->hits > 0 && t->replies > 0 && t->ancestors > 0 && t->pages > 0 &&
		t->moves > 0 && t->removes > 0 && t->grows > 0 && t->shrinks > 0;
}

int main(int argc, char **argv)
{
	struct options options = read_options(argc, argv);
	struct totals t = {0};
	uint64_t random = options.seed;
	double end = now() + options.seconds;
	unsigned rounds = 0;

	do {
		double left = end - now();

		run_round(&options, &random, left < round_seconds ? left : round_seconds, &t);
		rounds++;
	} while (now() < end);
	print_totals(rounds, &t);
	return all_happened(&t) ? 0 : 1;
}
