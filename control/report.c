/* SPDX-License-Identifier: BSD-3-Clause */
/* Status and counters as JSON. A failed allocation leaves a NULL that jansson's setters pass on. */
#include "control/report.h"

#include "bpf/steer_verdict.h"
#include "control/health/readiness.h"
#include "control/ratelimit_log.h"

#include <stdio.h>
#include <unistd.h>

static void set_count(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void add_count(json_t *object, const char *key, uint64_t more)
{
	json_int_t before = json_integer_value(json_object_get(object, key));

	set_count(object, key, (uint64_t)before + more);
}

static json_t *worker_place(const struct dataplane_worker *worker)
{
	return json_pack("{s:s, s:i, s:i}", "port", worker->port, "queue", (int)worker->queue,
		"core", worker->core);
}

static void set_limit(json_t *object, const char *key, const char *off)
{
	json_object_set_new(object, key,
		*off ? json_pack("{s:b, s:s}", "on", 0, "why", off) : json_pack("{s:b}", "on", 1));
}

static json_t *privileges(const struct report_facts *facts)
{
	json_t *object = json_object();

	json_object_set_new(object, "user", json_string(facts->user));
	json_object_set_new(object, "capabilities", json_string(facts->capabilities));
	set_limit(object, "seccomp", facts->seccomp_off);
	set_limit(object, "landlock", facts->landlock_off);
	set_count(object, "landlock_abi", (uint64_t)facts->landlock_abi);
	return object;
}

static const char *link_text(const struct dataplane_port_stats *port)
{
	return port->removed ? "gone" : port->link_up ? "up" : "down";
}

/* Ports that DPDK owns; what the kernel knows of the others it tells by itself. */
static json_t *links(const struct report_facts *facts)
{
	json_t *ports = json_array();

	for (unsigned i = 0; i < facts->port_count; i++) {
		const struct dataplane_port_stats *port = &facts->ports[i];

		if (port->owned)
			json_array_append_new(ports,
				json_pack("{s:s, s:s, s:i, s:i}", "port", port->port, "link",
					link_text(port), "speed_mbps", (int)port->speed_mbps, "mtu",
					port->mtu_bytes));
	}
	return ports;
}

static json_t *reasons(uint32_t set)
{
	json_t *names = json_array();

	for (unsigned i = 0; i < READINESS_REASONS; i++)
		if (set & 1u << i)
			json_array_append_new(names, json_string(readiness_name(i)));
	return names;
}

json_t *report_status(const struct report_facts *facts)
{
	static const char *const steering[] = {
		[REPORT_NO_STEERING] = "none",
		[REPORT_STEERING] = "on",
		[REPORT_DRAINING] = "draining",
	};
	json_t *workers = json_array(), *status = json_object();

	for (unsigned i = 0; i < facts->worker_count; i++)
		json_array_append_new(workers, worker_place(&facts->workers[i]));
	json_object_set_new(status, "version", json_string(ARPAD_VERSION));
	set_count(status, "pid", (uint64_t)getpid());
	set_count(status, "uptime_s", facts->uptime_s);
	json_object_set_new(status, "ready", json_boolean(facts->ready));
	json_object_set_new(status, "reasons", reasons(facts->reasons));
	set_count(status, "seq", facts->sequence);
	set_count(status, "zones", facts->zones);
	set_count(status, "owners", facts->table.owners);
	set_count(status, "rrsets", facts->rrsets);
	set_count(status, "waiting", facts->waiting);
	set_count(status, "addresses", facts->addresses);
	json_object_set_new(status, "steering", json_string(steering[facts->steering]));
	json_object_set_new(status, "hugepages", json_boolean(facts->hugepages));
	json_object_set_new(status, "workers", workers);
	if (facts->user)
		json_object_set_new(status, "privileges", privileges(facts));
	json_object_set_new(status, "ports", links(facts));
	if (facts->listener) {
		set_count(status, "tcp_clients", counter_read(&facts->listener->tcp_clients));
		set_count(status, "tcp_clients_max", facts->tcp_clients_max);
	}
	return status;
}

/* The counters of one worker, or the sum of several. */
struct totals {
	uint64_t outcome[OUTCOMES];
	uint64_t received, returned, segmented, sent, bursts, empty_polls;
	uint64_t tx_backlog, tx_paused, tx_dropped, sleeps, busy_cycles, asleep_cycles, cycles;
	struct ratelimit_totals rate;
};

static void totals_add(struct totals *totals, const struct counters *counters)
{
	for (int i = 0; i < OUTCOMES; i++)
		totals->outcome[i] += counter_read(&counters->outcome[i]);
	ratelimit_totals_add(&totals->rate, counters);
#define ADD(name) totals->name += counter_read(&counters->name)
	ADD(received);
	ADD(returned);
	ADD(segmented);
	ADD(sent);
	ADD(bursts);
	ADD(empty_polls);
	ADD(tx_paused);
	ADD(tx_dropped);
	ADD(sleeps);
	ADD(busy_cycles);
	ADD(asleep_cycles);
#undef ADD
	if (counter_read(&counters->tx_backlog) > totals->tx_backlog)
		totals->tx_backlog = counter_read(&counters->tx_backlog);
}

static void set_ratio(json_t *object, const char *key, uint64_t part, uint64_t whole)
{
	json_object_set_new(object, key, json_real(whole ? (double)part / (double)whole : 0));
}

static json_t *outcomes(const struct totals *totals)
{
	json_t *object = json_object();

	for (int i = 0; i < OUTCOMES; i++)
		set_count(object, outcome_name((enum outcome)i), totals->outcome[i]);
	return object;
}

/* Slipped and dropped are outcomes. */
static json_t *rate_limit(const struct ratelimit_totals *totals)
{
	json_t *object = json_object(), *limited = json_object();

	for (unsigned c = RATELIMIT_NONE + 1; c < RATELIMIT_CLASSES; c++)
		set_count(
			limited, ratelimit_class_name((enum ratelimit_class)c), totals->limited[c]);
	json_object_set_new(object, "limited", limited);
	set_count(object, "exempt_cookie", totals->exempt_cookie);
	set_count(object, "exempt_prefix", totals->exempt_prefix);
	return object;
}

static void totals_write(const struct totals *totals, json_t *object)
{
	json_object_set_new(object, "outcomes", outcomes(totals));
	json_object_set_new(object, "rate_limit", rate_limit(&totals->rate));
#define COUNT(name) set_count(object, #name, totals->name)
	COUNT(received);
	COUNT(returned);
	COUNT(segmented);
	COUNT(sent);
	COUNT(bursts);
	COUNT(empty_polls);
	COUNT(tx_backlog);
	COUNT(tx_paused);
	COUNT(tx_dropped);
	COUNT(sleeps);
	COUNT(busy_cycles);
	COUNT(asleep_cycles);
	COUNT(cycles);
#undef COUNT
	set_ratio(object, "busy_ratio", totals->busy_cycles, totals->cycles);
	set_ratio(object, "asleep_ratio", totals->asleep_cycles, totals->cycles);
	set_ratio(object, "frames_a_burst", totals->received, totals->bursts);
	set_ratio(
		object, "cycles_a_frame", totals->busy_cycles, totals->received + totals->returned);
}

static json_t *stats_workers(const struct report_facts *facts, struct totals *sum)
{
	json_t *workers = json_array();

	for (unsigned i = 0; i < facts->worker_count; i++) {
		const struct dataplane_worker *worker = &facts->workers[i];
		json_t *entry = worker_place(worker);
		struct totals own = {.bursts = 0};

		totals_add(&own, worker->counters);
		own.cycles = worker->cycles;
		totals_add(sum, worker->counters);
		sum->cycles += worker->cycles;
		totals_write(&own, entry);
		json_array_append_new(workers, entry);
	}
	return workers;
}

/* What workers left to the listener, by what came of it; they have counted it as punted. */
static json_t *listener_punted(const struct dns_listener_counters *counters)
{
	struct totals totals = {.bursts = 0};

	for (int i = 0; i < OUTCOMES; i++)
		totals.outcome[i] = counter_read(&counters->punted[i]);
	return outcomes(&totals);
}

/* Kernel sockets: no bursts, no cycles, but clients. */
static json_t *stats_listener(const struct report_facts *facts, struct totals *sum)
{
	const struct dns_listener_counters *counters = facts->listener;
	json_t *entry = json_object();
	struct totals own = {.bursts = 0};

	totals_add(&own, &counters->messages);
	totals_add(sum, &counters->messages);
	json_object_set_new(entry, "outcomes", outcomes(&own));
	json_object_set_new(entry, "rate_limit", rate_limit(&own.rate));
	set_count(entry, "tx_dropped", own.tx_dropped);
	set_count(entry, "tcp_clients_max", facts->tcp_clients_max);
#define COUNT(name) set_count(entry, #name, counter_read(&counters->name))
	COUNT(udp_queries);
	COUNT(tcp_queries);
	json_object_set_new(entry, "punted", listener_punted(counters));
	COUNT(punt_replied);
	COUNT(bytes_in);
	COUNT(bytes_out);
	COUNT(tcp_accepted);
	COUNT(tcp_clients);
	COUNT(closed_idle);
	COUNT(closed_slow);
	COUNT(closed_limit);
	COUNT(closed_memory);
	COUNT(closed_malformed);
	COUNT(refused_per_network);
	COUNT(refused_no_resources);
#undef COUNT
	return entry;
}

static json_t *stats_kernel(const struct report_kernel *kernel)
{
	json_t *entry = json_object();

	json_object_set_new(entry, "interface", json_string(kernel->interface));
#define COUNT(name) set_count(entry, #name, kernel->stats.name)
	COUNT(to_kernel);
	COUNT(from_kernel);
	COUNT(ring_full);
	COUNT(device_full);
	COUNT(no_buffer);
	COUNT(to_throttled);
	COUNT(from_throttled);
#undef COUNT
	return entry;
}

static json_t *stats_ports(const struct report_facts *facts)
{
	json_t *ports = json_array();

	for (unsigned i = 0; i < facts->port_count; i++) {
		const struct dataplane_port_stats *port = &facts->ports[i];
		json_t *entry = json_object();

		json_object_set_new(entry, "port", json_string(port->port));
		set_count(entry, "rx_packets", port->rx_packets);
		set_count(entry, "tx_packets", port->tx_packets);
		set_count(entry, "rx_missed", port->rx_missed);
		set_count(entry, "rx_no_buffer", port->rx_no_buffer);
		set_count(entry, "tx_errors", port->tx_errors);
		if (port->owned) {
			set_count(entry, "link_up", port->link_up);
			set_count(entry, "speed_mbps", port->speed_mbps);
			set_count(entry, "mtu", port->mtu_bytes);
		}
		if (facts->kernels[i].interface)
			json_object_set_new(entry, "kernel", stats_kernel(&facts->kernels[i]));
		json_array_append_new(ports, entry);
	}
	return ports;
}

static json_t *stats_steer(const struct report_facts *facts)
{
	json_t *steers = json_array();

	for (unsigned i = 0; i < facts->steer_count; i++) {
		const struct report_steer *steer = &facts->steers[i];
		json_t *verdicts = json_object(), *entry = json_object();

		for (unsigned v = 0; v < STEER_VERDICTS; v++)
			set_count(verdicts, steer_verdict_name(v), steer->verdicts[v]);
		json_object_set_new(entry, "interface", json_string(steer->interface));
		json_object_set_new(entry, "verdicts", verdicts);
		json_array_append_new(steers, entry);
	}
	return steers;
}

static json_t *stats_table(const struct table_counts *counts)
{
	json_t *table = json_object();

	set_count(table, "owners", counts->owners);
	set_count(table, "empty_nonterminals", counts->empty_nonterminals);
	set_count(table, "bytes", counts->bytes);
	return table;
}

static void add_ring(
	json_t *observe, json_t *rings, const struct observe_ring *ring, const char *name)
{
	uint64_t seen = counter_read(&ring->seen), dropped = counter_read(&ring->dropped);

	json_array_append_new(rings,
		json_pack("{s:s, s:I, s:I}", "ring", name, "seen", (json_int_t)seen, "dropped",
			(json_int_t)dropped));
	add_count(observe, "seen", seen);
	add_count(observe, "dropped", dropped);
}

static json_t *stats_observe(const struct report_facts *facts)
{
	json_t *observe = json_object(), *rings = json_array();
	char name[32];

	set_count(observe, "one_in", facts->observe_one_in);
	for (unsigned i = 0; i < facts->worker_count; i++) {
		snprintf(name, sizeof(name), "worker.%u", i);
		if (facts->workers[i].ring)
			add_ring(observe, rings, facts->workers[i].ring, name);
	}
	add_ring(observe, rings, facts->listener_ring, "listener");
	json_object_set_new(observe, "rings", rings);
	return observe;
}

/* What a program needs to make rates of two of these. */
static void set_moment(const struct report_facts *facts, json_t *stats)
{
	if (!facts->start_id)
		return;
	json_object_set_new(stats, "start_id", json_string(facts->start_id));
	set_count(stats, "started_ms", facts->started_ms);
	set_count(stats, "time_ms", facts->time_ms);
	set_count(stats, "monotonic_ms", facts->monotonic_ms);
	set_count(stats, "seq", facts->sequence);
	set_count(stats, "tsc_hz", facts->tsc_hz);
	if (facts->resident_bytes)
		set_count(stats, "resident_bytes", facts->resident_bytes);
}

static json_t *sentences(void)
{
	json_t *explain = json_object();

	for (int i = 0; i < OUTCOMES; i++)
		json_object_set_new(explain, outcome_name((enum outcome)i),
			json_string(outcome_sentence((enum outcome)i)));
	return explain;
}

static json_t *steer_sentences(void)
{
	json_t *explain = json_object();

	for (unsigned v = 0; v < STEER_VERDICTS; v++)
		json_object_set_new(
			explain, steer_verdict_name(v), json_string(steer_verdict_sentence(v)));
	return explain;
}

static json_t *stats_dnstap(const struct dnstap_counts *counts)
{
	json_t *dnstap = json_object();

	json_object_set_new(dnstap, "open", json_boolean(counts->open));
	set_count(dnstap, "sent", counts->sent);
	set_count(dnstap, "dropped", counts->dropped);
	return dnstap;
}

json_t *report_stats(const struct report_facts *facts, bool explain)
{
	json_t *stats = json_object();
	struct totals sum = {.bursts = 0};
	json_t *workers = stats_workers(facts, &sum);
	json_t *listener = facts->listener ? stats_listener(facts, &sum) : NULL;

	set_moment(facts, stats);
	totals_write(&sum, stats);
	json_object_set_new(stats, "workers", workers);
	if (listener)
		json_object_set_new(stats, "listener", listener);
	json_object_set_new(stats, "ports", stats_ports(facts));
	json_object_set_new(stats, "steer", stats_steer(facts));
	json_object_set_new(stats, "table", stats_table(&facts->table));
	if (facts->has_dnstap)
		json_object_set_new(stats, "dnstap", stats_dnstap(&facts->dnstap));
	set_count(stats, "waiting", facts->waiting);
	if (facts->listener_ring)
		json_object_set_new(stats, "observe", stats_observe(facts));
	if (!explain)
		return stats;
	json_object_set_new(stats, "explain", sentences());
	json_object_set_new(stats, "explain_steer", steer_sentences());
	return stats;
}
