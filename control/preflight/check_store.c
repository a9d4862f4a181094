/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/check.h"

#include <linux/magic.h>
#include <string.h>

/* Magic numbers that linux/magic.h lacks (statfs(2)). */
#define CIFS_MAGIC 0xff534d42UL
#define CEPH_MAGIC 0x00c36400UL

enum {
	LEAST_MIB = 64,
	LOG_MIB = 512, /* what the store's log may grow to while LMDB is behind */
};

static bool is_of_memory(const struct facts_store *store)
{
	return store->type == TMPFS_MAGIC || store->type == RAMFS_MAGIC;
}

static bool is_remote(const struct facts_store *store)
{
	unsigned long type = (unsigned long)store->type & 0xffffffffUL;

	return type == NFS_SUPER_MAGIC || type == CIFS_MAGIC || type == SMB2_SUPER_MAGIC ||
		type == CEPH_MAGIC || type == AFS_FS_MAGIC;
}

static void check_missing(const struct facts *facts, struct verdicts *verdicts)
{
	const char *directory = facts->config->store_directory, *user = facts->user.name;
	bool root = !*facts->starter.user;

	if (facts->store.parent_there &&
		(root || (*facts->starter.unit && strcmp(directory, "/var/lib/arpad") == 0))) {
		verdict_add(verdicts, VERDICT_OK, "store", "%s is made at the start", directory);
		return;
	}
	verdict_add(verdicts, VERDICT_FAIL, "store", "there is no %s", directory);
	verdict_run(verdicts, "install -d -o %s -g %s -m 0750 %s", user, user, directory);
}

/* A folder of root's is given to the user by an arpad that root starts. */
static bool is_writable(const struct facts *facts)
{
	const struct facts_store *store = &facts->store;

	return store->uid == facts->user.uid || (store->uid == 0 && !*facts->starter.user) ||
		(store->mode & 0002) || (store->gid == facts->user.gid && (store->mode & 0020));
}

static void check_owner(const struct facts *facts, struct verdicts *verdicts)
{
	const char *directory = facts->config->store_directory, *user = facts->user.name;

	if (!facts->user.there || is_writable(facts)) {
		verdict_add(verdicts, VERDICT_OK, "store", "%s, %llu MiB in it", directory,
			facts->store.bytes >> 20);
		return;
	}
	verdict_add(verdicts, VERDICT_FAIL, "store", "%s belongs to user number %u, not to %s",
		directory, facts->store.uid, user);
	verdict_run(verdicts, "chown -R %s: %s", user, directory);
}

static void check_disk(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_store *store = &facts->store;

	if (is_remote(store)) {
		verdict_add(verdicts, VERDICT_FAIL, "store's disk",
			"a file system of another machine: LMDB's locks and maps do not hold "
			"there");
		verdict_do(verdicts, "set store.directory to a folder on a disk of this host");
	} else if (is_of_memory(store)) {
		verdict_add(verdicts, VERDICT_WARN, "store's disk",
			"it is in memory: all zones are gone after a reboot");
		verdict_do(verdicts, "set store.directory to a folder on a disk");
	}
}

/* What it has may have to be there twice: a compaction writes it anew. */
static void check_room(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_store *store = &facts->store;
	unsigned long long wanted = store->bytes + facts->config->journal.size_bytes +
		((unsigned long long)LOG_MIB << 20);

	if (store->free_bytes >= wanted) {
		verdict_add(verdicts, VERDICT_OK, "disk space", "%llu MiB are free",
			store->free_bytes >> 20);
		return;
	}
	verdict_add(verdicts, store->free_bytes >> 20 < LEAST_MIB ? VERDICT_FAIL : VERDICT_WARN,
		"disk space",
		"%llu MiB are free; the journal (journal.size-mib), the log and a compaction may "
		"take %llu",
		store->free_bytes >> 20, wanted >> 20);
	verdict_do(verdicts, "make room, or lower journal.size-mib");
}

void check_store(const struct facts *facts, struct verdicts *verdicts)
{
	const char *directory = facts->config->store_directory;

	if (!facts->store.there) {
		check_missing(facts, verdicts);
		return;
	}
	if (!facts->store.is_folder) {
		verdict_add(verdicts, VERDICT_FAIL, "store", "%s is not a folder", directory);
		verdict_do(verdicts, "set store.directory to a folder");
		return;
	}
	check_owner(facts, verdicts);
	check_disk(facts, verdicts);
	check_room(facts, verdicts);
}
