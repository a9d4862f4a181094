/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/sample_rates.h"

#include "control/ctl/rate.h"

#include <string.h>

static bool is_no_dns(enum outcome outcome)
{
	return outcome < OUTCOME_MESSAGE_SHORT || outcome == OUTCOME_NEIGHBOR ||
		outcome == OUTCOME_ECHO;
}

bool sample_is_reply(enum outcome outcome)
{
	return outcome >= OUTCOME_REPLIED_FIRST && !is_no_dns(outcome);
}

bool sample_is_query(enum outcome outcome)
{
	return !is_no_dns(outcome);
}

bool sample_is_dropped(enum outcome outcome)
{
	return outcome < OUTCOME_REPLIED_FIRST && outcome != OUTCOME_PUNTED &&
		outcome != OUTCOME_TO_KERNEL;
}

static void worker_rates(const struct sample_worker *before, const struct sample_worker *now,
	double seconds, struct worker_rates *rates)
{
#define GREW(name) rate_growth(before->name, now->name)
	uint64_t cycles = GREW(cycles), bursts = GREW(bursts), empty = GREW(empty_polls);

	rates->packets = rate_per_second(before->received, now->received, seconds);
	rates->sent = rate_per_second(before->sent, now->sent, seconds);
	rates->lost = rate_per_second(before->tx_dropped, now->tx_dropped, seconds);
	rates->paused = rate_per_second(before->tx_paused, now->tx_paused, seconds);
	rates->burst = rate_ratio(GREW(received), bursts);
	rates->cycles = rate_ratio(GREW(busy_cycles), GREW(received) + GREW(returned));
	rates->busy = rate_ratio(GREW(busy_cycles), cycles);
	rates->asleep = rate_ratio(GREW(asleep_cycles), cycles);
	rates->empty = rate_ratio(empty, empty + bursts);
#undef GREW
}

static void port_rates(const struct sample_port *before, const struct sample_port *now,
	double seconds, struct port_rates *rates)
{
#define RATE(name) rate_per_second(before->name, now->name, seconds)
	rates->received = RATE(rx_packets);
	rates->sent = RATE(tx_packets);
	rates->missed = RATE(rx_missed);
	rates->no_buffer = RATE(rx_no_buffer);
	rates->errors = RATE(tx_errors);
	rates->to_kernel = RATE(to_kernel);
	rates->from_kernel = RATE(from_kernel);
	rates->kernel_lost = RATE(kernel_lost);
#undef RATE
}

static void sum_outcomes(const struct sample *before, const struct sample *now, double seconds,
	struct sample_rates *rates)
{
	uint64_t queries = 0, replies = rate_growth(before->punt_replied, now->punt_replied);

	rates->replies = (double)replies / seconds;
	for (int i = 0; i < OUTCOMES; i++) {
		uint64_t growth = rate_growth(before->outcome[i], now->outcome[i]);

		rates->outcome[i] = (double)growth / seconds;
		if (sample_is_query((enum outcome)i)) {
			queries += growth;
			rates->queries += rates->outcome[i];
		}
		if (sample_is_reply((enum outcome)i)) {
			replies += growth;
			rates->replies += rates->outcome[i];
		}
		if (sample_is_dropped((enum outcome)i))
			rates->dropped += rates->outcome[i];
	}
	/* What was punted in one interval may be answered in the next. */
	rates->answered = queries > replies ? rate_ratio(replies, queries) : 1;
}

void sample_rates(const struct sample *before, const struct sample *now, struct sample_rates *rates)
{
	double seconds;

	*rates = (struct sample_rates){.answered = 1};
	if (!before || !sample_same_start(before, now) || now->monotonic_ms <= before->monotonic_ms)
		return;
	seconds = (double)(now->monotonic_ms - before->monotonic_ms) / 1000;
	rates->known = true;
	rates->seconds = seconds;
	sum_outcomes(before, now, seconds, rates);
	rates->updates = rate_per_second(before->seq, now->seq, seconds);
	rates->tcp = rate_per_second(before->tcp_queries, now->tcp_queries, seconds);
	rates->sockets =
		rates->tcp + rate_per_second(before->udp_queries, now->udp_queries, seconds);
	rates->lost = rate_per_second(before->listener_dropped, now->listener_dropped, seconds);
	for (unsigned i = 0; i < now->worker_count && i < before->worker_count; i++) {
		worker_rates(&before->workers[i], &now->workers[i], seconds, &rates->workers[i]);
		rates->lost += rates->workers[i].lost;
	}
	for (unsigned i = 0; i < now->port_count && i < before->port_count; i++) {
		port_rates(&before->ports[i], &now->ports[i], seconds, &rates->ports[i]);
		rates->lost += rates->ports[i].missed + rates->ports[i].no_buffer;
	}
}

static json_t *workers_json(const struct sample *now, const struct sample_rates *rates)
{
	json_t *workers = json_array();

	for (unsigned i = 0; i < now->worker_count; i++) {
		const struct sample_worker *worker = &now->workers[i];
		const struct worker_rates *rate = &rates->workers[i];

		json_array_append_new(workers,
			json_pack("{s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "port",
				worker->port, "queue", (int)worker->queue, "core", worker->core,
				"packets", rate->packets, "sent", rate->sent, "lost", rate->lost,
				"packets_a_burst", rate->burst, "cycles_a_packet", rate->cycles,
				"busy_ratio", rate->busy, "asleep_ratio", rate->asleep,
				"empty_polls_ratio", rate->empty));
	}
	return workers;
}

static json_t *ports_json(const struct sample *now, const struct sample_rates *rates)
{
	json_t *ports = json_array();

	for (unsigned i = 0; i < now->port_count; i++) {
		const struct port_rates *rate = &rates->ports[i];

		json_array_append_new(ports,
			json_pack("{s:s, s:f, s:f, s:f, s:f, s:f}", "port", now->ports[i].name,
				"received", rate->received, "sent", rate->sent, "missed",
				rate->missed, "no_buffer", rate->no_buffer, "tx_errors",
				rate->errors));
	}
	return ports;
}

json_t *sample_rates_json(const struct sample *now, const struct sample_rates *rates)
{
	json_t *outcomes = json_object();

	for (int i = 0; i < OUTCOMES; i++)
		json_object_set_new(
			outcomes, sample_outcome((enum outcome)i), json_real(rates->outcome[i]));
	return json_pack(
		"{s:s, s:I, s:b, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:o}",
		"start_id", now->start_id, "time_ms", (json_int_t)now->time_ms, "known",
		rates->known, "seconds", rates->seconds, "queries", rates->queries, "replies",
		rates->replies, "answered_ratio", rates->answered, "dropped", rates->dropped,
		"lost", rates->lost, "updates", rates->updates, "tcp_queries", rates->tcp,
		"socket_queries", rates->sockets, "outcomes", outcomes, "workers",
		workers_json(now, rates), "ports", ports_json(now, rates));
}
