/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/gather.h"

#include "control/presentation.h"
#include "control/server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static bool room_for_zones(struct metrics_facts *facts, size_t count)
{
	struct metrics_zone *larger;

	if (facts->zones && facts->zone_room >= count)
		return true;
	larger = realloc(facts->zones, (count + 1) * sizeof(*larger));
	if (!larger)
		return false;
	facts->zones = larger;
	facts->zone_room = count;
	return true;
}

static void add_zone(struct metrics_facts *facts, const struct zone *zone)
{
	struct metrics_zone *entry = &facts->zones[facts->zone_count];
	const struct owner apex = zone_apex(zone);
	char text[PRESENTATION_NAME_BYTES];
	const char *name = presentation_write_owner(&apex, text);

	if (strlen(name) >= sizeof(entry->name))
		return;
	memcpy(entry->name, name, strlen(name) + 1);
	entry->serial = zone->serial;
	entry->records = zone->records;
	facts->zone_count++;
}

static void gather_zones(struct metrics_facts *facts, const struct zones *zones, bool each)
{
	size_t count = zones_count(zones);

	facts->records[0] = facts->records[1] = 0;
	facts->zone_count = 0;
	if (each)
		each = room_for_zones(facts, count < METRICS_ZONES_MAX ? count : METRICS_ZONES_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct zone *zone = zones_at(zones, i);

		facts->records[zone->prefix.family == ARPA_FAMILY_IPV6] += zone->records;
		if (each && facts->zone_count < facts->zone_room)
			add_zone(facts, zone);
	}
}

/* All that the report has is rewritten, but what was not told stays zero. */
static void fill(struct server *server, struct metrics_facts *facts)
{
	const struct zones *zones =
		atomic_load_explicit(&server->serving.zones, memory_order_relaxed);
	uint64_t sequence = store_sequence(server->store);
	struct statvfs disk;

	memset(&facts->report, 0, sizeof(facts->report));
	server->command.gather(server->command.context, &facts->report);
	facts->store = store_status(server->store);
	facts->disk_free_bytes = 0;
	if (statvfs(store_directory(server->store), &disk) == 0)
		facts->disk_free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	facts->journal_bytes = update_journal_bytes(server->update);
	facts->control_clients = socket_count(server->socket);
	facts->read_only_clients = socket_count(server->read_only_socket);
	facts->measures = update_measures(server->update);
	facts->requests = &server->monitoring.shared.requests;
	if (zones &&
		(!facts->counted || facts->zones_sequence != sequence ||
			facts->each_zone != server->config->metrics.zones))
		gather_zones(facts, zones, server->config->metrics.zones);
	facts->counted = zones != NULL;
	facts->each_zone = server->config->metrics.zones;
	facts->zones_sequence = sequence;
	facts->when_ms = metrics_now_ms();
}

void metrics_alive(struct server *server)
{
	atomic_store_explicit(
		&server->monitoring.shared.alive_ms, metrics_now_ms(), memory_order_relaxed);
}

void metrics_gather(struct server *server)
{
	struct metrics_shared *shared = &server->monitoring.shared;
	struct metrics_facts *facts;

	metrics_alive(server);
	if (!server->monitoring.metrics && !server->boot->metrics.dpdk_telemetry)
		return;
	facts = metrics_box_take(&shared->box);
	if (!facts)
		return;
	fill(server, facts);
	metrics_box_put(&shared->box, facts);
}
