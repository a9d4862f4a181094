/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/sample.h"

#include <stdio.h>
#include <string.h>

static const char *const labels[OUTCOMES] = {
#define X(name, label, sentence) [OUTCOME_##name] = label,
	OUTCOME_LIST(X)
#undef X
};

const char *sample_outcome(enum outcome outcome)
{
	return labels[outcome];
}

bool sample_same_start(const struct sample *one, const struct sample *other)
{
	return strcmp(one->start_id, other->start_id) == 0;
}

/* Counters are 64 bits without a sign; JSON's integers have one. */
static uint64_t number(json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* No octet of it drives a terminal. */
static void copy_name(char to[static SAMPLE_NAME_BYTES], json_t *object, const char *key)
{
	const char *name = json_string_value(json_object_get(object, key));

	snprintf(to, SAMPLE_NAME_BYTES, "%s", name ? name : "");
	for (char *at = to; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

static void read_worker(json_t *entry, struct sample_worker *worker)
{
	copy_name(worker->port, entry, "port");
	worker->queue = (unsigned)number(entry, "queue");
	worker->core = (int)number(entry, "core");
#define READ(name) worker->name = number(entry, #name)
	READ(received);
	READ(returned);
	READ(sent);
	READ(bursts);
	READ(empty_polls);
	READ(busy_cycles);
	READ(asleep_cycles);
	READ(cycles);
	READ(tx_dropped);
	READ(tx_paused);
	READ(tx_backlog);
#undef READ
}

static void read_port(json_t *entry, struct sample_port *port)
{
	json_t *kernel = json_object_get(entry, "kernel");

	copy_name(port->name, entry, "port");
	copy_name(port->kernel, kernel, "interface");
	port->owned = json_object_get(entry, "link_up") != NULL;
	port->link_up = number(entry, "link_up") != 0;
#define READ(name) port->name = number(entry, #name)
	READ(speed_mbps);
	READ(rx_packets);
	READ(tx_packets);
	READ(rx_missed);
	READ(rx_no_buffer);
	READ(tx_errors);
#undef READ
	port->to_kernel = number(kernel, "to_kernel");
	port->from_kernel = number(kernel, "from_kernel");
	port->kernel_lost = number(kernel, "ring_full") + number(kernel, "device_full");
}

static void read_listener(json_t *entry, struct sample *sample)
{
	sample->listener = entry != NULL;
	sample->udp_queries = number(entry, "udp_queries");
	sample->tcp_queries = number(entry, "tcp_queries");
	sample->listener_dropped = number(entry, "tx_dropped");
	sample->punt_replied = number(entry, "punt_replied");
	sample->tcp_clients = number(entry, "tcp_clients");
	sample->tcp_clients_max = number(entry, "tcp_clients_max");
}

static void read_reasons(json_t *reasons, char to[static SAMPLE_REASONS_BYTES])
{
	size_t index, used = 0;
	json_t *reason;

	json_array_foreach (reasons, index, reason) {
		const char *name = json_string_value(reason);
		int length = snprintf(to + used, SAMPLE_REASONS_BYTES - used, "%s%s",
			index ? ", " : "", name ? name : "?");

		if (length < 0 || used + (size_t)length >= SAMPLE_REASONS_BYTES)
			return;
		used += (size_t)length;
	}
}

static void read_status(json_t *status, struct sample *sample)
{
	read_reasons(json_object_get(status, "reasons"), sample->reasons);
	copy_name(sample->version, status, "version");
	copy_name(sample->steering, status, "steering");
	sample->ready = json_is_true(json_object_get(status, "ready"));
	sample->pid = number(status, "pid");
	sample->uptime_s = number(status, "uptime_s");
	sample->zones = number(status, "zones");
	sample->rrsets = number(status, "rrsets");
	sample->addresses = number(status, "addresses");
}

bool sample_read(json_t *status, json_t *stats, struct sample *sample)
{
	json_t *outcomes = json_object_get(stats, "outcomes"), *entry;
	size_t index;

	*sample = (struct sample){.pid = 0};
	if (!json_is_object(outcomes) || !json_is_string(json_object_get(stats, "start_id")))
		return false;
	read_status(status, sample);
	copy_name(sample->start_id, stats, "start_id");
	sample->time_ms = number(stats, "time_ms");
	sample->monotonic_ms = number(stats, "monotonic_ms");
	sample->tsc_hz = number(stats, "tsc_hz");
	sample->seq = number(stats, "seq");
	sample->waiting = number(stats, "waiting");
	sample->resident_bytes = number(stats, "resident_bytes");
	sample->table_bytes = number(json_object_get(stats, "table"), "bytes");
	for (int i = 0; i < OUTCOMES; i++)
		sample->outcome[i] = number(outcomes, labels[i]);
	read_listener(json_object_get(stats, "listener"), sample);
	json_array_foreach (json_object_get(stats, "workers"), index, entry)
		if (sample->worker_count < SAMPLE_WORKERS_MAX)
			read_worker(entry, &sample->workers[sample->worker_count++]);
	json_array_foreach (json_object_get(stats, "ports"), index, entry)
		if (sample->port_count < SAMPLE_PORTS_MAX)
			read_port(entry, &sample->ports[sample->port_count++]);
	return true;
}
