/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The promises to readers, at every step (steps.h): a change published as a whole at any moment of
 * a search, and a search at any moment of a change. What threads do is the stress test's.
 */
#include "tests/records/batch.h"
#include "tests/records/steps.h"
#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <string.h>

static const uint8_t seed[TABLE_SEED_BYTES] = "thirty-two bytes, always these.";

enum { PUTS_MAX = 3, LOOKS_MAX = 4 };

/* An owner, and how many PTR records it gets; none: it has nothing. */
struct put {
	const char *name;
	unsigned targets;
};

/* A batch on top of another; a search during it finds what was there before or what is after. */
struct scenario {
	struct put setup[PUTS_MAX], change[PUTS_MAX];
	const char *look[LOOKS_MAX];
	bool resize; /* the arrays too */
};

/* Names of hosts below 10/8 and 2001:db8::/120, of the nibble and the networks above them. */
#define V4(host)   host ".0.0.10.in-addr.arpa"
#define V6_NETWORK "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
#define V6(host)   host "." V6_NETWORK

static const struct scenario scenarios[] = {
	/* From the page to a record; in ip6.arpa the nibble gets a record too. */
	{{{V4("1"), 1}}, {{V4("1"), 2}}, {V4("1"), "0.0.10.in-addr.arpa"}, false},
	{{{V6("1.0"), 1}}, {{V6("1.0"), 2}}, {V6("1.0"), V6("0"), V6_NETWORK}, false},
	/* One host goes and another comes: the names above both were there all the while. */
	{{{V4("1"), 2}}, {{V4("1"), 0}, {V4("2"), 1}}, {V4("1"), V4("2"), "0.0.10.in-addr.arpa"},
		false},
	{{{V6("1.0"), 2}}, {{V6("1.0"), 0}, {V6("2.0"), 1}}, {V6("1.0"), V6("2.0"), V6("0")},
		false},
	{{{V6("1.0"), 1}}, {{V6("1.0"), 0}, {V6("2.0"), 2}}, {V6("1.0"), V6("2.0"), V6("0")},
		false},
	{{{V6("1.0"), 1}}, {{V6("1.0"), 0}, {V6("2.0"), 1}}, {V6("1.0"), V6("2.0"), V6("0")},
		false},
	/* The first and the last of a page, and a neighbour that stays. */
	{{{V4("9"), 1}}, {{V4("9"), 0}}, {V4("9"), "0.0.10.in-addr.arpa"}, false},
	{{{V6("9.9"), 1}}, {{V6("9.9"), 0}}, {V6("9.9"), V6("9"), V6_NETWORK}, false},
	{{{V4("9"), 1}}, {{V4("8"), 1}}, {V4("9"), V4("8")}, false},
	{{{V6("9.9"), 1}}, {{V6("8.9"), 1}}, {V6("9.9"), V6("8.9"), V6("9")}, false},
	/* A record is kept until the host has nothing; what is below a host keeps its name. */
	{{{V4("1"), 2}}, {{V4("1"), 1}}, {V4("1")}, false},
	{{{V4("1"), 1}, {"x." V4("1"), 1}}, {{V4("1"), 0}}, {V4("1"), "x." V4("1")}, false},
	{{{V4("1"), 1}, {"x." V4("1"), 1}}, {{V4("1"), 2}}, {V4("1"), "x." V4("1")}, false},
	{{{V6("1.0"), 1}, {"x." V6("1.0"), 1}}, {{"x." V6("1.0"), 0}}, {V6("1.0"), V6("0")}, false},
	/* A nibble with RRsets of its own loses them: a name without any as long as it has hosts.
	 */
	{{{V6("1.0"), 1}, {V6("0"), 1}}, {{V6("0"), 0}}, {V6("0"), V6("1.0")}, false},
	/* While the arrays are replaced by larger ones. */
	{{{V6("1.0"), 1}}, {{V6("1.0"), 2}}, {V6("1.0"), V6("0")}, true},
};

struct run {
	const struct scenario *scenario;
	struct table *table;
	struct batch batch;
	struct fixture_owner look;
	unsigned number; /* of the look */
	bool bulk, done;
	unsigned at;			  /* the step of the search that the change comes at */
	uint64_t before, after, found[2]; /* fingerprints; of a bulk the first and the last */
	const char *failed;
};

/* ---- Both sides ---- */

/* What is found, as a number: 0 nothing, 1 an empty non-terminal, else from the RRset's bytes. */
static uint64_t fingerprint(const struct found *found, const struct owner *owner)
{
	struct record_space space;
	const struct record *record = found_record(found, owner, &space);
	const struct rendered *set = record ? record_first(record) : NULL;
	uint64_t sum = record ? 1 : 0;

	for (unsigned i = 0; set && i < set->wire_bytes; i++)
		sum = (sum ^ set->wire[i]) * 1099511628211u;
	return sum;
}

static void search(struct run *run)
{
	const struct owner *owner[] = {&run->look.owner, NULL, &run->look.owner};
	struct found found[3];

	if (run->bulk)
		table_find_bulk(run->table, owner, found, 3);
	else
		found[0] = found[2] = table_find(run->table, owner[0]);
	run->found[0] = fingerprint(&found[0], owner[0]);
	run->found[1] = fingerprint(&found[2], owner[0]);
}

/* Each search found the old or the new, and once it was the new never again the old. */
static void judge(struct run *run)
{
	for (unsigned i = 0; i < 2; i++) {
		if (run->found[i] == run->after)
			run->done = true;
		else if (run->found[i] != run->before)
			run->failed = "neither the old nor the new";
		else if (run->done)
			run->failed = "the old after the new";
	}
}

static void publish(struct run *run)
{
	batch_publish(&run->batch, run->table, NULL);
	/* The first growth is finished, and so published, before the second begins. */
	for (size_t owners = 1000; run->scenario->resize && owners <= 4000; owners += 3000)
		table_reserve(run->table, &(struct table_room){.owners = owners});
}

/* ---- Steps ---- */

static struct run *stepped; /* the run whose search or change goes on, or NULL */
static void (*other_side)(struct run *run, unsigned step);
static unsigned steps;

void steps_at(void)
{
	struct run *run = stepped;

	if (!run)
		return;
	stepped = NULL; /* the other side's own are none */
	other_side(run, steps++);
	stepped = run;
}

static void step_through(struct run *run, void (*side)(struct run *run),
	void (*other)(struct run *run, unsigned step))
{
	steps = 0;
	other_side = other;
	stepped = run;
	side(run);
	stepped = NULL;
}

static void publish_at(struct run *run, unsigned step)
{
	if (step == run->at)
		publish(run);
}

static void search_at(struct run *run, unsigned step)
{
	(void)step;
	search(run);
	judge(run);
}

/* ---- Runs ---- */

/* `twist` is what each gets in place of what it says, or -1. */
static void make(struct run *run, const struct put *put, int twist)
{
	/* Borrowed by the batch until it is published. */
	static struct fixture_owner owner[PUTS_MAX];
	uint8_t name[64];

	for (unsigned i = 0; i < PUTS_MAX && put[i].name; i++) {
		unsigned targets = twist < 0 ? put[i].targets : (unsigned)twist;
		const char *text = targets == 1 ? "one.example" : "more.example";

		fixture_owner(&owner[i], put[i].name);
		batch_put(
			&run->batch, &owner[i].owner, targets, 300, name, fixture_name(text, name));
	}
	assert_int_equal(batch_make(&run->batch, run->table), 0);
}

static void apply(struct run *run, const struct put *put, int twist)
{
	make(run, put, twist);
	batch_publish(&run->batch, run->table, NULL);
	batch_free_unlinked(run->table);
}

static void clear(struct run *run)
{
	batch_free_unlinked(run->table);
	apply(run, run->scenario->change, 0);
	apply(run, run->scenario->setup, 0);
	assert_int_equal(table_counts(run->table).owners, 0);
	assert_int_equal(table_counts(run->table).empty_nonterminals, 0);
}

/* An empty table to where the change waits to be published; grown arrays take a new table. */
static void prepare(struct run *run)
{
	const struct scenario *s = run->scenario;

	if (!run->table || s->resize) {
		table_free(run->table);
		run->table = table_new(1, seed);
		assert_non_null(run->table);
	}
	clear(run);
	apply(run, s->setup, -1);
	make(run, s->change, -1);
	run->done = false;
}

static void learn(struct run *run)
{
	prepare(run);
	search(run);
	run->before = run->found[0];
	publish(run);
	search(run);
	run->after = run->found[0];
}

/* The change at each step of a search, and a search at each step of the change. */
static void every_step(struct run *run)
{
	learn(run);
	run->at = 0;
	do {
		prepare(run);
		step_through(run, search, publish_at);
		judge(run);
		run->at++;
	} while (run->batch.count == 0 && !run->failed);
	publish(run); /* the search was over before it came to this step */
	assert_true(run->failed || run->at > 1);
	prepare(run);
	if (!run->failed)
		step_through(run, publish, search_at);
	if (run->failed)
		fail_msg("scenario %d, look %u%s, step %u: %s", (int)(run->scenario - scenarios),
			run->number, run->bulk ? " in bulk" : "", run->at, run->failed);
	clear(run);
}

static void searches_find_the_old_or_the_new_at_every_step(void **state)
{
	static struct run run;

	(void)state;
	for (unsigned i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		for (unsigned k = 0; k < LOOKS_MAX && scenarios[i].look[k]; k++)
			for (unsigned bulk = 0; bulk < 2; bulk++) {
				run.scenario = &scenarios[i];
				run.number = k;
				run.bulk = bulk;
				fixture_owner(&run.look, scenarios[i].look[k]);
				every_step(&run);
			}
	table_free(run.table);
	batch_fini(&run.batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_find_the_old_or_the_new_at_every_step),
	};

	return cmocka_run_group_tests_name("records/table steps", tests, NULL, NULL);
}
