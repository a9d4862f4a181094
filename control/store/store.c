/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store: opening, refusals, numbers. LMDB writes copies of pages, syncs them, and only then the
 * root that names them; so what a crash leaves is the last commit, and the log has what came after.
 * Its default flags are what makes that safe: none that skips a sync may ever be set.
 */
#include "control/store/store.h"

#include "control/log.h"
#include "control/store/store_files.h"
#include "control/store/store_lmdb.h"
#include "control/store/store_upgrade.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	CLOSE_WAIT_MS = 60000, /* a stop waits for no broken disk: the log has all */
};

/* LMDB says EIO where a write was cut short, as it is when the disk fills up in the middle of it.
 */
static bool disk_is_full(const struct store *store)
{
	enum { ROOM_BYTES = 1 << 16 }; /* where writes still fit, EIO is a real one */
	struct statvfs disk;

	return statvfs(store->directory, &disk) == 0 &&
		disk.f_bavail * (uint64_t)disk.f_frsize < ROOM_BYTES;
}

int store_refuse(const struct store *store, int error, const char *action, struct failure *failure)
{
	if (error == EIO && disk_is_full(store))
		error = ENOSPC;
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return failure_set(failure, FAILURE_STORE_FULL,
			"no room left for the store %s: make room on its disk (%s: %s)",
			store->directory, action, mdb_strerror(error));
	case EBUSY:
		return failure_set(failure, FAILURE_BUSY,
			"the store %s is busy with something else; try again later",
			store->directory);
	case ENOMEM:
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the store %s (%s)",
			store->directory, action);
	case MDB_PANIC:
		return failure_set(failure, FAILURE_STORE_ERROR,
			"the store %s can't be used after a disk error: mend the disk; arpad "
			"tries again by itself",
			store->directory);
	default:
		return failure_set(failure, FAILURE_STORE_ERROR, "the store %s: can't %s: %s",
			store->directory, action, mdb_strerror(error));
	}
}

int store_refuse_damage(const struct store *store, const char *what, struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store %s is damaged: %s; restore it from a backup", store->directory, what);
}

/* ---- The head: name -> number, in STORE_META ---- */

static int put_head(struct store *store, MDB_txn *txn, const char *name, uint64_t number)
{
	uint8_t octets[8];
	MDB_val key = {strlen(name), (void *)(uintptr_t)name}, value = {sizeof(octets), octets};

	wire_put32(octets, (uint32_t)(number >> 32));
	wire_put32(octets + 4, (uint32_t)number);
	return mdb_put(txn, store->tables[STORE_META], &key, &value, 0);
}

/* 0, MDB_NOTFOUND, MDB_CORRUPTED for a value of another size, or an LMDB error. */
static int get_head(struct store *store, MDB_txn *txn, const char *name, uint64_t *number)
{
	MDB_val key = {strlen(name), (void *)(uintptr_t)name}, value;
	int error = mdb_get(txn, store->tables[STORE_META], &key, &value);

	if (error != 0)
		return error;
	if (value.mv_size != 8)
		return MDB_CORRUPTED;
	*number = (uint64_t)wire_get32(value.mv_data) << 32 |
		wire_get32((const uint8_t *)value.mv_data + 4);
	return 0;
}

static bool has_rrsets(struct store *store, MDB_txn *txn)
{
	MDB_stat status = {0};

	return mdb_stat(txn, store->tables[STORE_RRSETS], &status) != 0 || status.ms_entries > 0;
}

static int refuse_format(const struct store *store, uint64_t version, struct failure *failure)
{
	if (version > STORE_FORMAT)
		return failure_set(failure, FAILURE_STORE_ERROR,
			"the store %s has format %llu, and this arpad reads formats up to %d; run "
			"the newer arpad, or give this one another directory",
			store->directory, (unsigned long long)version, STORE_FORMAT);
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store %s has format %llu of a test version, and this arpad reads %d and %d; "
		"export its zones with that version and import them into a new directory",
		store->directory, (unsigned long long)version, STORE_FORMAT_OLDEST, STORE_FORMAT);
}

/* A store's own number keeps it from taking the frames of another's log for its own. */
static int name_store(struct store *store, MDB_txn *txn, uint64_t *identity)
{
	int error = get_head(store, txn, "identity", identity);

	if (error != MDB_NOTFOUND)
		return error;
	if (getrandom(identity, sizeof(*identity), 0) != sizeof(*identity))
		return errno;
	return put_head(store, txn, "identity", *identity);
}

struct head {
	uint64_t format, identity;
};

/* Reads the head of an old store, or writes that of a new one. */
static int settle_head(
	struct store *store, MDB_txn *txn, struct head *head, struct failure *failure)
{
	uint64_t version = 0, sequence;
	int error = get_head(store, txn, "format", &version);

	if (error == MDB_NOTFOUND && !has_rrsets(store, txn)) {
		version = STORE_FORMAT;
		error = put_head(store, txn, "format", STORE_FORMAT);
		if (error == 0)
			error = put_head(store, txn, "sequence", 0);
	}
	if (error == 0 && version != 0 && (version > STORE_FORMAT || version < STORE_FORMAT_OLDEST))
		return refuse_format(store, version, failure);
	head->format = version;
	if (error == 0)
		error = get_head(store, txn, "sequence", &sequence);
	if (error == 0)
		error = name_store(store, txn, &head->identity);
	if (error == 0)
		error = get_head(store, txn, "log", &store->number);
	if (error == MDB_NOTFOUND && version != 0)
		error = 0;
	if (error == MDB_NOTFOUND || error == MDB_CORRUPTED || (error == 0 && version == 0))
		return store_refuse_damage(store, "its head is unreadable", failure);
	return error == 0 ? 0 : store_refuse(store, error, "read its head", failure);
}

static int open_head(struct store *store, struct head *head, struct failure *failure)
{
	MDB_txn *txn;
	int error = mdb_txn_begin(store->environment, NULL, 0, &txn);

	if (error != 0)
		return store_refuse(store, error, "begin a transaction", failure);
	error = store_environment_tables(store, txn, MDB_CREATE);
	if (error != 0)
		store_refuse(store, error, "open its databases", failure);
	else if (settle_head(store, txn, head, failure) != 0)
		error = -1;
	if (error != 0) {
		mdb_txn_abort(txn);
		return -1;
	}
	error = mdb_txn_commit(txn);
	return error == 0 ? 0 : store_refuse(store, error, "commit", failure);
}

/* ---- The log ---- */

static int replay_frame(void *context, const struct store_frame *frame)
{
	struct store *store = context;
	struct store_frame_write write;
	size_t at = 0;
	int more, error = 0;

	while ((more = store_frame_next(frame, &at, &write)) == 1 && error == 0)
		error = store_kv_apply(store, &write);
	store_recent_forget(store->maps[0]->recent);
	if (more < 0)
		return STORE_LOG_DAMAGED;
	return error;
}

static int open_log(struct store *store, uint64_t identity, struct failure *failure)
{
	uint64_t after = store->number;
	int error = -store_log_open(store->directory, identity, &store->log);

	if (error != 0)
		return store_refuse(store, error, "open its log", failure);
	error = store_log_replay(store->log, after, replay_frame, store, &store->number);
	if (error == STORE_LOG_DAMAGED)
		return store_refuse_damage(
			store, "its log lacks changes that came before others it has", failure);
	if (error != 0)
		return store_refuse(store, error < 0 ? -error : error, "read its log", failure);
	if (store->number > after)
		log_event(LOG_INFO, "store-replayed",
			LOG_FIELDS(LOG_TEXT_FIELD("directory", store->directory),
				LOG_NUMBER_FIELD("commits", store->number - after)),
			"the store %s: %llu commits are taken from its log", store->directory,
			(unsigned long long)(store->number - after));
	return 0;
}

/* ---- Open and close ---- */

/* In one transaction, after what the log has in the old format. */
static int upgrade(struct store *store, uint64_t format, struct failure *failure)
{
	if (format == STORE_FORMAT)
		return 0;
	if (store_begin(store, failure) != 0 || store_bulk_begin(store, failure) != 0 ||
		store_upgrade(store, format, failure) != 0 ||
		store_kv_put_number(store, "format", STORE_FORMAT, failure) != 0)
		return -1;
	return store_commit(store, failure);
}

static int set_up(struct store *store, struct failure *failure)
{
	struct head head = {0};

	store_compact_clean(store);
	if (open_head(store, &head, failure) != 0 ||
		store_files_sync(store->directory, failure) != 0)
		return -1;
	store->rrsets = store_batch_count(store);
	if (store_flush_grow(store) != 0)
		return store_refuse(store, ENOMEM, "open it", failure);
	if (open_log(store, head.identity, failure) != 0 ||
		store_kv_get_number(store, "sequence", &store->sequence, failure) < 0)
		return -1;
	store->thread = store_thread_start();
	if (store->thread == NULL)
		return store_refuse(store, errno, "start its thread", failure);
	/* What was replayed is read from the map until LMDB has it. */
	store_flush_seal(store);
	store_flush_settle(store, true);
	return upgrade(store, head.format, failure);
}

int store_open(const char *directory, struct store **opened, struct failure *failure)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store != NULL) {
		store->lock = -1;
		store->directory = strdup(directory);
	}
	if (store == NULL || store->directory == NULL) {
		free(store);
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the store");
	}
	store->lock = store_files_lock(directory, failure);
	if (store->lock < 0 || store_environment_open(store, failure) != 0 ||
		set_up(store, failure) != 0) {
		store_close(store);
		return -1;
	}
	*opened = store;
	return 0;
}

const char *store_directory(const struct store *store)
{
	return store->directory;
}

/* The maps are gone after this; what LMDB does not have, the log does. */
static void close_maps(struct store *store)
{
	bool needed = true;

	if (store->thread != NULL) {
		needed = store_flush_all(store, CLOSE_WAIT_MS) != 0;
		store_thread_stop(store->thread);
	}
	for (unsigned i = 0; i < store->map_count; i++) {
		if (store->log != NULL)
			store_log_release(store->log, store->maps[i]->segments);
		store_map_drop(store->maps[i]);
	}
	store_log_close(store->log, needed);
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_abort(store);
	close_maps(store);
	store_reader_drop(store);
	if (store->environment != NULL)
		mdb_env_close(store->environment);
	if (store->lock >= 0)
		close(store->lock);
	free(store->batch.frame);
	free(store->directory);
	free(store);
}

bool store_at_work(struct store *store, uint64_t *cpu_ns)
{
	return store_thread_at_work(store->thread, cpu_ns);
}

struct entering {
	void (*enter)(void *context);
	void *context;
};

static void enter_job(void *context)
{
	const struct entering *entering = context;

	entering->enter(entering->context);
}

void store_enter(struct store *store, void (*enter)(void *context), void *context)
{
	struct entering entering = {enter, context};

	while (!store_thread_wait(store->thread, CLOSE_WAIT_MS))
		continue;
	store_flush_result(store);
	store_thread_give(store->thread, enter_job, &entering);
	while (!store_thread_wait(store->thread, CLOSE_WAIT_MS))
		continue;
}

size_t store_rrsets(struct store *store)
{
	return store_is_bulk(store) ? store_batch_count(store) : store->rrsets;
}

uint64_t store_sequence(struct store *store)
{
	return store->sequence;
}

int store_next_sequence(struct store *store, uint64_t *sequence, struct failure *failure)
{
	if (store_kv_put_number(store, "sequence", store->sequence + 1, failure) != 0)
		return -1;
	*sequence = ++store->sequence;
	return 0;
}

int store_next_zone(struct store *store, uint32_t *zone, struct failure *failure)
{
	uint64_t last = 0;

	if (store_kv_get_number(store, "last-zone", &last, failure) < 0)
		return -1;
	*zone = (uint32_t)last + 1;
	return store_kv_put_number(store, "last-zone", last + 1, failure);
}
