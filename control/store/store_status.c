/* SPDX-License-Identifier: BSD-3-Clause */
/* From LMDB's head and the store's own counts: nothing is walked. */
#include "control/store/store_status.h"

#include "control/store/store_lmdb.h"

#include <sys/stat.h>

static void add_file(const struct store *store, struct store_status *status)
{
	MDB_envinfo info;
	MDB_stat pages;
	struct stat about;
	int fd;

	if (store->environment == NULL || mdb_env_get_fd(store->environment, &fd) != 0 ||
		mdb_env_info(store->environment, &info) != 0 ||
		mdb_env_stat(store->environment, &pages) != 0 || fstat(fd, &about) != 0)
		return;
	status->file_bytes = (uint64_t)about.st_size;
	status->used_bytes = (uint64_t)(info.me_last_pgno + 1) * pages.ms_psize;
}

struct store_status store_status(struct store *store)
{
	struct store_status status = {
		.rrsets = store_rrsets(store),
		.sequence = store_sequence(store),
		.log_bytes = store_log_reserved(store->log),
		.compacting = store->compact.running,
		.refuses = store_log_broken(store->log),
		.trouble = store->flush_error != 0 ? mdb_strerror(store->flush_error) : NULL,
	};

	add_file(store, &status);
	for (unsigned i = 0; i < store->map_count; i++) {
		status.behind += store_recent_count(store->maps[i]->recent);
		status.behind_bytes += store_recent_bytes(store->maps[i]->recent);
	}
	return status;
}
