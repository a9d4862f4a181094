/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Durable changes a second of the store alone: batches of 1 and of 256, over few and many records,
 * and the same puts into plain LMDB, a transaction a batch, in the same run and directory.
 * Usage: changes DIRECTORY RECORDS SECONDS
 */
#include "control/store/store_kv.h"
#include "dataplane/dns/wire.h"

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALUE_BYTES = 70, KEY_BYTES = 11, JOURNAL_BYTES = 200, SAMPLES_MAX = 1 << 20 };

struct run {
	const char *name;
	unsigned batch;
	int (*begin)(void);
	int (*put)(enum store_table table, struct store_bytes key, struct store_bytes value);
	int (*commit)(void);
};

static struct store *store;
static struct failure failure;
static MDB_env *environment;
static MDB_txn *txn;
static MDB_dbi rrsets, journal;
static uint64_t sequence;
static double samples[SAMPLES_MAX];

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, failure.text);
	exit(EXIT_FAILURE);
}

static int store_put(enum store_table table, struct store_bytes key, struct store_bytes value)
{
	return store_kv_put(store, table, key, value, &failure);
}

static int begin_store(void)
{
	return store_begin(store, &failure);
}

static int commit_store(void)
{
	return store_commit(store, &failure);
}

static int begin_lmdb(void)
{
	return mdb_txn_begin(environment, NULL, 0, &txn);
}

static int put_lmdb(enum store_table table, struct store_bytes key, struct store_bytes value)
{
	MDB_val its_key = {key.count, (void *)(uintptr_t)key.octets},
		its_value = {value.count, (void *)(uintptr_t)value.octets};

	return mdb_put(txn, table == STORE_RRSETS ? rrsets : journal, &its_key, &its_value, 0);
}

static int commit_lmdb(void)
{
	return mdb_txn_commit(txn);
}

/* As the store has a host's PTR: zone, family, address, length, type. */
static struct store_bytes record_key(uint32_t number, uint8_t octets[static KEY_BYTES + 1])
{
	wire_put32(octets, 1);
	octets[4] = 4;
	wire_put32(octets + 5, 0x0a000000 + number);
	octets[9] = 32;
	wire_put16(octets + 10, 12);
	return (struct store_bytes){octets, KEY_BYTES + 1};
}

static void fill(const struct run *run, uint32_t records)
{
	uint8_t key[KEY_BYTES + 1], value[VALUE_BYTES] = {1};

	if (run->begin() != 0 ||
		(run->begin == begin_store && store_bulk_begin(store, &failure) != 0))
		die("begin");
	for (uint32_t i = 0; i < records; i++)
		if (run->put(STORE_RRSETS, record_key(i, key),
			    (struct store_bytes){value, sizeof(value)}) != 0)
			die("fill");
	if (run->commit() != 0)
		die("fill");
}

static int change(const struct run *run, uint32_t records)
{
	uint8_t key[KEY_BYTES + 1], value[VALUE_BYTES], journal_key[12], entry[JOURNAL_BYTES] = {2};
	uint32_t number = (uint32_t)(((uint64_t)rand() << 31 | (uint64_t)rand()) % records);

	sequence++;
	memset(value, (int)sequence, sizeof(value));
	wire_put32(journal_key, (uint32_t)(sequence >> 32));
	wire_put32(journal_key + 4, (uint32_t)sequence);
	wire_put32(journal_key + 8, 0);
	if (run->put(STORE_RRSETS, record_key(number, key),
		    (struct store_bytes){value, sizeof(value)}) != 0)
		return -1;
	return run->put(STORE_JOURNAL, (struct store_bytes){journal_key, sizeof(journal_key)},
		(struct store_bytes){entry, sizeof(entry)});
}

static int compare(const void *a, const void *b)
{
	double one = *(const double *)a, two = *(const double *)b;

	return (one > two) - (one < two);
}

static void measure(const struct run *run, uint32_t records, double seconds)
{
	double start = now(), end = start + seconds, at = start;
	size_t batches = 0;

	while (at < end && batches < SAMPLES_MAX) {
		double before = at;

		if (run->begin() != 0)
			die("begin");
		for (unsigned i = 0; i < run->batch; i++)
			if (change(run, records) != 0)
				die("change");
		if (run->commit() != 0)
			die("commit");
		at = now();
		samples[batches++] = at - before;
	}
	qsort(samples, batches, sizeof(samples[0]), compare);
	printf("%-6s %8u records, batch %3u: %9.0f changes/s, commit p50 %.0f us, p99 %.0f us, "
	       "max %.0f us\n",
		run->name, records, run->batch, (double)batches * run->batch / (at - start),
		samples[batches / 2] * 1e6, samples[batches * 99 / 100] * 1e6,
		samples[batches - 1] * 1e6);
}

static void open_lmdb(const char *directory)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/plain.mdb", directory);
	if (mdb_env_create(&environment) != 0)
		exit(EXIT_FAILURE);
	mdb_env_set_maxdbs(environment, 2);
	mdb_env_set_mapsize(environment, (size_t)1 << 40);
	if (mdb_env_open(environment, path, MDB_NOSUBDIR, 0600) != 0 || begin_lmdb() != 0 ||
		mdb_dbi_open(txn, "rrset", MDB_CREATE, &rrsets) != 0 ||
		mdb_dbi_open(txn, "journal", MDB_CREATE, &journal) != 0 || commit_lmdb() != 0)
		exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	static const struct run runs[] = {
		{"store", 1, begin_store, store_put, commit_store},
		{"store", 256, begin_store, store_put, commit_store},
		{"lmdb", 1, begin_lmdb, put_lmdb, commit_lmdb},
		{"lmdb", 256, begin_lmdb, put_lmdb, commit_lmdb},
	};
	uint32_t records;
	double seconds;

	if (argc != 4) {
		fprintf(stderr, "usage: changes DIRECTORY RECORDS SECONDS\n");
		return 2;
	}
	records = (uint32_t)strtoul(argv[2], NULL, 10);
	seconds = strtod(argv[3], NULL);
	if (store_open(argv[1], &store, &failure) != 0)
		die("open");
	open_lmdb(argv[1]);
	fill(&runs[0], records);
	fill(&runs[2], records);
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		measure(&runs[i], records, seconds);
	store_close(store);
	mdb_env_close(environment);
	return 0;
}
