/* SPDX-License-Identifier: BSD-3-Clause */
/* Grace periods pass at once: nobody reads. */
#include "tests/control/backend.h"

#include "control/command/command_txn.h"
#include "control/config/config_problems.h"
#include "control/config/config_report.h"
#include "control/health/readiness.h"
#include "control/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	struct backend *backend = context;

	facts->start_id = "0123456789abcdef";
	facts->started_ms = 1000;
	facts->time_ms = process_time_ms();
	facts->monotonic_ms = process_monotonic_ms();
	facts->ready = true;
	facts->sequence = store_sequence(backend->store);
	facts->rrsets = store_rrsets(backend->store);
	facts->table = table_counts(backend->table);
	facts->waiting = reclaim_waiting(backend->reclaim);
}

static void stop(void *context)
{
	struct backend *backend = context;

	backend->stops++;
}

static const struct address_book *addresses(void *context)
{
	const struct backend *backend = context;

	return &backend->book;
}

static int change_address(void *context, const struct dns_listener_address *address, bool add,
	struct failure *failure)
{
	struct backend *backend = context;

	return add ? address_book_add(&backend->book, address, failure)
		   : address_book_remove(&backend->book, address, &backend->config, failure);
}

static int drain(
	void *context, bool drain, struct command_steering *steering, struct failure *failure)
{
	struct backend *backend = context;

	(void)failure;
	*steering = (struct command_steering){.steered = backend->steered};
	if (backend->draining == drain)
		return 0;
	backend->draining = drain;
	steering->delay_ms = drain && backend->steered ? backend->drain_delay_ms : 0;
	return 1;
}

static struct config *parse(const char *text, struct failure *failure)
{
	struct config_problems problems;
	struct config *config;

	config_parse(text, strlen(text), &config, &problems, failure);
	return config;
}

static json_t *show_config(
	void *context, const char *key, size_t first, size_t most, struct failure *failure)
{
	struct backend *backend = context;
	struct config *config = parse(backend->running, failure);
	json_t *rows = config_report_show(config, config, key, first, most);

	config_free(config);
	return rows;
}

static json_t *diff_config(void *context, struct failure *failure)
{
	struct backend *backend = context;
	struct config *now = parse(backend->running, failure),
		      *next = parse(backend->file, failure);
	json_t *rows = next ? config_report_diff(now, now, next) : NULL;

	config_free(now);
	config_free(next);
	return rows;
}

static json_t *reload(void *context, struct failure *failure)
{
	struct backend *backend = context;
	json_t *rows = diff_config(context, failure);

	if (rows)
		backend->running = backend->file;
	return rows;
}

static json_t *health(void *context)
{
	const struct backend *backend = context;

	return backend->draining ? json_pack("{s:b, s:[{s:s, s:s}]}", "ready", 0, "reasons",
					   "reason", readiness_name(READINESS_DRAINING), "why",
					   readiness_sentence(READINESS_DRAINING))
				 : json_pack("{s:b, s:[]}", "ready", 1, "reasons");
}

static void make_book(struct backend *backend)
{
	static struct dns_listener_address configured = {
		.address = {.family = 4, .bytes = {192, 0, 2, 53}}, .port = 53};
	static const char *const interfaces[] = {"lo"};
	struct follow_address on_lo = {.address = {.family = 4, .bytes = {192, 0, 2, 54}}, 1};
	const struct follow_addresses followed = {.at = &on_lo, .count = 1};
	struct failure failure;

	backend->config = (struct config){.addresses = &configured,
		.address_count = 1,
		.port = 53,
		.interfaces = interfaces,
		.interface_count = 1};
	assert_int_equal(address_book_make(
				 &backend->book, &backend->config, &followed, NULL, NULL, &failure),
		0);
}

static void changed(void *context)
{
	struct backend *backend = context;

	update_poll(backend->update);
}

static void open_parts(struct backend *backend)
{
	static const uint8_t seed[TABLE_SEED_BYTES] = {1};
	static const char *const ns[] = {"ns1.example.net."};
	const struct grace grace = {start, passed, NULL};
	struct failure failure;

	if (store_open(backend->folder, &backend->store, &failure) != 0)
		fail_msg("%s", failure.text);
	backend->table = table_new(4, seed);
	backend->serving.table = backend->table;
	backend->reclaim = reclaim_new(&grace);
	backend->update =
		update_new(backend->store, backend->table, &backend->serving, backend->reclaim);
	assert_non_null(backend->update);
	if (update_load(backend->update, &failure) != 0)
		fail_msg("%s", failure.text);
	backend->zones = (struct zone_defaults){
		NULL, "hostmaster.example.net.", ns, 1, 3600, 900, 1209600, 300, 3600};
	backend->command = (struct command){
		.store = backend->store,
		.update = backend->update,
		.zones = &backend->zones,
		.gather = gather,
		.stop = stop,
		.changed = changed,
		.addresses = addresses,
		.interfaces = backend->config.interfaces,
		.change_address = change_address,
		.drain = drain,
		.show_config = show_config,
		.diff_config = diff_config,
		.reload = reload,
		.health = health,
		.context = backend,
	};
}

static void close_parts(struct backend *backend)
{
	command_txn_end(&backend->command);
	update_free(backend->update);
	reclaim_free(backend->reclaim);
	table_free(backend->table);
	store_close(backend->store);
}

void backend_open(struct backend *backend)
{
	memset(backend, 0, sizeof(*backend));
	backend->steered = true;
	backend->running = backend->file = "listen: {addresses: [192.0.2.53]}\n";
	make_book(backend);
	strcpy(backend->folder, "/tmp/arpad-test-backend-XXXXXX");
	assert_non_null(mkdtemp(backend->folder));
	open_parts(backend);
}

void backend_reopen(struct backend *backend)
{
	close_parts(backend);
	open_parts(backend);
}

void backend_close(struct backend *backend)
{
	struct dirent *entry;
	DIR *folder;

	close_parts(backend);
	address_book_free(&backend->book);
	folder = opendir(backend->folder);
	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	assert_int_equal(rmdir(backend->folder), 0);
}
