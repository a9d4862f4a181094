/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/top_round.h"

#include <stdio.h>
#include <string.h>

enum { OPEN_TIMEOUT_S = 5, TOP_ROWS = 20, TOP_SECONDS = 10 };

/* Requests by their id; server.top has one for each of these. */
enum { ID_STATUS = 1, ID_STATS, ID_ZONES, ID_TOP };

static void forget(struct top_round *round)
{
	json_decref(round->status);
	json_decref(round->stats);
	json_decref(round->top);
	json_decref(round->zones);
	round->status = round->stats = round->top = round->zones = NULL;
	round->refused = CTL_OK;
	round->owed = 0;
}

void top_round_init(struct top_round *round, const struct ctl *ctl)
{
	*round = (struct top_round){.ctl = ctl, .client = {.fd = -1}};
}

void top_round_fini(struct top_round *round)
{
	forget(round);
	client_close(&round->client);
}

void top_round_drop(struct top_round *round)
{
	top_round_fini(round);
}

static enum ctl_status send(
	struct top_round *round, json_int_t id, const char *method, json_t *params)
{
	enum ctl_status status = client_send(&round->client, id, method, params);

	round->owed += status == CTL_OK;
	return status;
}

static enum ctl_status ask_view(
	struct top_round *round, enum top_view view, const char *after, unsigned limit)
{
	enum ctl_status status = CTL_OK;
	json_t *params;

	if (view == TOP_ZONES) {
		params = json_pack("{s:i, s:b}", "limit", (int)limit, "details", 1);
		if (after)
			json_object_set_new(params, "after", json_string(after));
		round->zones = json_array();
		return send(round, ID_ZONES, "zone.list", params);
	}
	for (unsigned i = 0; view == TOP_TRAFFIC && top_traffic_what(i) && status == CTL_OK; i++)
		status = send(round, ID_TOP + i, "server.top",
			json_pack("{s:s, s:i, s:i}", "what", top_traffic_what(i), "count", TOP_ROWS,
				"seconds", TOP_SECONDS));
	return status;
}

enum ctl_status top_round_ask(
	struct top_round *round, enum top_view view, const char *after, unsigned limit)
{
	enum ctl_status status = CTL_OK;

	forget(round);
	if (round->client.fd < 0)
		status = verbs_connect(round->ctl, OPEN_TIMEOUT_S, &round->client);
	if (status == CTL_OK)
		status = send(round, ID_STATUS, "server.status", NULL);
	if (status == CTL_OK)
		status = send(round, ID_STATS, "server.stats", NULL);
	if (status == CTL_OK)
		status = ask_view(round, view, after, limit);
	if (status != CTL_OK)
		top_round_drop(round);
	return status;
}

/* What is said about a view only is left out of it; without status and stats there is none. */
static void take_error(struct top_round *round, json_int_t id, json_t *error)
{
	const char *name = json_string_value(json_object_get(error, "name"));
	const char *message = json_string_value(json_object_get(error, "message"));

	if (id == ID_ZONES) {
		json_decref(round->zones);
		round->zones = NULL;
	}
	if (id >= ID_ZONES || round->refused != CTL_OK)
		return;
	round->refused = name && strcmp(name, "denied") == 0 ? CTL_DENIED : CTL_FAILED;
	snprintf(round->error, sizeof(round->error), "%s",
		message ? message : "arpad gave no reason");
}

static void take_result(struct top_round *round, json_int_t id, json_t *result)
{
	if (id == ID_STATUS && !round->status) {
		round->status = json_incref(result);
	} else if (id == ID_STATS && !round->stats) {
		round->stats = json_incref(result);
	} else if (id == ID_ZONES && round->zones) {
		json_array_extend(round->zones, result);
	} else if (id >= ID_TOP && top_traffic_what((unsigned)(id - ID_TOP))) {
		if (!round->top)
			round->top = json_object();
		json_object_set(round->top, top_traffic_what((unsigned)(id - ID_TOP)), result);
	}
}

static void take_reply(struct top_round *round, json_t *reply)
{
	json_int_t id = json_integer_value(json_object_get(reply, "id"));
	json_t *error = json_object_get(reply, "error");

	if (error)
		take_error(round, id, error);
	else
		take_result(round, id, json_object_get(reply, "result"));
	if (!json_is_true(json_object_get(reply, "more")) && round->owed)
		round->owed--;
}

enum ctl_status top_round_take(struct top_round *round)
{
	enum ctl_status status = CTL_OK;
	struct span line = {NULL, 0};

	while (round->owed) {
		json_t *reply;

		status = client_poll_line(&round->client, &line);
		if (status != CTL_OK || !line.at)
			break;
		reply = json_loadb(line.at, line.bytes, 0, NULL);
		take_reply(round, reply);
		json_decref(reply);
	}
	if (status != CTL_OK)
		top_round_drop(round);
	return status;
}
