/* SPDX-License-Identifier: BSD-3-Clause */
/* From one configuration to the next, or to none of it. */
#include "control/reload.h"

#include "control/address/answering.h"
#include "control/config/config_report.h"
#include "control/health/health.h"
#include "control/log.h"

#include <stdlib.h>

/* What the addresses may be depends on it: they were checked for the other way of serving. */
static int same_way(const struct config *boot, const struct config *next, struct failure *failure)
{
	if (!boot->port_count == !next->port_count)
		return 0;
	return failure_set(failure, FAILURE_INVALID, "serving %s ports needs a restart",
		next->port_count ? "with" : "without");
}

static void log_rows(enum log_level level, const json_t *rows, const char *sentence)
{
	const json_t *row;
	size_t index;

	json_array_foreach (rows, index, row) {
		char *from = json_dumps(json_object_get(row, "from"), JSON_ENCODE_ANY);
		char *to = json_dumps(json_object_get(row, "to"), JSON_ENCODE_ANY);
		const char *key = json_string_value(json_object_get(row, "key"));

		if (level == LOG_WARNING)
			log_event(LOG_WARNING, "reload-restart",
				LOG_FIELDS(LOG_TEXT_FIELD("key", key),
					LOG_TEXT_FIELD("from", from ? from : ""),
					LOG_TEXT_FIELD("to", to ? to : "")),
				"reload: %s has changed from %s to %s; %s", key, from ? from : "",
				to ? to : "", sentence);
		else
			log_event(LOG_INFO, "reload-applied",
				LOG_FIELDS(LOG_TEXT_FIELD("key", key),
					LOG_TEXT_FIELD("from", from ? from : ""),
					LOG_TEXT_FIELD("to", to ? to : "")),
				"reload: %s has changed from %s to %s", key, from ? from : "",
				to ? to : "");
		free(from);
		free(to);
	}
}

static int read_next(struct server *server, struct config **next, struct failure *failure)
{
	if (config_load(server->config_path, next, failure) != 0)
		return -1;
	if (same_way(server->boot, *next, failure) == 0)
		return 0;
	config_free(*next);
	return -1;
}

static json_t *difference(struct server *server, const struct config *next, struct failure *failure)
{
	json_t *rows = config_report_diff(server->boot, server->config, next);

	if (!rows)
		failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	return rows;
}

json_t *reload_show(
	void *context, const char *key, size_t first, size_t most, struct failure *failure)
{
	const struct server *server = context;
	json_t *rows = config_report_show(server->boot, server->config, key, first, most);

	if (!rows)
		failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	return rows;
}

json_t *reload_difference(void *context, struct failure *failure)
{
	struct server *server = context;
	struct config *next;
	json_t *rows;

	if (read_next(server, &next, failure) != 0)
		return NULL;
	rows = difference(server, next, failure);
	config_free(next);
	return rows;
}

static void apply(struct server *server, struct config *next)
{
	struct config *old = server->config;

	server->config = next;
	server->command.zones = &next->zones;
	server->command.name_syntax = next->name_syntax;
	update_set_ttl(server->update, next->zones.ttl);
	server->command.interfaces = next->interfaces;
	update_set_journal(server->update, &next->journal);
	server->command.access = &next->access;
	server->command.access_version++;
	log_set_level(next->log_level);
	log_set_format(next->log_format);
	if (old == server->boot)
		return;
	old->older = server->replaced;
	server->replaced = old;
}

void reload_settle(struct server *server)
{
	while (server->replaced) {
		struct config *old = server->replaced;

		server->replaced = old->older;
		config_free(old);
	}
}

static json_t *reload(struct server *server, struct failure *failure)
{
	json_t *rows = NULL;
	struct config *next;

	if (read_next(server, &next, failure) == 0) {
		rows = difference(server, next, failure);
		if (!rows || answering_reload(server, next, failure) != 0) {
			config_free(next);
			json_decref(rows);
			rows = NULL;
		}
	}
	if (!rows) {
		log_event(LOG_ERROR, "reload-refused", NULL, "reload: nothing has changed: %s",
			failure->text);
		return NULL;
	}
	apply(server, next);
	log_rows(LOG_INFO, json_object_get(rows, "applied"), NULL);
	log_rows(LOG_WARNING, json_object_get(rows, "restart"),
		"it takes effect when arpad is restarted");
	log_event(LOG_INFO, "reload", LOG_FIELDS(LOG_NUMBER_FIELD("addresses", server->book.count)),
		"reload: done: %zu addresses%s", server->book.count,
		server->draining ? ", draining as before" : "");
	return rows;
}

json_t *reload_config(void *context, struct failure *failure)
{
	struct server *server = context;
	json_t *rows;

	health_reloading(server, false);
	rows = reload(server, failure);
	health_reloading(server, true);
	return rows;
}
