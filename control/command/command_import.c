/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * import.begin, data, include, include-end, commit, abort: a file in pieces, staged apart, then one
 * change. An import belongs to its session; the first failure in its text is its answer from then
 * on.
 */
#include "control/command/command_import.h"

#include "control/presentation.h"
#include "control/store/store_kv.h"

#include <stdlib.h>
#include <string.h>

static void import_free(struct import *import)
{
	if (import->comparing)
		compare_close(&import->compare);
	zonefile_free(import->zonefile);
	import_text_free(import->text);
	backup_read_free(import->backup);
	staging_free(import->plan.staging);
	free(import);
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

void import_drop(struct import *import)
{
	import_take(import->session, import);
	import_free(import);
}

void import_commits(struct session *session, struct import *import)
{
	import_take(session, import);
	import->next = session->committed;
	session->committed = import;
}

void command_import_end(struct session *session)
{
	command_backup_end(session);
	command_import_settle(session);
	while (session->imports)
		import_drop(session->imports);
}

void command_import_settle(struct session *session)
{
	while (session->committed) {
		struct import *import = session->committed;

		session->committed = import->next;
		import_free(import);
	}
}

static struct import *find(
	struct session *session, json_t *params, const char *what, struct failure *failure)
{
	json_int_t number = param_number(params, what, 0);
	bool restore = strcmp(what, "restore") == 0;

	for (struct import *import = session->imports; import; import = import->next)
		if (import->number == number && (import->plan.kind == IMPORT_RESTORE) == restore)
			return import;
	failure_set(failure, FAILURE_NOT_FOUND, "there is no %s %lld on this connection", what,
		(long long)number);
	return NULL;
}

struct import *import_find(struct session *session, json_t *params, struct failure *failure)
{
	return find(session, params, "import", failure);
}

struct import *import_find_restore(struct session *session, json_t *params, struct failure *failure)
{
	return find(session, params, "restore", failure);
}

/* ---- begin ---- */

enum format { FORMAT_ZONE, FORMAT_CSV, FORMAT_NDJSON, FORMATS };

static const char *const formats[FORMATS] = {"zone", "csv", "ndjson"};

static int read_format(json_t *params, enum format *format, struct failure *failure)
{
	const char *text = param_text(params, "format");

	for (*format = 0; *format < FORMATS; ++*format)
		if (strcmp(text, formats[*format]) == 0)
			return 0;
	return failure_set(failure, FAILURE_INVALID,
		"there is no format \"%.80s\"; formats are zone, csv and ndjson", text);
}

static int read_mode(json_t *params, enum format format, bool *replace, struct failure *failure)
{
	const char *mode = param_text(params, "mode");

	*replace = format == FORMAT_ZONE;
	if (!mode)
		return 0;
	*replace = strcmp(mode, "replace") == 0;
	if (!*replace && strcmp(mode, "merge") != 0)
		return failure_set(failure, FAILURE_INVALID,
			"there is no mode \"%.80s\"; modes are replace and merge", mode);
	if (!*replace && format == FORMAT_ZONE)
		return failure_set(failure, FAILURE_INVALID,
			"a zone file is the zone's whole contents and can't be merged; import csv "
			"or ndjson to change some addresses");
	return 0;
}

static int read_zone(struct import *import, json_t *params, struct failure *failure)
{
	struct presentation_owner apex;
	const struct prefix *prefix = &apex.owner.prefix;
	const char *text = param_text(params, "zone");

	if (presentation_parse_zone(text, &apex, failure) != 0)
		return -1;
	if (!arpa_on_label(prefix->family, prefix->bits))
		return failure_set(failure, FAILURE_INVALID,
			"%s is no zone: its length must be a multiple of %d", text,
			prefix->family == ARPA_FAMILY_IPV4 ? 8 : 4);
	store_keep_owner(&import->apex, &apex.owner);
	import->plan.apex = &import->apex.owner;
	return 0;
}

/* What the import is to become, without its staging. */
static int read_plan(
	struct import *import, json_t *params, enum format format, struct failure *failure)
{
	const char *zone = param_text(params, "zone"), *prefix = param_text(params, "prefix");
	bool replace;

	if (read_mode(params, format, &replace, failure) != 0)
		return -1;
	import->plan.kind = format == FORMAT_ZONE ? IMPORT_ZONE
		: replace			  ? IMPORT_REPLACE
						  : IMPORT_MERGE;
	if (format == FORMAT_ZONE && (!zone || prefix))
		return failure_set(failure, FAILURE_INVALID,
			"import.begin of a zone file needs zone, and no prefix");
	if (import->plan.kind == IMPORT_REPLACE && !zone == !prefix)
		return failure_set(failure, FAILURE_INVALID,
			"import.begin with the mode replace needs either zone or prefix: what the "
			"file is all of");
	if (import->plan.kind == IMPORT_MERGE && (zone || prefix))
		return failure_set(failure, FAILURE_INVALID,
			"import.begin with the mode merge takes neither zone nor prefix");
	import->plan.has_scope = prefix != NULL;
	if (prefix && presentation_parse_prefix(prefix, &import->plan.scope, failure) != 0)
		return -1;
	return zone ? read_zone(import, params, failure) : 0;
}

/* Names that could be no host's are refused or counted, as the configuration has it. */
static int check_syntax(
	struct import *import, const struct import_object *object, struct failure *failure)
{
	const struct rrset names = {
		.rdata = object->names, .rdata_bytes = (uint32_t)object->name_bytes};
	const enum name_syntax syntax = import->session->command->name_syntax;
	char text[PRESENTATION_NAME_BYTES];
	const uint8_t *name;
	uint32_t offset = 0;
	uint16_t bytes;

	if (syntax == NAME_SYNTAX_OFF)
		return 0;
	while ((name = rrset_next(&names, &offset, &bytes)) != NULL) {
		const char *rule = name_syntax_broken(name);

		if (!rule)
			continue;
		presentation_write_name(name, text);
		if (syntax == NAME_SYNTAX_ENFORCE)
			return failure_set(failure, FAILURE_INVALID,
				"the name \"%.100s\" %s (names.syntax of the configuration is "
				"enforce)",
				text, rule);
		if (import->odd_names++ == 0) {
			memcpy(import->first_odd, text, sizeof(text));
			import->first_odd_line = import_text_line(import->text);
		}
	}
	return 0;
}

static int stage_object(void *context, const struct import_object *object, struct failure *failure)
{
	struct import *import = context;

	if (check_syntax(import, object, failure) != 0)
		return -1;
	return import_stage(import->session->command->update, &import->plan, object, failure);
}

static int open_readers(struct import *import, enum format format, struct failure *failure)
{
	const struct owner *apex = format == FORMAT_ZONE ? import->plan.apex : NULL;

	import->plan.staging = staging_new(store_directory(import->session->command->store), apex);
	if (import->plan.staging && apex)
		import->zonefile = zonefile_new(apex, staging_add, import->plan.staging);
	else if (import->plan.staging)
		import->text = import_text_new(
			format == FORMAT_CSV ? IMPORT_CSV : IMPORT_NDJSON, stage_object, import);
	if (import->zonefile || import->text)
		return 0;
	command_no_memory(failure);
	return -1;
}

struct import *import_open(struct session *session, struct failure *failure)
{
	struct import *import;

	if (session->command->imports == COMMAND_IMPORTS_MAX) {
		failure_set(failure, FAILURE_BUSY,
			"%d imports are open, which is the limit; try again when one has ended",
			COMMAND_IMPORTS_MAX);
		return NULL;
	}
	import = calloc(1, sizeof(*import));
	if (!import) {
		command_no_memory(failure);
		return NULL;
	}
	import->session = session;
	import->number = ++session->last_import;
	import->next = session->imports;
	session->imports = import;
	session->command->imports++;
	return import;
}

static json_t *begin(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import;
	enum format format;

	if (read_format(params, &format, failure) != 0)
		return NULL;
	import = import_open(session, failure);
	if (!import)
		return NULL;
	if (read_plan(import, params, format, failure) != 0 ||
		open_readers(import, format, failure) != 0) {
		import_drop(import);
		return NULL;
	}
	return json_pack("{s:I}", "import", (json_int_t)import->number);
}

/* ---- Its text ---- */

int import_check_open(const struct import *import, struct failure *failure)
{
	if (import->failure.code == FAILURE_NONE && import->finished)
		return failure_set(failure, FAILURE_INVALID,
			"the text of import %u has ended: with its diff or a dry run",
			import->number);
	if (import->failure.code == FAILURE_NONE)
		return 0;
	*failure = import->failure;
	return -1;
}

/* The answer to a request that fed the text. */
static json_t *fed(struct import *import, int result, json_t *answer, struct failure *failure)
{
	if (result == 0)
		return answer ? answer : command_no_memory(failure);
	json_decref(answer);
	*failure = import->failure;
	return NULL;
}

static json_t *data(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);
	const json_t *text = json_object_get(params, "text");
	const char *octets = json_string_value(text);
	size_t bytes = json_string_length(text);
	uint64_t lines;
	int result;

	if (!import || import_check_open(import, failure) != 0)
		return NULL;
	if (import->zonefile) {
		result = zonefile_feed(import->zonefile, octets, bytes, &import->failure);
		lines = zonefile_line(import->zonefile);
	} else {
		result = import_text_feed(import->text, octets, bytes, &import->failure);
		lines = import_text_line(import->text);
	}
	return fed(import, result,
		json_pack("{s:I, s:I}", "records",
			(json_int_t)staging_records(import->plan.staging), "lines",
			(json_int_t)lines),
		failure);
}

static struct import *find_zonefile(
	struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);

	if (!import || import_check_open(import, failure) != 0)
		return NULL;
	if (import->zonefile)
		return import;
	failure_set(failure, FAILURE_INVALID, "only a zone file includes others");
	return NULL;
}

/* The text goes on with another file's, which the client reads. */
static json_t *include(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = find_zonefile(session, params, failure);

	if (!import)
		return NULL;
	return fed(import,
		zonefile_include(import->zonefile, param_text(params, "file"),
			param_text(params, "origin"), &import->failure),
		json_object(), failure);
}

static json_t *include_end(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = find_zonefile(session, params, failure);

	if (!import)
		return NULL;
	return fed(import, zonefile_include_end(import->zonefile, &import->failure), json_object(),
		failure);
}

static int finish_text(struct import *import)
{
	if (import->zonefile)
		return zonefile_finish(import->zonefile, &import->failure);
	if (import->backup)
		return backup_read_finish(import->backup, &import->failure);
	return import_text_finish(import->text, &import->failure);
}

int import_finish(struct import *import, struct failure *failure)
{
	int result = 0;

	if (import->failure.code == FAILURE_NONE && !import->finished)
		result = finish_text(import);
	import->finished = true;
	if (result == 0 && import->failure.code == FAILURE_NONE)
		return 0;
	*failure = import->failure;
	return -1;
}

/* ---- commit, abort ---- */

static json_t *pack_result(const struct import *import, const struct import_counts *counts,
	uint64_t sequence, bool dry_run)
{
	json_t *result = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "seq",
		(json_int_t)sequence, "records", (json_int_t)staging_records(import->plan.staging),
		"added", (json_int_t)counts->added, "changed", (json_int_t)counts->changed,
		"removed", (json_int_t)counts->removed, "unchanged", (json_int_t)counts->unchanged,
		"dry_run", dry_run);
	char zone[PRESENTATION_NAME_BYTES];

	if (result && import->plan.apex)
		json_object_set_new(result, "zone",
			json_string(presentation_write_owner(import->plan.apex, zone)));
	if (result && import->odd_names > 0)
		json_object_set_new(result, "warnings",
			json_pack("[o]",
				json_sprintf("%llu names could be no host's (RFC 1123), "
					     "the first one in line %llu: %s",
					(unsigned long long)import->odd_names,
					(unsigned long long)import->first_odd_line,
					import->first_odd)));
	return result;
}

static json_t *try_commit(struct session *session, struct import *import, struct failure *failure)
{
	struct import_counts counts;

	if (import_finish(import, failure) != 0 ||
		import_count(session->command->update, &import->plan, &counts, failure) != 0)
		return NULL;
	return pack_result(import, &counts, store_sequence(session->command->store), true);
}

/* The import has ended whatever comes of it: a text that was refused can't be mended. */
static json_t *commit(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);
	struct update_result changed = {.sequence = 0};
	struct import_counts counts;

	if (!import)
		return NULL;
	if (json_is_true(json_object_get(params, "dry_run")))
		return try_commit(session, import, failure);
	import_commits(session, import);
	if (import_finish(import, failure) != 0 ||
		update_import(
			session->command->update, &import->plan, &counts, &changed, failure) != 0)
		return NULL;
	return pack_result(import, &counts, changed.sequence, false);
}

static json_t *abort_import(struct session *session, json_t *params, struct failure *failure)
{
	struct import *import = import_find(session, params, failure);

	if (!import)
		return NULL;
	import_drop(import);
	return json_object();
}

static const struct param begin_params[] = {
	{"format", PARAM_TEXT, true},
	{"zone", PARAM_TEXT, false},
	{"prefix", PARAM_TEXT, false},
	{"mode", PARAM_TEXT, false},
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

static const struct param commit_params[] = {
	{"import", PARAM_NUMBER, true},
	{"dry_run", PARAM_FLAG, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param import_params[] = {
	{"import", PARAM_NUMBER, true},
	{NULL, PARAM_TEXT, false},
};

const struct method command_import_methods[] = {
	{.name = "import.begin",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = begin_params,
		.run = begin},
	{.name = "import.data",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = data_params,
		.run = data},
	{.name = "import.include",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = include_params,
		.run = include},
	{.name = "import.include-end",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = import_params,
		.run = include_end},
	{.name = "import.commit",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE,
		.bulk = true,
		.params = commit_params,
		.run = commit},
	{.name = "import.abort",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = import_params,
		.run = abort_import},
	{.name = NULL},
};
