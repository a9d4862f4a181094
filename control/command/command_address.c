/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * address.add, address.remove, address.list, server.drain, server.undrain: where we answer, until
 * we end. They are no changes of records: nothing of them is stored.
 */
#include "control/command/command_method.h"
#include "control/log.h"

#include <string.h>

static const char kept_by[] = "until arpad ends; listen.addresses of the configuration keeps it";

static json_t *sources(const struct command *command, uint64_t flags)
{
	json_t *list = json_array();

	if (flags & ADDRESS_CONFIGURED)
		json_array_append_new(list, json_string("configuration"));
	for (unsigned i = 0; i < FOLLOW_INTERFACES_MAX; i++)
		if (flags & (uint64_t)ADDRESS_FOLLOWED << i)
			json_array_append_new(
				list, json_sprintf("interface %s", command->interfaces[i]));
	if (flags & ADDRESS_COMMANDED)
		json_array_append_new(list, json_string("arpactl"));
	return list;
}

static json_t *row(const struct dns_listener_address *address)
{
	char text[ADDRESS_BOOK_TEXT_BYTES];

	return json_pack(
		"{s:s, s:i}", "address", address_book_text(address, text), "port", address->port);
}

/* Who wants the address now: nobody, when it is given up. */
static json_t *state_of(const struct command *command, const struct dns_listener_address *address)
{
	const struct address_book *book = command->addresses(command->context);
	long index = address_book_find(book, address);

	return sources(command, index < 0 ? 0 : book->sources[index]);
}

static json_t *change(struct session *session, json_t *params, bool add, struct failure *failure)
{
	const struct command *command = session->command;
	struct dns_listener_address address;
	json_t *result;
	int done;

	if (address_book_parse(command->addresses(command->context), param_text(params, "address"),
		    &address, failure) != 0)
		return NULL;
	done = command->change_address(command->context, &address, add, failure);
	if (done < 0)
		return NULL;
	result = row(&address);
	json_object_set_new(result, "changed", json_boolean(done));
	json_object_set_new(result, "sources", state_of(command, &address));
	if (add)
		json_object_set_new(result, "kept", json_string(kept_by));
	if (!result)
		return command_no_memory(failure);
	if (done)
		log_event(LOG_INFO, "address",
			LOG_FIELDS(LOG_TEXT_FIELD("address", param_text(params, "address")),
				LOG_TEXT_FIELD("change", add ? "added" : "removed")),
			"address %s: %s", add ? "added" : "removed", param_text(params, "address"));
	return result;
}

static json_t *add(struct session *session, json_t *params, struct failure *failure)
{
	return change(session, params, true, failure);
}

static json_t *remove_one(struct session *session, json_t *params, struct failure *failure)
{
	return change(session, params, false, failure);
}

/* At most 4096 short rows: one reply, so that it is the state of one moment. */
static json_t *list(struct session *session, json_t *params, struct failure *failure)
{
	const struct command *command = session->command;
	const struct address_book *book = command->addresses(command->context);
	json_t *rows = json_array();

	(void)params;
	for (size_t i = 0; i < book->count; i++) {
		json_t *item = row(&book->addresses[i]);

		json_object_set_new(item, "sources", sources(command, book->sources[i]));
		if (json_array_append_new(rows, item) != 0) {
			json_decref(rows);
			return command_no_memory(failure);
		}
	}
	return rows ? rows : command_no_memory(failure);
}

static json_t *steer(struct session *session, bool drain, struct failure *failure)
{
	const struct command *command = session->command;
	struct command_steering steering = {.steered = false};
	int done = command->drain(command->context, drain, &steering, failure);
	json_t *result;

	if (done < 0)
		return NULL;
	result = json_pack("{s:s, s:b, s:i}", "steering",
		!steering.steered ? "none"
			: drain	  ? "draining"
				  : "on",
		"changed", done, "delay_ms", (int)steering.delay_ms);
	return result ? result : command_no_memory(failure);
}

static json_t *drain(struct session *session, json_t *params, struct failure *failure)
{
	(void)params;
	return steer(session, true, failure);
}

static json_t *undrain(struct session *session, json_t *params, struct failure *failure)
{
	(void)params;
	return steer(session, false, failure);
}

static const struct param no_params[] = {
	{NULL, PARAM_TEXT, false},
};

static const struct param address_params[] = {
	{"address", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

const struct method command_address_methods[] = {
	{.name = "address.add",
		.kind = METHOD_ACT,
		.roles = ALLOW_CHANGE,
		.params = address_params,
		.run = add},
	{.name = "address.remove",
		.kind = METHOD_ACT,
		.roles = ALLOW_CHANGE,
		.params = address_params,
		.run = remove_one},
	{.name = "address.list",
		.kind = METHOD_READ,
		.roles = ALLOW_READ,
		.params = no_params,
		.run = list},
	{.name = "server.drain",
		.kind = METHOD_ACT,
		.roles = ALLOW_CHANGE,
		.params = no_params,
		.run = drain},
	{.name = "server.undrain",
		.kind = METHOD_ACT,
		.roles = ALLOW_CHANGE,
		.params = no_params,
		.run = undrain},
	{.name = NULL},
};
