/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/update/update_publish.c against dataplane/resolve.c: what a worker would answer while a
 * batch is being published, whatever a cut or a DNAME hides before or after it. The linker's --wrap
 * makes each step of the writer, and each search of a reader, a place to stop at.
 */
#include "dataplane/respond.h"
#include "tests/control/cut_zones.h"
#include "tests/control/update_fixture.h"

#include <pthread.h>
#include <semaphore.h>

/* When the names of cut_hidden may be answered, in both states of a scene and between them. */
enum promise { NEVER, BY_DNAME, LAST_ALWAYS };

static const struct scene {
	const char *what;
	struct cut_zones was, is;
	enum promise promise;
} scenes[] = {
	{"a zone with a cut comes", {NULL, NULL}, {NULL, cut_below}, NEVER},
	{"a zone with a cut comes inside another", {cut_plain, NULL}, {cut_plain, cut_below},
		NEVER},
	{"a zone with a cut goes", {NULL, cut_below}, {NULL, NULL}, NEVER},
	{"a zone with a cut goes inside another", {cut_plain, cut_below}, {cut_plain, NULL}, NEVER},
	{"both zones come", {NULL, NULL}, {cut_plain, cut_below}, NEVER},
	{"both zones go", {cut_plain, cut_below}, {NULL, NULL}, NEVER},
	{"a zone's first cut comes", {NULL, cut_plain}, {NULL, cut_below}, NEVER},
	{"a zone's last cut goes", {NULL, cut_below}, {NULL, cut_plain}, NEVER},
	{"a cut goes up", {cut_below, NULL}, {cut_above, NULL}, NEVER},
	{"a cut goes down", {cut_above, NULL}, {cut_below, NULL}, NEVER},
	{"a cut becomes a DNAME", {cut_below, NULL}, {cut_dname, NULL}, BY_DNAME},
	{"a DNAME becomes a cut", {cut_dname, NULL}, {cut_below, NULL}, BY_DNAME},
	{"a DNAME comes below a cut that comes", {cut_plain, NULL}, {cut_both, NULL}, NEVER},
	{"a DNAME goes below a cut that goes", {cut_both, NULL}, {cut_plain, NULL}, NEVER},
	{"a cut becomes a DNAME below another cut", {cut_below, NULL}, {cut_both, NULL}, NEVER},
	{"a DNAME below a cut becomes a cut", {cut_both, NULL}, {cut_below, NULL}, NEVER},
	{"what was delegated is served", {cut_above, NULL}, {cut_above, cut_plain}, NEVER},
	{"what was served is delegated", {cut_above, cut_plain}, {cut_above, NULL}, NEVER},
	{"a wildcard becomes a name", {cut_wild, NULL}, {cut_single, NULL}, LAST_ALWAYS},
	{"a name becomes a wildcard", {cut_single, NULL}, {cut_wild, NULL}, LAST_ALWAYS},
};

/* One batch's changes, the commit aside. */
static void change(const struct cut_zones *was, const struct cut_zones *is)
{
	ok(cut_zones_change(update, was, is, &failure));
}

/* ---- Asking ---- */

static const struct scene *scene;
static struct policy policy;
static unsigned referrals;

static const uint8_t address[4] = {198, 18, 0, 2};
static const struct client client = {.address = address, .address_bytes = 4};

/* Whether the reply in `message`, behind the question that ends at `end`, may be given. */
static bool is_right(const struct cut_question *question, enum outcome outcome,
	const uint8_t *message, size_t end)
{
	if (scene->promise == LAST_ALWAYS && question == &cut_hidden[CUT_HIDDEN - 1])
		return outcome == OUTCOME_ANSWERED;
	if (outcome == OUTCOME_ANSWERED)
		return scene->promise == BY_DNAME &&
			wire_get16(message + end + 2) == WIRE_TYPE_DNAME;
	return outcome == OUTCOME_REFERRAL || outcome == OUTCOME_NXDOMAIN ||
		outcome == OUTCOME_REFUSED;
}

static void check(const struct cut_question *question, enum outcome outcome, const uint8_t *message,
	size_t end, const char *when)
{
	if (outcome == OUTCOME_REFERRAL)
		referrals++;
	if (!is_right(question, outcome, message, end))
		fail_msg("%s: to %s %u the reply is %s, %s", scene->what, question->name,
			question->qtype, outcome_name(outcome), when);
}

/* ---- The writer's steps: a worker that is as slow as can be ---- */

enum { STEPS_MAX = 128 };

static bool stepping;
static unsigned steps;
static bool pausing;
static unsigned pause_at; /* the step before which the writer waits for a reader */
static sem_t paused, go_on;
static struct serving_view views[STEPS_MAX];
static struct found founds[CUT_HIDDEN][STEPS_MAX];

/* Now, from the view of one step and what was found at another, as the pipeline does. */
static void answer_now(const struct cut_question *question, const struct query *query,
	const struct serving_view *view, const struct found *found)
{
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	enum outcome outcome;
	size_t length;

	cut_zones_ask(question, message);
	outcome = OUTCOME_ANSWERED;
	length = answer_host(view, query, found, message, sizeof(message));
	if (length == 0)
		length = answer_negative(view, query, found, message, sizeof(message), &outcome);
	if (length == 0)
		outcome = answer_write(
			view, &client, query, found, message, sizeof(message), &length);
	check(question, outcome, message, query->question_end, "between two steps");
}

static void ask_between(unsigned q)
{
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	struct query query;

	query_read(message, cut_zones_ask(&cut_hidden[q], message), &query);
	founds[q][steps] = table_find(table, &query.owner);
	for (unsigned viewed = 0; viewed <= steps; viewed++)
		for (unsigned searched = viewed; searched <= steps; searched++) {
			struct serving_view view = views[viewed];

			serving_see_cuts(&view);
			answer_now(&cut_hidden[q], &query, &view, &founds[q][searched]);
			view.cuts = true;
			answer_now(&cut_hidden[q], &query, &view, &founds[q][searched]);
		}
}

static void step(void)
{
	if (pausing && steps++ == pause_at) {
		sem_post(&paused);
		sem_wait(&go_on);
	}
	if (!stepping)
		return;
	stepping = false; /* it searches, too */
	assert_true(steps < STEPS_MAX);
	views[steps] = serving_load(&serving);
	for (unsigned q = 0; q < CUT_HIDDEN; q++)
		ask_between(q);
	steps++;
	stepping = true;
}

void __real_table_put(struct table *t, struct record *record);
void __wrap_table_put(struct table *t, struct record *record);
bool __real_table_remove(struct table *t, const struct owner *owner);
bool __wrap_table_remove(struct table *t, const struct owner *owner);
void __real_table_put_hosts(struct table *t, struct hosts *hosts);
void __wrap_table_put_hosts(struct table *t, struct hosts *hosts);
void __real_table_remove_hosts(struct table *t, const struct prefix *host);
void __wrap_table_remove_hosts(struct table *t, const struct prefix *host);
struct zone *__real_zones_replace(struct zones *zones, struct zone *zone);
struct zone *__wrap_zones_replace(struct zones *zones, struct zone *zone);
struct found __real_table_find(const struct table *t, const struct owner *owner);
struct found __wrap_table_find(const struct table *t, const struct owner *owner);

void __wrap_table_put(struct table *t, struct record *record)
{
	step();
	__real_table_put(t, record);
	step();
}

bool __wrap_table_remove(struct table *t, const struct owner *owner)
{
	bool removed;

	step();
	removed = __real_table_remove(t, owner);
	step();
	return removed;
}

void __wrap_table_put_hosts(struct table *t, struct hosts *hosts)
{
	step();
	__real_table_put_hosts(t, hosts);
	step();
}

void __wrap_table_remove_hosts(struct table *t, const struct prefix *host)
{
	step();
	__real_table_remove_hosts(t, host);
	step();
}

struct zone *__wrap_zones_replace(struct zones *zones, struct zone *zone)
{
	struct zone *old;

	step();
	old = __real_zones_replace(zones, zone);
	step();
	return old;
}

/* ---- A reader's searches: the writer does all, or much, before one of them ---- */

static void (*in_search)(void);
static unsigned searches, searches_before;

struct found __wrap_table_find(const struct table *t, const struct owner *owner)
{
	void (*hook)(void) = in_search;

	if (hook && searches++ == searches_before) {
		in_search = NULL;
		hook();
		in_search = hook;
	}
	return __real_table_find(t, owner);
}

static void commit_now(void)
{
	ok(update_commit(update, &failure));
}

/* Asks, with `hook` before the search number `before`; false: it has not as many. */
static bool ask_across(const struct cut_question *question, unsigned before, void (*hook)(void))
{
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	size_t asked = cut_zones_ask(question, message);
	enum outcome outcome;

	in_search = hook;
	searches = 0;
	searches_before = before;
	respond(&serving, &client, message, asked, sizeof(message), &outcome);
	in_search = NULL;
	check(question, outcome, message, asked, "with the batch between two searches");
	return searches > before;
}

static pthread_t writer;

static void *writer_main(void *context)
{
	(void)context;
	change(&scene->was, &scene->is);
	commit_now();
	pausing = false;
	sem_post(&paused);
	return NULL;
}

static void finish_writer(void)
{
	sem_post(&go_on);
	pthread_join(writer, NULL);
}

/*
 * The same with the writer at its step `at` when the reader begins, and done from the search on.
 * False: it has not as many steps.
 */
static bool ask_amid(
	const struct cut_question *question, unsigned at, unsigned before, bool *searched)
{
	bool waits;

	sem_init(&paused, 0, 0);
	sem_init(&go_on, 0, 0);
	steps = 0;
	pause_at = at;
	pausing = true;
	assert_int_equal(pthread_create(&writer, NULL, writer_main, NULL), 0);
	sem_wait(&paused);
	waits = pausing;
	*searched = waits && ask_across(question, before, finish_writer);
	if (!*searched)
		finish_writer();
	return waits;
}

/* ---- Cases ---- */

static void set_scene(const struct scene *now)
{
	static const struct cut_zones nothing;

	scene = now;
	set_up(NULL);
	policy = policy_default();
	serving.table = table;
	serving_publish_policy(&serving, &policy);
	change(&nothing, &scene->was);
	commit();
}

static void settle(void)
{
	tokens_passed = tokens;
	assert_false(update_poll(update));
}

static void go_back(void)
{
	settle();
	change(&scene->is, &scene->was);
	commit();
}

static void clear_scene(void)
{
	settle();
	tear_down(NULL);
}

static void at_each_step_the_slowest_worker_sees_what_hides(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		set_scene(&scenes[i]);
		change(&scene->was, &scene->is);
		referrals = steps = 0;
		stepping = true;
		step();
		commit_now();
		step();
		stepping = false;
		assert_true(steps > 5);
		assert_true((referrals == 0) == (scene->promise == LAST_ALWAYS));
		clear_scene();
	}
}

/* With the batch before each of its searches in turn, and at last after all of them. */
static void ask_across_all(const struct cut_question *question)
{
	unsigned before = 0;
	bool met;

	do {
		change(&scene->was, &scene->is);
		met = ask_across(question, before++, commit_now);
		if (!met)
			commit_now();
		go_back();
	} while (met);
	assert_true(before > 1);
}

static void a_batch_within_a_search_is_seen_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		set_scene(&scenes[i]);
		for (unsigned q = 0; q < CUT_HIDDEN; q++)
			ask_across_all(&cut_hidden[q]);
		clear_scene();
	}
}

/* With one batch not settled yet, its depths are looked at all the same; the next brings others. */
static void a_batch_may_come_before_the_last_one_is_settled(void **state)
{
	static const struct scene two = {"a cut goes, and a DNAME comes below another",
		{cut_below, NULL}, {cut_both, NULL}, NEVER};
	static const struct cut_zones between = {cut_plain, NULL};
	bool met = true;

	(void)state;
	set_scene(&two);
	for (unsigned before = 0; met; before++) {
		change(&two.was, &between);
		commit_now();
		change(&between, &two.is);
		met = ask_across(&cut_hidden[0], before, commit_now);
		if (!met)
			commit_now();
		go_back();
	}
	clear_scene();
}

static void ask_amid_all(const struct cut_question *question)
{
	bool searched = true;

	for (unsigned before = 0; searched; before++) {
		bool waits = true, now;

		searched = false;
		for (unsigned at = 0; waits; at++) {

			waits = ask_amid(question, at, before, &now);
			searched |= now;
			go_back();
		}
	}
}

/* Where one that hides is hidden itself, it matters in which order they come and go. */
static void the_rest_of_a_batch_within_a_search_is_seen_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		if (scenes[i].was.enclosing != cut_both && scenes[i].is.enclosing != cut_both)
			continue;
		set_scene(&scenes[i]);
		ask_amid_all(&cut_hidden[0]);
		ask_amid_all(&cut_hidden[CUT_HIDDEN - 1]);
		clear_scene();
	}
}

static void lose_one(void)
{
	serving_lose(&serving);
	searches_before = searches;
}

/* Each search is followed by another that a writer without rest makes necessary. */
static void a_search_is_not_repeated_for_ever(void **state)
{
	static const struct cut_question host = {"3.3.1.10.in-addr.arpa.", WIRE_TYPE_PTR};
	uint8_t message[WIRE_UDP_PLAIN_BYTES];
	size_t asked = cut_zones_ask(&host, message);
	enum outcome outcome;

	(void)state;
	set_scene(&scenes[3]);
	in_search = lose_one;
	searches = searches_before = 0;
	respond(&serving, &client, message, asked, sizeof(message), &outcome);
	in_search = NULL;
	assert_int_equal(outcome, OUTCOME_ANSWERED);
	/* The name and the one depth that has a cut, eight times. */
	assert_int_equal(searches, 16);
	clear_scene();
}

static bool hinted(void)
{
	struct serving_view view = serving_load(&serving);

	serving_see_cuts(&view);
	return view.cuts;
}

/* Only a grace period after the last cut's end may a hit do without looking for cuts. */
static void the_hint_outlives_the_last_cut_by_a_grace_period(void **state)
{
	static const size_t chosen[] = {2, 3};

	(void)state;
	for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++) {
		set_scene(&scenes[chosen[i]]);
		assert_true(hinted());
		change(&scene->was, &scene->is);
		commit_now();
		assert_true(update_poll(update));
		assert_true(hinted());
		settle();
		assert_false(hinted());
		assert_false(serving.moving_wildcards);
		clear_scene();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_each_step_the_slowest_worker_sees_what_hides),
		cmocka_unit_test(a_batch_within_a_search_is_seen_whole),
		cmocka_unit_test(a_batch_may_come_before_the_last_one_is_settled),
		cmocka_unit_test(the_rest_of_a_batch_within_a_search_is_seen_whole),
		cmocka_unit_test(a_search_is_not_repeated_for_ever),
		cmocka_unit_test(the_hint_outlives_the_last_cut_by_a_grace_period),
	};

	return cmocka_run_group_tests_name("control/publish-order", tests, NULL, NULL);
}
