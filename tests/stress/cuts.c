/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Zones with cuts come, go and change, published as the control side does it, under readers. A name
 * that a cut hides in every state that has it must never be answered from what it has.
 */
#include "control/reclaim.h"
#include "control/store/store.h"
#include "control/update/update.h"
#include "dataplane/answer.h"
#include "dataplane/respond.h"
#include "tests/control/cut_zones.h"
#include "tests/stress/grace_source.h"
#include "tests/stress/model.h"

#include <dirent.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	READERS_MAX = 8,
	CAUGHT = 3,   /* as STRESS_CAUGHT */
	MESSAGES = 8, /* between two quiescent states */
	ASKED = CUT_HIDDEN + 1,
};

/* In a zone without cuts, so that it is the others' that the hint tells of. */
static const struct cut_question always = {"7.2.0.192.in-addr.arpa.", WIRE_TYPE_PTR};
static const struct cut_line always_lines[] = {
	{"7.2.0.192.in-addr.arpa.", WIRE_TYPE_PTR, "always."}, {0}};

struct totals {
	uint64_t outcome[OUTCOMES];
	uint64_t with_cuts, without; /* messages, by what the hint said */
};

struct shared {
	struct serving serving;
	struct policy policy;
	struct grace_source grace;
	bool see_early; /* the mutant: the hint is looked at before the search */
	_Atomic(bool) stop;
};

struct reader {
	struct shared *shared;
	unsigned index;
	uint64_t random;
	struct totals totals;
};

struct writer {
	struct shared *shared;
	struct update *update;
	struct cut_zones now;
	uint64_t random, batches, settled;
};

static void need(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "cuts: %s failed\n", what);
	exit(1);
}

static char directory[64];

static void remove_directory(void)
{
	DIR *files = opendir(directory);
	struct dirent *file;

	need(files, "opendir");
	while ((file = readdir(files)) != NULL)
		unlinkat(dirfd(files), file->d_name, 0);
	closedir(files);
	rmdir(directory);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Readers ---- */

static const struct cut_question *question_of(unsigned i)
{
	return i < CUT_HIDDEN ? &cut_hidden[i] : &always;
}

static void judge(struct reader *r, const struct cut_question *question, enum outcome outcome)
{
	bool fine = outcome == OUTCOME_ANSWERED;

	if (question != &always)
		fine = outcome == OUTCOME_REFERRAL || outcome == OUTCOME_NXDOMAIN ||
			outcome == OUTCOME_REFUSED;
	r->totals.outcome[outcome]++;
	if (fine)
		return;
	fprintf(stderr, "stress: stale: %s %u was %s\n", question->name, question->qtype,
		outcome_name(outcome));
	remove_directory();
	_Exit(CAUGHT);
}

static struct client any_client(void)
{
	static const uint8_t address[4] = {198, 18, 0, 2};

	return (struct client){.address = address, .address_bytes = 4};
}

static void ask_respond(struct reader *r)
{
	const struct client client = any_client();
	uint8_t message[WIRE_UDP_PLAIN_BYTES];

	for (unsigned i = 0; i < MESSAGES; i++) {
		const struct cut_question *question =
			question_of((unsigned)(model_random(&r->random) % ASKED));
		size_t asked = cut_zones_ask(question, message);
		enum outcome outcome;

		respond(&r->shared->serving, &client, message, asked, sizeof(message), &outcome);
		judge(r, question, outcome);
	}
}

/* What the pipeline does with a burst, as slowly as a worker may. */
static void dawdle(struct reader *r)
{
	if (model_random(&r->random) % 4 == 0)
		sched_yield();
}

static void see_cuts(struct reader *r, struct serving_view *view)
{
	serving_see_cuts(view);
	if (view->cuts)
		r->totals.with_cuts += ASKED;
	else
		r->totals.without += ASKED;
}

static void ask_burst(struct reader *r)
{
	const struct client client = any_client();
	struct serving_view view = serving_load(&r->shared->serving);
	uint8_t message[ASKED][WIRE_UDP_PLAIN_BYTES];
	const struct owner *owner[ASKED];
	struct query query[ASKED];
	struct found found[ASKED];
	size_t length;

	for (unsigned i = 0; i < ASKED; i++) {
		query_read(message[i], cut_zones_ask(question_of(i), message[i]), &query[i]);
		owner[i] = &query[i].owner;
	}
	if (r->shared->see_early)
		see_cuts(r, &view);
	dawdle(r);
	table_find_bulk(view.table, owner, found, ASKED);
	dawdle(r);
	if (!r->shared->see_early)
		see_cuts(r, &view);
	for (unsigned i = 0; i < ASKED; i++) {
		enum outcome outcome = OUTCOME_ANSWERED;

		length = answer_host(&view, &query[i], &found[i], message[i], sizeof(message[i]));
		if (length == 0)
			length = answer_negative(&view, &query[i], &found[i], message[i],
				sizeof(message[i]), &outcome);
		if (length == 0)
			outcome = answer_write(&view, &client, &query[i], &found[i], message[i],
				sizeof(message[i]), &length);
		judge(r, question_of(i), outcome);
	}
}

static void *reader_main(void *reader)
{
	struct reader *r = reader;
	const struct grace_source *grace = &r->shared->grace;

	grace->online(grace->grace.context, r->index);
	while (!atomic_load_explicit(&r->shared->stop, memory_order_relaxed)) {
		if (model_random(&r->random) % 2 == 0)
			ask_burst(r);
		else
			ask_respond(r);
		grace->quiescent(grace->grace.context, r->index);
	}
	grace->offline(grace->grace.context, r->index);
	return NULL;
}

/* ---- The writer ---- */

static struct cut_zones any_zones(struct writer *w)
{
	static const struct cut_line *const enclosing[] = {
		NULL, cut_plain, cut_below, cut_above, cut_both};
	static const struct cut_line *const inner[] = {NULL, cut_plain, cut_below};

	return (struct cut_zones){
		enclosing[model_random(&w->random) % 5], inner[model_random(&w->random) % 3]};
}

/* One batch; and every other time none before all is settled. */
static void write_batch(struct writer *w)
{
	struct cut_zones next = any_zones(w);
	struct failure failure;

	need(cut_zones_change(w->update, &w->now, &next, &failure) == 0 &&
			update_commit(w->update, &failure) == 0,
		"the change");
	w->now = next;
	w->batches++;
	if (!update_poll(w->update) || model_random(&w->random) % 2 == 0)
		return;
	while (update_poll(w->update))
		sched_yield();
	w->settled++;
}

static void write_first(struct writer *w)
{
	struct failure failure;

	need(update_begin(w->update, &failure) == 0 &&
			cut_zones_import(w->update, "192.0.2.0/24", always_lines, &failure) == 0 &&
			update_commit(w->update, &failure) == 0,
		"the first zone");
}

/* ---- The store ---- */

/* In memory where there is a place for that: a commit to a disk takes its time. */
static void make_directory(void)
{
	snprintf(directory, sizeof(directory), "/dev/shm/arpad-cuts-XXXXXX");
	if (!mkdtemp(directory)) {
		snprintf(directory, sizeof(directory), "/tmp/arpad-cuts-XXXXXX");
		need(mkdtemp(directory), "mkdtemp");
	}
	need(atexit(remove_directory) == 0, "atexit");
}

/* ---- The run ---- */

struct options {
	double seconds;
	unsigned readers;
	uint64_t seed;
	bool see_early;
};

static void run(const struct options *options, struct writer *w, struct totals *totals)
{
	struct reader *readers = calloc(options->readers, sizeof(*readers));
	pthread_t thread[READERS_MAX];
	double end = now() + options->seconds;

	need(readers, "readers");
	for (unsigned i = 0; i < options->readers; i++) {
		readers[i] = (struct reader){
			.shared = w->shared, .index = i, .random = model_random(&w->random)};
		need(pthread_create(&thread[i], NULL, reader_main, &readers[i]) == 0, "thread");
	}
	while (now() < end)
		write_batch(w);
	atomic_store(&w->shared->stop, true);
	for (unsigned i = 0; i < options->readers; i++) {
		pthread_join(thread[i], NULL);
		for (unsigned o = 0; o < OUTCOMES; o++)
			totals->outcome[o] += readers[i].totals.outcome[o];
		totals->with_cuts += readers[i].totals.with_cuts;
		totals->without += readers[i].totals.without;
	}
	free(readers);
}

static void run_in_store(const struct options *options, struct writer *w, struct totals *totals)
{
	static const uint8_t seed[TABLE_SEED_BYTES] = {7};
	struct shared *shared = w->shared;
	struct table *table = table_new(2, seed);
	struct reclaim *reclaim;
	struct failure failure;
	struct store *store;

	need(table && grace_source_qsbr(&shared->grace, options->readers), "memory");
	need(store_open(directory, &store, &failure) == 0, "store_open");
	reclaim = reclaim_new(&shared->grace.grace);
	w->update = update_new(store, table, &shared->serving, reclaim);
	need(reclaim && w->update && update_load(w->update, &failure) == 0, "update_load");
	shared->policy = policy_default();
	shared->serving.table = table;
	serving_publish_policy(&shared->serving, &shared->policy);
	write_first(w);
	run(options, w, totals);
	update_free(w->update);
	reclaim_free(reclaim);
	table_free(table);
	store_close(store);
	shared->grace.free(shared->grace.grace.context);
}

static struct options read_options(int argc, char **argv)
{
	static const struct option names[] = {{"seconds", required_argument, NULL, 's'},
		{"readers", required_argument, NULL, 'r'}, {"seed", required_argument, NULL, 'x'},
		{"see-early", no_argument, NULL, 'e'}, {0}};
	struct options o = {.seconds = 10, .readers = 3, .seed = 1};

	for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		if (c == 's')
			o.seconds = atof(optarg);
		else if (c == 'r')
			o.readers = (unsigned)atoi(optarg);
		else if (c == 'x')
			o.seed = strtoull(optarg, NULL, 0);
		else
			o.see_early = c == 'e';
	}
	need(optind == argc && o.readers >= 1 && o.readers <= READERS_MAX, "the command line");
	return o;
}

int main(int argc, char **argv)
{
	struct options options = read_options(argc, argv);
	struct shared *shared = calloc(1, sizeof(*shared));
	struct writer w = {.shared = shared, .random = options.seed};
	struct totals t = {.with_cuts = 0};

	need(shared, "memory");
	shared->see_early = options.see_early;
	make_directory();
	run_in_store(&options, &w, &t);
	free(shared);
	printf("%llu batches, %llu settled: %llu answered, %llu referrals, %llu NXDOMAIN, %llu"
	       " refused; %llu with cuts about, %llu without\n",
		(unsigned long long)w.batches, (unsigned long long)w.settled,
		(unsigned long long)t.outcome[OUTCOME_ANSWERED],
		(unsigned long long)t.outcome[OUTCOME_REFERRAL],
		(unsigned long long)t.outcome[OUTCOME_NXDOMAIN],
		(unsigned long long)t.outcome[OUTCOME_REFUSED], (unsigned long long)t.with_cuts,
		(unsigned long long)t.without);
	/* A run that did not meet all that it is there for has shown nothing. */
	return w.settled > 0 && t.outcome[OUTCOME_ANSWERED] > 0 &&
			t.outcome[OUTCOME_REFERRAL] > 0 && t.outcome[OUTCOME_NXDOMAIN] > 0 &&
			t.outcome[OUTCOME_REFUSED] > 0 && t.with_cuts > 0 && t.without > 0
		? 0
		: 1;
}
