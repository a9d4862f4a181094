/* SPDX-License-Identifier: BSD-3-Clause */
/* What is served, and where it is kept. */
#include "control/metrics/render.h"

enum { US_NS = 1000 };

static void counts(struct exposition *exposition, const struct metrics_facts *facts)
{
	const struct report_facts *report = &facts->report;

	exposition_gauge(exposition, "arpad_zones", "Zones that are served.");
	exposition_sample(exposition, report->zones, NULL);
	exposition_gauge(exposition, "arpad_records",
		"RRsets by the IP version of their zones: of PTR records, one for each address.");
	exposition_sample(exposition, facts->records[0], "family", "4", NULL);
	exposition_sample(exposition, facts->records[1], "family", "6", NULL);
	exposition_gauge(exposition, "arpad_addresses", "Addresses that are answered on.");
	exposition_sample(exposition, report->addresses, NULL);
	exposition_gauge(
		exposition, "arpad_table_owners", "Names in the table that is served from.");
	exposition_sample(exposition, report->table.owners, NULL);
	exposition_gauge(exposition, "arpad_table_empty_nonterminals",
		"Names in it that have no records, only names below them.");
	exposition_sample(exposition, report->table.empty_nonterminals, NULL);
	exposition_gauge(exposition, "arpad_table_bytes", "Memory of the table.");
	exposition_sample(exposition, report->table.bytes, NULL);
	exposition_gauge(exposition, "arpad_reclaim_waiting",
		"Things that are gone and wait until no worker can still read them.");
	exposition_sample(exposition, report->waiting, NULL);
}

static void zones(struct exposition *exposition, const struct metrics_facts *facts)
{
	if (!facts->each_zone)
		return;
	exposition_gauge(exposition, "arpad_zone_serial", "The serial of a zone's SOA.");
	for (size_t i = 0; i < facts->zone_count; i++)
		exposition_sample(
			exposition, facts->zones[i].serial, "zone", facts->zones[i].name, NULL);
	exposition_gauge(exposition, "arpad_zone_records", "RRsets of a zone.");
	for (size_t i = 0; i < facts->zone_count; i++)
		exposition_sample(
			exposition, facts->zones[i].records, "zone", facts->zones[i].name, NULL);
}

static void latency(struct exposition *exposition, const struct latency *latency)
{
	uint64_t bucket[LATENCY_BOUNDS + 1];
	struct exposition_buckets buckets = {bucket, LATENCY_BOUNDS,
		(uint64_t)LATENCY_FIRST_US * US_NS, counter_read(&latency->sum_us) * US_NS, true};

	for (unsigned i = 0; i <= LATENCY_BOUNDS; i++)
		bucket[i] = counter_read(&latency->bucket[i]);
	exposition_buckets(exposition, &buckets);
}

static void measures(struct exposition *exposition, const struct update_measures *measures)
{
	exposition_histogram(exposition, "arpad_store_commit_seconds",
		"Batches by the time until what they changed was durable.");
	latency(exposition, &measures->commit);
	exposition_histogram(exposition, "arpad_publish_seconds",
		"Batches by the time from there until queries were answered by them.");
	latency(exposition, &measures->publish);
	exposition_counter(exposition, "arpad_store_commit_failures_total",
		"Batches that the store refused; their clients were told.");
	exposition_sample(exposition, counter_read(&measures->failed), NULL);
}

static void store(struct exposition *exposition, const struct metrics_facts *facts)
{
	const struct store_status *status = &facts->store;

	exposition_gauge(exposition, "arpad_store_sequence", "The number of the last change.");
	exposition_sample(exposition, status->sequence, NULL);
	exposition_gauge(exposition, "arpad_store_file_bytes", "Size of the store's database.");
	exposition_sample(exposition, status->file_bytes, NULL);
	exposition_gauge(exposition, "arpad_store_used_bytes",
		"Of it, in use or free for use again; \"arpactl store compact\" gives back the "
		"rest.");
	exposition_sample(exposition, status->used_bytes, NULL);
	exposition_gauge(exposition, "arpad_store_log_bytes", "Size of the log's files.");
	exposition_sample(exposition, status->log_bytes, NULL);
	exposition_gauge(exposition, "arpad_store_lag_keys",
		"Keys that are in the log and not yet in the database.");
	exposition_sample(exposition, status->behind, NULL);
	exposition_gauge(exposition, "arpad_store_lag_bytes",
		"Memory for these; changes wait where it reaches 192 MiB.");
	exposition_sample(exposition, status->behind_bytes, NULL);
	exposition_gauge(exposition, "arpad_store_disk_free_bytes",
		"Free space of the file system that the store is on.");
	exposition_sample(exposition, facts->disk_free_bytes, NULL);
	exposition_gauge(exposition, "arpad_store_refusing",
		"1: changes are refused until the log can be written again.");
	exposition_sample(exposition, status->refuses, NULL);
	exposition_gauge(exposition, "arpad_store_trouble",
		"1: the database can't be brought up to date; the method store.status says why.");
	exposition_sample(exposition, status->trouble != NULL, NULL);
	exposition_gauge(exposition, "arpad_store_compacting", "1: the store is being compacted.");
	exposition_sample(exposition, status->compacting, NULL);
	exposition_gauge(exposition, "arpad_journal_bytes", "What the journal takes of the store.");
	exposition_sample(exposition, facts->journal_bytes, NULL);
}

void metrics_render_records(struct exposition *exposition, const struct metrics_view *view)
{
	const struct metrics_facts *facts = view->facts;

	counts(exposition, facts);
	zones(exposition, facts);
	store(exposition, facts);
	if (facts->measures)
		measures(exposition, facts->measures);
}
