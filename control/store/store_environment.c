/* SPDX-License-Identifier: BSD-3-Clause */
/* LMDB's environment: opened, opened again after an error that it does not forget, and read. */
#include "control/store/store_lmdb.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0600, REOPEN_WAIT_MS = 2000 };

/*
 * Reserved address space, not memory or disk: the file grows as it is written, so a full map
 * practically means a full disk. Where the machine allows less, what it allows.
 */
static const size_t map_bytes_wanted = (size_t)1 << 40, map_bytes_least = (size_t)1 << 28;

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
static int cover_pages(struct store *store)
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
		return errno;
	return 0;
}

int store_environment_open(struct store *store, struct failure *failure)
{
	int stale, error = open_environment(store);

	if (error == MDB_INVALID || error == MDB_CORRUPTED || error == MDB_VERSION_MISMATCH)
		return store_refuse_damage(store, "its file is no LMDB file", failure);
	if (error != 0)
		return store_refuse(store, error, "open it", failure);
	/* Readers that died (a backup that was killed) would keep old pages for ever. */
	mdb_reader_check(store->environment, &stale);
	error = cover_pages(store);
	return error == 0 ? 0 : store_refuse(store, error, "look at its file", failure);
}

int store_environment_tables(struct store *store, MDB_txn *txn, unsigned flags)
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
		error = mdb_dbi_open(txn, names[i], flags, &store->tables[i]);
	return error;
}

/* Only a transaction that commits leaves its handles to others. */
static int open_tables(struct store *store)
{
	MDB_txn *txn;
	int error = mdb_txn_begin(store->environment, NULL, MDB_RDONLY, &txn);

	if (error != 0)
		return error;
	error = store_environment_tables(store, txn, 0);
	if (error == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return error;
}

int store_environment_reopen(struct store *store)
{
	int error;

	store_reader_drop(store);
	if (store->environment != NULL)
		mdb_env_close(store->environment);
	store->environment = NULL;
	error = open_environment(store);
	if (error == 0)
		error = cover_pages(store);
	return error == 0 ? open_tables(store) : error;
}

/* A read transaction, of an environment that is opened again where it has to be. */
static int begin_reading(struct store *store)
{
	int error = store->environment == NULL
		? MDB_PANIC
		: mdb_txn_begin(store->environment, NULL, MDB_RDONLY, &store->reader);

	if (error != MDB_PANIC || store->cursors > 0 || store->snapshots > 0 ||
		!store_thread_wait(store->thread, REOPEN_WAIT_MS))
		return error;
	error = store_environment_reopen(store);
	store->suspect = error != 0;
	return error == 0 ? mdb_txn_begin(store->environment, NULL, MDB_RDONLY, &store->reader)
			  : error;
}

int store_reader_get(struct store *store, MDB_txn **txn)
{
	int error = 0;

	if (store->batch.bulk != NULL) {
		*txn = store->batch.part != NULL ? store->batch.part : store->batch.bulk;
		return 0;
	}
	if (store->reader == NULL)
		error = begin_reading(store);
	*txn = store->reader;
	return error;
}

void store_reader_drop(struct store *store)
{
	if (store->reader == NULL || store->cursors > 0)
		return;
	mdb_txn_abort(store->reader);
	store->reader = NULL;
}
