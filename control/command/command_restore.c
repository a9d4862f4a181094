/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * store.restore.begin, data, commit, abort: a backup in pieces, staged and checked wholly, then one
 * change of all zones.
 */
#include "control/command/command_import.h"

static json_t *begin(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import;

	(void)params;
	import = import_open(session, failure);
	if (!import)
		return NULL;
	import->plan.kind = IMPORT_RESTORE;
	import->plan.staging = staging_new(store_directory(session->command->store), NULL);
	if (import->plan.staging)
		import->backup = backup_read_new(import->plan.staging);
	if (!import->backup) {
		import_drop(import);
		return command_no_memory(failure);
	}
	return json_pack("{s:I}", "restore", (json_int_t)import->number);
}

static json_t *data(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find_restore(session, params, failure);
	const json_t *text = json_object_get(params, "text");

	if (!import || import_check_open(import, failure) != 0)
		return NULL;
	if (backup_read_feed(import->backup, json_string_value(text), json_string_length(text),
		    &import->failure) != 0) {
		*failure = import->failure;
		return NULL;
	}
	return json_pack("{s:I, s:I}", "records", (json_int_t)backup_read_records(import->backup),
		"lines", (json_int_t)backup_read_line(import->backup));
}

static json_t *pack_result(const struct import *import, const struct import_counts *counts,
	uint64_t sequence, bool dry_run)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "seq", (json_int_t)sequence,
		"zones", (json_int_t)import->plan.zone_count, "records",
		(json_int_t)backup_read_records(import->backup), "added", (json_int_t)counts->added,
		"changed", (json_int_t)counts->changed, "removed", (json_int_t)counts->removed,
		"unchanged", (json_int_t)counts->unchanged, "dry_run", dry_run);
}

static int restore(struct session *session, struct import *import, bool dry_run,
	struct import_counts *counts, uint64_t *sequence, struct failure *failure)
{
	struct update *update = session->command->update;
	struct update_result changed = {.sequence = 0};
	int result = import_finish(import, failure);

	import->plan.zones = backup_read_zones(import->backup, &import->plan.zone_count);
	if (result == 0)
		result = dry_run ? import_count(update, &import->plan, counts, failure)
				 : update_import(update, &import->plan, counts, &changed, failure);
	*sequence = dry_run ? store_sequence(session->command->store) : changed.sequence;
	return result;
}

/* The restore has ended whatever comes of it, unless it was a dry run. */
static json_t *commit(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find_restore(session, params, failure);
	bool dry_run = json_is_true(json_object_get(params, "dry_run"));
	struct import_counts counts;
	uint64_t sequence;

	if (!import)
		return NULL;
	if (!dry_run)
		import_commits(session, import);
	if (restore(session, import, dry_run, &counts, &sequence, failure) != 0)
		return NULL;
	return pack_result(import, &counts, sequence, dry_run);
}

static json_t *abort_restore(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find_restore(session, params, failure);

	if (!import)
		return NULL;
	import_drop(import);
	return json_object();
}

static const struct param no_params[] = {
	{NULL, PARAM_TEXT, false},
};

static const struct param data_params[] = {
	{"restore", PARAM_NUMBER, true},
	{"text", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param commit_params[] = {
	{"restore", PARAM_NUMBER, true},
	{"dry_run", PARAM_FLAG, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param abort_params[] = {
	{"restore", PARAM_NUMBER, true},
	{NULL, PARAM_TEXT, false},
};

const struct method command_restore_methods[] = {
	{.name = "store.restore.begin", .kind = METHOD_READ, .params = no_params, .run = begin},
	{.name = "store.restore.data", .kind = METHOD_READ, .params = data_params, .run = data},
	{.name = "store.restore.commit",
		.kind = METHOD_CHANGE,
		.bulk = true,
		.params = commit_params,
		.run = commit},
	{.name = "store.restore.abort",
		.kind = METHOD_READ,
		.params = abort_params,
		.run = abort_restore},
	{.name = NULL},
};
