/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zone.import.begin, data, include, include-end, commit, abort: a zone file in pieces, staged
 * apart, then one change. An import belongs to its session; the first failure in its text is its
 * answer from then on.
 */
#include "control/command_method.h"
#include "control/presentation.h"
#include "control/zonefile.h"

#include <stdlib.h>
#include <string.h>

struct import {
	struct import *next;
	unsigned number;
	struct store_owner apex;
	struct staging *staging;
	struct zonefile *zonefile;
	struct failure failure; /* FAILURE_NONE while all is well */
};

static void import_free(struct import *import)
{
	zonefile_free(import->zonefile);
	staging_free(import->staging);
	free(import);
}

static struct import *import_new(const struct owner *apex)
{
	struct import *import = calloc(1, sizeof(*import));

	if (!import)
		return NULL;
	store_keep_owner(&import->apex, apex);
	import->staging = update_stage(apex);
	if (import->staging)
		import->zonefile = zonefile_new(apex, staging_add, import->staging);
	if (import->zonefile)
		return import;
	staging_free(import->staging);
	free(import);
	return NULL;
}

/* Takes it off the session's list; the caller owns it. */
static void import_take(struct session *session, const struct import *import)
{
	struct import **link = &session->imports;

	while (*link != import)
		link = &(*link)->next;
	*link = import->next;
	session->command->imports--;
}

void command_import_end(struct session *session)
{
	command_import_settle(session);
	while (session->imports) {
		struct import *import = session->imports;

		import_take(session, import);
		import_free(import);
	}
}

void command_import_settle(struct session *session)
{
	while (session->committed) {
		struct import *import = session->committed;

		session->committed = import->next;
		import_free(import);
	}
}

static struct import *import_find(struct session *session, json_t *params, struct failure *failure)
{
	json_int_t number = param_number(params, "import", 0);

	for (struct import *import = session->imports; import; import = import->next)
		if (import->number == number)
			return import;
	failure_set(failure, FAILURE_NOT_FOUND, "there is no import %lld on this connection",
		(long long)number);
	return NULL;
}

static json_t *begin(struct session *session, json_t *params, struct failure *failure)
{
	struct presentation_owner apex;
	const struct prefix *prefix = &apex.owner.prefix;
	struct import *import;

	if (presentation_parse_zone(param_text(params, "zone"), &apex, failure) != 0)
		return NULL;
	if (!arpa_on_label(prefix->family, prefix->bits)) {
		failure_set(failure, FAILURE_INVALID,
			"%s is no zone: its length must be a multiple of %d",
			param_text(params, "zone"), prefix->family == ARPA_FAMILY_IPV4 ? 8 : 4);
		return NULL;
	}
	if (session->command->imports == COMMAND_IMPORTS_MAX) {
		failure_set(failure, FAILURE_BUSY,
			"%d imports are open, which is the limit; try again when one has ended",
			COMMAND_IMPORTS_MAX);
		return NULL;
	}
	import = import_new(&apex.owner);
	if (!import)
		return command_no_memory(failure);
	import->number = ++session->last_import;
	import->next = session->imports;
	session->imports = import;
	session->command->imports++;
	return json_pack("{s:I}", "import", (json_int_t)import->number);
}

static json_t *data(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);
	const json_t *text = json_object_get(params, "text");

	if (!import)
		return NULL;
	if (import->failure.code == FAILURE_NONE)
		zonefile_feed(import->zonefile, json_string_value(text), json_string_length(text),
			&import->failure);
	if (import->failure.code != FAILURE_NONE) {
		*failure = import->failure;
		return NULL;
	}
	return json_pack("{s:I, s:I}", "records", (json_int_t)zonefile_records(import->zonefile),
		"lines", (json_int_t)zonefile_line(import->zonefile));
}

/* The text goes on with another file's, which the client reads. */
static json_t *include(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);

	if (!import)
		return NULL;
	if (import->failure.code == FAILURE_NONE)
		zonefile_include(import->zonefile, param_text(params, "file"),
			param_text(params, "origin"), &import->failure);
	if (import->failure.code == FAILURE_NONE)
		return json_object();
	*failure = import->failure;
	return NULL;
}

static json_t *include_end(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);

	if (!import)
		return NULL;
	if (import->failure.code == FAILURE_NONE)
		zonefile_include_end(import->zonefile, &import->failure);
	if (import->failure.code == FAILURE_NONE)
		return json_object();
	*failure = import->failure;
	return NULL;
}

/* The import has ended whatever comes of it: a text that was refused can't be mended. */
static json_t *commit(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);
	char zone[PRESENTATION_NAME_BYTES];
	uint64_t sequence;

	if (!import)
		return NULL;
	import_take(session, import);
	import->next = session->committed;
	session->committed = import;
	if (import->failure.code != FAILURE_NONE) {
		*failure = import->failure;
		return NULL;
	}
	if (zonefile_finish(import->zonefile, failure) != 0 ||
		update_replace_zone(
			session->command->update, import->staging, &sequence, failure) != 0)
		return NULL;
	return json_pack("{s:s, s:I, s:I}", "zone",
		presentation_write_owner(&import->apex.owner, zone), "seq", (json_int_t)sequence,
		"records", (json_int_t)staging_records(import->staging));
}

static json_t *abort_import(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);

	if (!import)
		return NULL;
	import_take(session, import);
	import_free(import);
	return json_object();
}

static const struct param begin_params[] = {
	{"zone", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param data_params[] = {
	{"import", PARAM_NUMBER, true},
	{"text", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param include_params[] = {
	{"import", PARAM_NUMBER, true},
	{"file", PARAM_TEXT, true},
	{"origin", PARAM_TEXT, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param import_params[] = {
	{"import", PARAM_NUMBER, true},
	{NULL, PARAM_TEXT, false},
};

const struct method command_import_methods[] = {
	{.name = "zone.import.begin",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = begin_params,
		.run = begin},
	{.name = "zone.import.data",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = data_params,
		.run = data},
	{.name = "zone.import.include",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = include_params,
		.run = include},
	{.name = "zone.import.include-end",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = import_params,
		.run = include_end},
	{.name = "zone.import.commit",
		.kind = METHOD_CHANGE,
		.bulk = true,
		.roles = ALLOW_CHANGE,
		.params = import_params,
		.run = commit},
	{.name = "zone.import.abort",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = import_params,
		.run = abort_import},
	{.name = NULL},
};
