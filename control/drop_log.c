/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/drop_log.h"

#include "control/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_SECONDS = 60, SENTENCE_BYTES = 640 };

static const struct {
	const char *field;
	uint64_t least;
	const char *what;
} classes[DROP_CLASSES] = {
#define X(name, field, least, what) [DROP_##name] = {field, least, what},
	DROP_LIST(X)
#undef X
};

static void add_outcomes(struct drop_totals *totals, const _Atomic(uint64_t) *outcomes)
{
	static const enum outcome malformed[] = {OUTCOME_FRAME_SHORT, OUTCOME_VLAN_TAGS,
		OUTCOME_IP_HEADER, OUTCOME_HOP_LIMIT, OUTCOME_IP_CHECKSUM, OUTCOME_UDP_LENGTH,
		OUTCOME_UDP_CHECKSUM, OUTCOME_ICMP_CHECKSUM, OUTCOME_NEIGHBOR_BAD,
		OUTCOME_MESSAGE_SHORT, OUTCOME_MESSAGE_IS_REPLY, OUTCOME_FORMERR};

	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		totals->count[DROP_MALFORMED] += counter_read(&outcomes[malformed[i]]);
	totals->count[DROP_BAD_SOURCE] += counter_read(&outcomes[OUTCOME_BAD_SOURCE]);
	totals->count[DROP_NO_ROOM] += counter_read(&outcomes[OUTCOME_NO_ROOM]);
	totals->count[DROP_PUNT_REFUSED] += counter_read(&outcomes[OUTCOME_PUNT_REFUSED]);
}

static void add_listener(struct drop_totals *totals, const struct dns_listener_counters *listener)
{
	add_outcomes(totals, listener->messages.outcome);
	totals->count[DROP_TX_DROPPED] += counter_read(&listener->messages.tx_dropped);
	totals->count[DROP_TCP_REFUSED] += counter_read(&listener->closed_limit) +
		counter_read(&listener->closed_memory) +
		counter_read(&listener->refused_per_network) +
		counter_read(&listener->refused_no_resources);
}

struct drop_totals drop_totals_of(const struct report_facts *facts)
{
	struct drop_totals totals = {.count = {0}};

	for (unsigned i = 0; i < facts->worker_count; i++) {
		const struct counters *counters = facts->workers[i].counters;

		add_outcomes(&totals, counters->outcome);
		totals.count[DROP_TX_DROPPED] += counter_read(&counters->tx_dropped);
		totals.count[DROP_KERNEL_DROPPED] += counter_read(&counters->kernel_dropped);
	}
	for (unsigned i = 0; i < facts->port_count; i++)
		totals.count[DROP_RX_MISSED] +=
			facts->ports[i].rx_missed + facts->ports[i].rx_no_buffer;
	if (facts->listener)
		add_listener(&totals, facts->listener);
	return totals;
}

bool drop_log_wants(struct drop_log *log)
{
	if (!log->wait_s)
		return true;
	log->wait_s--;
	return false;
}

/* A counter that a driver took back is not a loss. */
static uint64_t more(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static void tell(const struct drop_log *log, const struct drop_totals *totals)
{
	struct log_field fields[DROP_CLASSES + 1];
	char sentence[SENTENCE_BYTES] = "";
	unsigned count = 0;
	size_t length = 0;

	for (unsigned c = 0; c < DROP_CLASSES; c++) {
		uint64_t grown = more(totals->count[c], log->since.count[c]);

		if (!grown)
			continue;
		length += (size_t)snprintf(sentence + length, sizeof(sentence) - length,
			"%s%" PRIu64 " %s", count ? ", " : "", grown, classes[c].what);
		fields[count++] = (struct log_field)LOG_NUMBER_FIELD(classes[c].field, grown);
	}
	fields[count] = (struct log_field){NULL, NULL, 0};
	log_event(LOG_WARNING, "drops", fields,
		"lost within a minute: %s; see \"arpactl stats --explain\"", sentence);
}

void drop_log_second(struct drop_log *log, const struct drop_totals *totals)
{
	bool loud = false;

	for (unsigned c = 0; c < DROP_CLASSES; c++)
		loud |= more(totals->count[c], log->since.count[c]) >= classes[c].least;
	log->quiet_s++;
	if (loud)
		tell(log, totals);
	if (!loud && log->quiet_s < LINE_SECONDS)
		return;
	log->since = *totals;
	log->quiet_s = 0;
	log->wait_s = loud ? LINE_SECONDS - 1 : 0;
}
