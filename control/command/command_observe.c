/* SPDX-License-Identifier: BSD-3-Clause */
/* server.top: who asks most, by what is sampled. */
#include "control/command/command_method.h"
#include "control/observer/tally.h"
#include "control/presentation.h"

#include <ldns/ldns.h>
#include <stdlib.h>

enum { ROWS_DEFAULT = 10 };

static json_t *type_name(uint64_t type)
{
	char *text = ldns_rr_type2str((ldns_rr_type)type);
	json_t *name = json_string(text);

	free(text);
	return name;
}

/* RFC 6895 2.3: those that we answer with, and what others may yet be. */
static json_t *rcode_name(uint64_t rcode)
{
	static const char *const names[] = {[0] = "NOERROR",
		[1] = "FORMERR",
		[2] = "SERVFAIL",
		[3] = "NXDOMAIN",
		[4] = "NOTIMP",
		[5] = "REFUSED",
		[6] = "YXDOMAIN",
		[7] = "YXRRSET",
		[8] = "NXRRSET",
		[9] = "NOTAUTH",
		[10] = "NOTZONE",
		[16] = "BADVERS",
		[23] = "BADCOOKIE"};

	if (rcode == TALLY_NO_REPLY)
		return json_string("no reply");
	if (rcode < sizeof(names) / sizeof(names[0]) && names[rcode])
		return json_string(names[rcode]);
	return json_sprintf("RCODE%u", (unsigned)rcode);
}

static json_t *name_of(enum tally_what what, const struct prefix *key)
{
	char text[PRESENTATION_PREFIX_BYTES];

	if (what == TALLY_TYPES)
		return type_name(key->high);
	if (what == TALLY_RCODES)
		return rcode_name(key->high);
	if (what == TALLY_OUTCOMES)
		return json_string(outcome_name((enum outcome)key->high));
	return json_string(presentation_write_prefix(key, text));
}

static json_t *row_of(
	enum tally_what what, const struct ranking_row *row, const struct tally_ranking *ranking)
{
	double share = ranking->total ? (double)row->count / (double)ranking->total : 0;

	return json_pack("{s:o, s:I, s:I, s:I, s:f}", "name", name_of(what, &row->key), "count",
		(json_int_t)row->count, "error", (json_int_t)row->error, "sampling_error",
		(json_int_t)row->spread, "share", share < 1 ? share : 1);
}

static json_t *result_of(enum tally_what what, const struct tally_ranking *ranking)
{
	json_t *rows = json_array();

	for (unsigned i = 0; i < ranking->count; i++)
		json_array_append_new(rows, row_of(what, &ranking->rows[i], ranking));
	return json_pack("{s:s, s:f, s:I, s:I, s:o}", "what", tally_name(what), "seconds",
		ranking->seconds, "total", (json_int_t)ranking->total, "one_in",
		(json_int_t)ranking->one_in, "rows", rows);
}

/* `*number` is the default before. */
static int read_number(json_t *params, const char *name, unsigned least, unsigned most,
	unsigned *number, struct failure *failure)
{
	json_int_t given = param_number(params, name, *number);

	if (given < least || given > most)
		return failure_set(failure, FAILURE_INVALID, "%s: %lld is not from %u to %u", name,
			(long long)given, least, most);
	*number = (unsigned)given;
	return 0;
}

static json_t *top(struct session *session, json_t *params, struct failure *failure)
{
	const char *name = param_text(params, "what");
	enum tally_what what = tally_named(name);
	struct tally_ranking *ranking;
	unsigned count = ROWS_DEFAULT, seconds = TALLY_SECONDS_MAX;
	json_t *result = NULL;

	if (what == TALLY_WHATS) {
		failure_set(failure, FAILURE_INVALID,
			"what: \"%s\" is none of clients, client-prefixes, addresses, prefixes, "
			"types, rcodes and outcomes",
			name);
		return NULL;
	}
	if (read_number(params, "count", 1, TALLY_ROWS_MAX, &count, failure) != 0 ||
		read_number(params, "seconds", 0, TALLY_SECONDS_MAX, &seconds, failure) != 0)
		return NULL;
	if (!session->command->tally) {
		failure_set(failure, FAILURE_INTERNAL, "nothing is observed here");
		return NULL;
	}
	ranking = malloc(sizeof(*ranking));
	if (ranking && tally_rank(session->command->tally, what, seconds, count, ranking) == 0)
		result = result_of(what, ranking);
	free(ranking);
	return result ? result : command_no_memory(failure);
}

static const struct param top_params[] = {
	{"what", PARAM_TEXT, true},
	{"count", PARAM_NUMBER, false},
	{"seconds", PARAM_NUMBER, false},
	{NULL, PARAM_TEXT, false},
};

const struct method command_observe_methods[] = {
	{.name = "server.top",
		.kind = METHOD_READ,
		.roles = ALLOW_READ,
		.params = top_params,
		.run = top},
	{.name = NULL},
};
