/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store: opening, transactions, the sequence number. LMDB writes copies of pages, syncs them,
 * and only then the root that names them; so what a crash leaves is the last commit. Its default
 * flags are what makes an acknowledged change safe: none that skips a sync may ever be set.
 */
#include "control/store.h"

#include "control/store_codec.h"
#include "control/store_files.h"
#include "control/store_lmdb.h"
#include "control/store_upgrade.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FILE_MODE = 0600 };

/*
 * The map is address space, not memory or disk: 1 TiB is room for some ten billion records, so a
 * full map practically means a full disk. Where the machine allows less, what it allows.
 */
static const size_t map_bytes_wanted = (size_t)1 << 40, map_bytes_least = (size_t)1 << 28;

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
	case ENOMEM:
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the store %s (%s)",
			store->directory, action);
	case MDB_PANIC:
		return failure_set(failure, FAILURE_STORE_ERROR,
			"the store %s stopped after a disk error: mend the disk and restart arpad",
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

/* Opens LMDB with the largest map that the machine grants (limits of address space are common). */
static int open_environment(struct store *store)
{
	int error = ENOMEM;

	/* EINVAL is what some emulators say instead of ENOMEM. */
	for (size_t map = map_bytes_wanted;
		map >= map_bytes_least && (error == ENOMEM || error == EINVAL); map /= 2) {
		error = mdb_env_create(&store->environment);
		if (error != 0)
			return error;
		mdb_env_set_maxdbs(store->environment, STORE_TABLES);
		mdb_env_set_mapsize(store->environment, map);
		error = mdb_env_open(store->environment, store->directory, MDB_NOTLS, FILE_MODE);
		if (error != 0) {
			mdb_env_close(store->environment);
			store->environment = NULL;
		}
	}
	return error;
}

/*
 * A page past the file's end would end this process with SIGBUS; as a hole it is all zeros, which
 * LMDB and the codec refuse. A file that short is not always damaged: LMDB does not write a page
 * that one transaction took and gave back.
 */
static int cover_pages(struct store *store, struct failure *failure)
{
	MDB_envinfo info;
	MDB_stat status;
	struct stat file;
	off_t bytes;
	int fd;

	mdb_env_get_fd(store->environment, &fd);
	mdb_env_info(store->environment, &info);
	mdb_env_stat(store->environment, &status);
	bytes = (off_t)(info.me_last_pgno + 1) * status.ms_psize;
	if (fstat(fd, &file) != 0 || (file.st_size < bytes && ftruncate(fd, bytes) != 0))
		return store_refuse(store, errno, "look at its file", failure);
	return 0;
}

static int put_meta(struct store *store, const char *name, uint64_t number)
{
	uint8_t octets[8];
	MDB_val key = {strlen(name), (void *)(uintptr_t)name}, value = {sizeof(octets), octets};

	wire_put32(octets, number >> 32);
	wire_put32(octets + 4, (uint32_t)number);
	return mdb_put(store_write_transaction(store), store->tables[STORE_META], &key, &value, 0);
}

/* 0, MDB_NOTFOUND, MDB_CORRUPTED for a value of another size, or an LMDB error. */
static int get_meta(struct store *store, const char *name, uint64_t *number)
{
	MDB_val key = {strlen(name), (void *)(uintptr_t)name}, value;
	int error = mdb_get(store_transaction(store), store->tables[STORE_META], &key, &value);

	if (error != 0)
		return error;
	if (value.mv_size != 8)
		return MDB_CORRUPTED;
	*number = (uint64_t)wire_get32(value.mv_data) << 32 |
		wire_get32((const uint8_t *)value.mv_data + 4);
	return 0;
}

int store_next_zone(struct store *store, uint32_t *zone)
{
	uint64_t last = 0;
	int error = get_meta(store, "last-zone", &last);

	if (error != 0 && error != MDB_NOTFOUND)
		return error;
	*zone = (uint32_t)last + 1;
	return put_meta(store, "last-zone", last + 1);
}

static int open_databases(struct store *store)
{
	static const char *const names[STORE_TABLES] = {
		[STORE_META] = "meta",
		[STORE_ZONES] = "zone",
		[STORE_RRSETS] = "rrset",
		[STORE_JOURNAL] = "journal",
		[STORE_GONE] = "gone",
		[STORE_TENANTS] = "tenant",
		[STORE_UNCONFIRMED] = "unconfirmed",
	};
	int error = 0;

	for (unsigned i = 0; i < STORE_TABLES && error == 0; i++)
		error = mdb_dbi_open(
			store_transaction(store), names[i], MDB_CREATE, &store->tables[i]);
	return error;
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

static int upgrade(struct store *store, uint64_t version, struct failure *failure)
{
	int error;

	if (store_upgrade(store, version, failure) != 0)
		return -1;
	error = put_meta(store, "format", STORE_FORMAT);
	return error == 0 ? 0 : store_refuse(store, error, "upgrade its format", failure);
}

/*
 * Reads the head of an old store, or writes that of a new one, in the open transaction. An earlier
 * format is upgraded in it too.
 */
static int settle_format(struct store *store, struct failure *failure)
{
	uint64_t version = 0;
	int error = get_meta(store, "format", &version);

	if (error == MDB_NOTFOUND && store_rrsets(store) == 0) {
		version = STORE_FORMAT;
		error = put_meta(store, "format", STORE_FORMAT);
		if (error == 0)
			error = put_meta(store, "sequence", 0);
	}
	if (error == 0 && version != 0 && (version > STORE_FORMAT || version < STORE_FORMAT_OLDEST))
		return refuse_format(store, version, failure);
	if (error == 0)
		error = get_meta(store, "sequence", &store->sequence);
	if (error == MDB_NOTFOUND || error == MDB_CORRUPTED || (error == 0 && version == 0))
		return store_refuse_damage(store, "its head is unreadable", failure);
	if (error != 0)
		return store_refuse(store, error, "read its head", failure);
	return version < STORE_FORMAT ? upgrade(store, version, failure) : 0;
}

static int set_up(struct store *store, struct failure *failure)
{
	int error;

	if (cover_pages(store, failure) != 0 || store_begin(store, failure) != 0)
		return -1;
	error = open_databases(store);
	if (error != 0)
		return store_refuse(store, error, "open its databases", failure);
	if (settle_format(store, failure) != 0 || store_commit(store, failure) != 0)
		return -1;
	return store_files_sync(store->directory, failure);
}

static int open_locked(struct store *store, struct failure *failure)
{
	int error, stale;

	store->lock = store_files_lock(store->directory, failure);
	if (store->lock < 0)
		return -1;
	error = open_environment(store);
	if (error == MDB_INVALID || error == MDB_CORRUPTED || error == MDB_VERSION_MISMATCH)
		return store_refuse_damage(store, "its file is no LMDB file", failure);
	if (error != 0)
		return store_refuse(store, error, "open it", failure);
	/* Readers that died (a backup that was killed) would keep old pages for ever. */
	mdb_reader_check(store->environment, &stale);
	return set_up(store, failure);
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
	if (open_locked(store, failure) != 0) {
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

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_abort(store);
	if (store->environment != NULL)
		mdb_env_close(store->environment);
	if (store->lock >= 0)
		close(store->lock);
	free(store->directory);
	free(store);
}

int store_begin(struct store *store, struct failure *failure)
{
	int error = mdb_txn_begin(store->environment, NULL, 0, &store->batch);

	if (error != 0)
		return store_refuse(store, error, "begin a transaction", failure);
	store->written = false;
	store->committed_sequence = store->sequence;
	return 0;
}

int store_commit(struct store *store, struct failure *failure)
{
	int error = mdb_txn_commit(store->batch);

	store->batch = NULL;
	if (error != 0) {
		store->sequence = store->committed_sequence;
		return store_refuse(store, error, "commit", failure);
	}
	return 0;
}

void store_abort(struct store *store)
{
	store_undo(store);
	if (store->batch == NULL)
		return;
	mdb_txn_abort(store->batch);
	store->batch = NULL;
	store->sequence = store->committed_sequence;
}

/*
 * A part that begins the transaction is undone by beginning anew. So an import, which mostly is
 * alone in its batch, is spared a child transaction, which finds each page of each write in its
 * list.
 */
int store_mark(struct store *store, struct failure *failure)
{
	int error = 0;

	store->part_is_batch = !store->written;
	if (!store->part_is_batch)
		error = store->batch == NULL
			? EINVAL
			: mdb_txn_begin(store->environment, store->batch, 0, &store->part);
	if (error != 0)
		return store_refuse(store, error, "begin a part", failure);
	store->marked_sequence = store->sequence;
	return 0;
}

int store_keep(struct store *store, struct failure *failure)
{
	int error = store->part_is_batch ? 0 : mdb_txn_commit(store->part);

	store->part = NULL;
	store->part_is_batch = false;
	if (error != 0) {
		store->sequence = store->marked_sequence;
		return store_refuse(store, error, "keep a part", failure);
	}
	return 0;
}

void store_undo(struct store *store)
{
	struct failure ignored;

	if (store->part == NULL && !store->part_is_batch)
		return;
	if (store->part != NULL) {
		mdb_txn_abort(store->part);
	} else if (store->written) {
		/* If none can be begun, each further step fails for want of it. */
		mdb_txn_abort(store->batch);
		store->batch = NULL;
		store_begin(store, &ignored);
	}
	store->part = NULL;
	store->part_is_batch = false;
	store->sequence = store->marked_sequence;
}

uint64_t store_sequence(struct store *store)
{
	return store->sequence;
}

int store_next_sequence(struct store *store, uint64_t *sequence, struct failure *failure)
{
	int error = put_meta(store, "sequence", store->sequence + 1);

	if (error != 0)
		return store_refuse(store, error, "count a change", failure);
	*sequence = ++store->sequence;
	return 0;
}
