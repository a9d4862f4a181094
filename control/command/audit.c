/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/audit.h"

#include "control/log.h"

static void add_actor(const struct actor *actor)
{
	log_batch_text("user", actor->name);
	log_batch_text("role", actor_role_name(actor->role));
	if (actor->tenant)
		log_batch_text("tenant", actor->tenant->name);
}

/* The parameters that say what the change was made to, of whatever method. */
static void add_object(json_t *params)
{
	static const char *const names[] = {"address", "prefix", "zone", "txn"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = param_text(params, names[i]);

		if (value)
			log_batch_text(names[i], value);
	}
}

static void add_line(const struct request *request)
{
	log_batch_line(request->sequence ? "change" : "act");
	if (request->sequence)
		log_batch_number("seq", (long long)request->sequence);
	add_actor(&request->session->actor);
	log_batch_text("method", request->method->name);
	add_object(request->params);
	log_batch_line_end();
}

void audit_changes(struct request *const *requests, size_t count)
{
	if (!log_wants(LOG_INFO))
		return;
	log_batch_begin(LOG_INFO);
	for (size_t i = 0; i < count; i++)
		if (requests[i]->sequence && !request_failed(requests[i]))
			add_line(requests[i]);
	log_batch_end();
}

void audit_act(const struct request *request)
{
	if (!log_wants(LOG_INFO))
		return;
	log_batch_begin(LOG_INFO);
	add_line(request);
	log_batch_end();
}
