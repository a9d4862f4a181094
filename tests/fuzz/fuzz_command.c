/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines of the control protocol against a real store. A reply must come for each, be one line of
 * JSON, and hold either a result or an error.
 */
#include "control/command/command_txn.h"
#include "control/command/request.h"
#include "control/command/txn.h"
#include "control/command/txn_run.h"
#include "control/config/config_problems.h"
#include "control/config/config_report.h"
#include "control/log.h"
#include "control/metrics/request_counts.h"
#include "control/observer/tally.h"
#include "control/reclaim.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNNING "listen: {addresses: [192.0.2.53]}\n"

static struct command command;
static struct serving serving;
static struct table *table;
static struct reclaim *reclaim;
static const struct config config = {.port = 53};
static struct address_book book;
static struct request_counts counts;
static char folder[] = "/tmp/arpad-fuzz-command-XXXXXX";

static uint64_t start(void *context)
{
	(void)context;
	return 0;
}

static bool passed(void *context, uint64_t token)
{
	(void)context;
	(void)token;
	return true;
}

static void gather(void *context, struct report_facts *facts)
{
	(void)context;
	facts->ready = true;
}

static void ignore(void *context)
{
	(void)context;
}

static void poll_update(void *context)
{
	(void)context;
	update_poll(command.update);
}

static const struct address_book *addresses(void *context)
{
	(void)context;
	return &book;
}

static int change_address(void *context, const struct dns_listener_address *address, bool add,
	struct failure *failure)
{
	(void)context;
	return add ? address_book_add(&book, address, failure)
		   : address_book_remove(&book, address, &config, failure);
}

static int drain(
	void *context, bool drain, struct command_steering *steering, struct failure *failure)
{
	(void)context;
	*steering = (struct command_steering){.steered = true};
	return drain ? 1 : failure_set(failure, FAILURE_INVALID, "no port is steered");
}

static json_t *health(void *context)
{
	(void)context;
	return json_pack("{s:b, s:[]}", "ready", 1, "reasons");
}

static struct config *parse(const char *text)
{
	struct config_problems problems;
	struct failure failure;
	struct config *parsed;

	if (config_parse(text, strlen(text), &parsed, &problems, &failure) != 0)
		abort();
	return parsed;
}

static json_t *show_config(
	void *context, const char *key, size_t first, size_t most, struct failure *failure)
{
	struct config *running = parse(RUNNING);
	json_t *rows = config_report_show(running, running, key, first, most);

	(void)context;
	(void)failure;
	config_free(running);
	return rows;
}

/* Of config.diff and config.reload: one key has changed. */
static json_t *diff_config(void *context, struct failure *failure)
{
	struct config *running = parse(RUNNING), *next = parse(RUNNING "log: {level: error}\n");
	json_t *rows = config_report_diff(running, running, next);

	(void)context;
	(void)failure;
	config_free(running);
	config_free(next);
	return rows;
}

static void close_all(void)
{
	struct dirent *entry;
	DIR *directory;

	address_book_free(&book);
	tally_free(command.tally);
	update_free(command.update);
	reclaim_free(reclaim);
	table_free(table);
	store_close(command.store);
	directory = opendir(folder);
	while (directory && (entry = readdir(directory)) != NULL)
		unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory)
		closedir(directory);
	rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint8_t seed[TABLE_SEED_BYTES] = {1};
	static const char *const ns[] = {"ns.example."};
	static const struct zone_defaults zones = {NULL, "h.example.", ns, 1, 1, 1, 1, 1, 1};
	static const struct follow_addresses nothing;
	const struct grace grace = {start, passed, NULL};
	struct failure failure;

	(void)argc;
	(void)argv;
	log_set_level(LOG_ERROR);
	if (!mkdtemp(folder) || store_open(folder, &command.store, &failure) != 0)
		abort();
	if (address_book_make(&book, &config, &nothing, NULL, NULL, &failure) != 0)
		abort();
	atexit(close_all);
	table = table_new(1, seed);
	reclaim = reclaim_new(&grace);
	serving.table = table;
	command.update = update_new(command.store, table, &serving, reclaim);
	if (!command.update || update_load(command.update, &failure) != 0)
		abort();
	command.zones = &zones;
	command.gather = gather;
	command.stop = ignore;
	command.changed = poll_update;
	command.addresses = addresses;
	command.change_address = change_address;
	command.drain = drain;
	command.show_config = show_config;
	command.diff_config = diff_config;
	command.reload = diff_config;
	command.health = health;
	command.tally = tally_new();
	command.counts = &counts;
	return 0;
}

static void check_reply(struct request *request)
{
	enum request_progress progress = REQUEST_MORE;

	while (progress == REQUEST_MORE) {
		struct text line = {.octets = NULL};
		json_t *reply;

		progress = request_reply(request, &line);
		if (progress == REQUEST_WAIT && line.bytes == 0) {
			text_free(&line);
			break;
		}
		if (line.failed ||
			memchr(line.octets, '\n', line.bytes) != line.octets + line.bytes - 1)
			abort();
		reply = json_loadb(line.octets, line.bytes, 0, NULL);
		if (!json_object_get(reply, "result") == !json_object_get(reply, "error"))
			abort();
		json_decref(reply);
		text_free(&line);
	}
	request_free(request);
}

/* The octets that stand for the transaction that is open while an input is read. */
static const char placeholder[] = "txntxntx";

static const char *begin_transaction(void)
{
	static const struct actor admin = {.role = ROLE_ADMIN};
	struct failure failure;
	struct txn *txn;

	if (!command.txns)
		command.txns = txns_new();
	txn = command.txns
		? txns_begin(command.txns, &admin, TXN_TIMEOUT_MAX_S, txn_run_now(), 0, &failure)
		: NULL;
	if (!txn)
		abort();
	return txn->id;
}

/* A copy of the input with the transaction's name in it, for free(). */
static char *with_transaction(const uint8_t *data, size_t size, const char *id)
{
	const size_t bytes = sizeof(placeholder) - 1;
	char *copy = malloc(size + 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	for (size_t at = 0; at + bytes <= size; at++)
		if (memcmp(copy + at, placeholder, bytes) == 0)
			memcpy(copy + at, id, bytes);
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session *session = command_session_new(&command);
	char *lines = with_transaction(data, size, begin_transaction());
	const char *from = lines, *end = from + size;

	while (from < end) {
		const char *newline = memchr(from, '\n', (size_t)(end - from));
		size_t length = (size_t)((newline ? newline : end) - from);
		struct request *request = request_parse(session, from, length), *next;

		for (; request; request = next) {
			next = request->next;
			command_run(&command, &request, 1);
			check_reply(request);
		}
		from += length + 1;
	}
	command_session_free(session);
	command_txn_end(&command); /* also those that the input began */
	free(lines);
	return 0;
}
