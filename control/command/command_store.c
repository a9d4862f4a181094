/* SPDX-License-Identifier: BSD-3-Clause */
/* store.status, store.verify, store.compact: the store's own state, and its upkeep while it serves.
 */
#include "control/command/command_method.h"
#include "control/store/store_check.h"
#include "control/store/store_compact.h"
#include "control/store/store_status.h"
#include "control/update/update_batch.h"

enum {
	VERIFY_ENTRIES = 20000, /* of a page: some milliseconds */
	VERIFY_PROBLEMS_MAX = 1000,
};

static json_t *status(struct session *session, json_t *params, struct failure *failure)
{
	const struct store_status now = store_status(session->command->store);
	json_t *result = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "seq",
		(json_int_t)now.sequence, "rrsets", (json_int_t)now.rrsets, "file_bytes",
		(json_int_t)now.file_bytes, "used_bytes", (json_int_t)now.used_bytes, "log_bytes",
		(json_int_t)now.log_bytes, "behind", (json_int_t)now.behind, "behind_bytes",
		(json_int_t)now.behind_bytes, "compacting", now.compacting, "refuses", now.refuses);

	(void)params;
	if (!result ||
		(now.trouble &&
			json_object_set_new(result, "trouble", json_string(now.trouble)) != 0)) {
		json_decref(result);
		return command_no_memory(failure);
	}
	return result;
}

void command_store_end(struct session *session)
{
	store_check_close(session->check);
	session->check = NULL;
}

static int add(json_t *items, json_t *item, struct failure *failure)
{
	if (item && json_array_append_new(items, item) == 0)
		return 0;
	command_no_memory(failure);
	return -1;
}

/* The counts, as the last item; zones that are served and not stored would be lost some day. */
static int end_verify(struct session *session, json_t *items, struct failure *failure)
{
	const struct store_check_counts counts = store_check_counts(session->check);
	json_t *item = json_pack("{s:I, s:I, s:I, s:I}", "rrsets", (json_int_t)counts.rrsets,
		"zones", (json_int_t)counts.zones, "journal", (json_int_t)counts.journal,
		"problems", (json_int_t)counts.problems);

	command_store_end(session);
	return add(items, item, failure) == 0 ? PAGE_LAST : -1;
}

static int verify(struct session *session, json_t *params, struct page *page, json_t *items,
	struct failure *failure)
{
	char problem[STORE_CHECK_TEXT_BYTES];
	int more;

	(void)params;
	if (!page->started) {
		command_store_end(session);
		if (store_check_open(session->command->store, &session->check, failure) != 0)
			return -1;
		store_check_expect(
			session->check, zones_count(update_zones(session->command->update)));
	}
	more = store_check_step(session->check, VERIFY_ENTRIES, problem, failure);
	if (more >= 0 && problem[0] && page->sent < VERIFY_PROBLEMS_MAX &&
		add(items, json_pack("{s:s}", "problem", problem), failure) != 0)
		more = -1;
	if (more < 0)
		command_store_end(session);
	if (more != 0)
		return more < 0 ? -1 : PAGE_MORE;
	return end_verify(session, items, failure);
}

static int compact(struct session *session, json_t *params, struct page *page, json_t *items,
	struct failure *failure)
{
	struct store *store = session->command->store;
	uint64_t before, after;
	int more;

	(void)params;
	if (!page->started && store_compact_begin(store, failure) != 0)
		return -1;
	more = store_compact_result(store, &before, &after, failure);
	if (more != 0)
		return more < 0 ? -1 : PAGE_WAIT;
	return add(items,
		       json_pack("{s:I, s:I}", "before_bytes", (json_int_t)before, "after_bytes",
			       (json_int_t)after),
		       failure) == 0
		? PAGE_LAST
		: -1;
}

static const struct param no_params[] = {
	{NULL, PARAM_TEXT, false},
};

const struct method command_store_methods[] = {
	{.name = "store.status",
		.kind = METHOD_READ,
		.roles = ALLOW_READ,
		.params = no_params,
		.run = status},
	{.name = "store.verify",
		.kind = METHOD_LIST,
		.roles = ALLOW_ADMIN,
		.params = no_params,
		.page = verify},
	{.name = "store.compact",
		.kind = METHOD_FOLLOW,
		.roles = ALLOW_ADMIN,
		.params = no_params,
		.page = compact},
	{.name = NULL},
};
