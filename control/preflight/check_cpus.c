/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/check.h"

#include "control/preflight/facts_text.h"

#include <stdio.h>

enum { LIST_BYTES = 128 };

static void put_workers(const struct config *config, cpu_set_t *cpus)
{
	CPU_ZERO(cpus);
	for (unsigned i = 0; i < config->worker_count; i++)
		CPU_SET(config->worker_cores[i], cpus);
}

static void check_own(
	const struct config *config, const cpu_set_t *workers, struct verdicts *verdicts)
{
	char list[LIST_BYTES];

	facts_cpu_text(workers, list, sizeof(list));
	if ((unsigned)CPU_COUNT(workers) == config->worker_count &&
		!CPU_ISSET(config->control_core, workers)) {
		verdict_add(verdicts, VERDICT_OK, "worker cores", "%s; control core %d", list,
			config->control_core);
		return;
	}
	verdict_add(verdicts, VERDICT_WARN, "worker cores",
		"%u workers and the control thread (CPU %d) share CPUs %s: each takes the others' "
		"time",
		config->worker_count, config->control_core, list);
	verdict_do(verdicts,
		"give each a CPU of its own (dpdk.control-core, dpdk.worker-cores), or serve fewer "
		"queues");
}

static void check_isolated(
	const struct facts_cpus *cpus, const cpu_set_t *workers, struct verdicts *verdicts)
{
	char list[LIST_BYTES], bare[LIST_BYTES];
	cpu_set_t both, missing;

	CPU_AND(&both, &cpus->isolated, &cpus->tickless);
	CPU_AND(&both, &both, workers);
	CPU_XOR(&missing, &both, workers);
	facts_cpu_text(workers, list, sizeof(list));
	facts_cpu_text(&missing, bare, sizeof(bare));
	if (CPU_COUNT(&missing) == 0) {
		verdict_add(verdicts, VERDICT_OK, "isolated cores", "%s, without ticks", list);
		return;
	}
	verdict_add(verdicts, VERDICT_WARN, "isolated cores",
		"not CPUs %s: the kernel runs other tasks and ticks there, and each costs a worker "
		"some packets at full load",
		bare);
	verdict_do(verdicts,
		"add \"isolcpus=%s nohz_full=%s\" to GRUB_CMDLINE_LINUX in /etc/default/grub, run "
		"update-grub and reboot",
		list, list);
}

/* The first worker whose physical core is another worker's or the control thread's as well. */
static void check_siblings(const struct facts *facts, struct verdicts *verdicts)
{
	const struct config *config = facts->config;
	cpu_set_t taken, shared;
	char list[LIST_BYTES];

	put_workers(config, &taken);
	CPU_SET(config->control_core, &taken);
	CPU_ZERO(&shared);
	for (unsigned i = 0; i < config->worker_count; i++) {
		cpu_set_t common;

		CPU_AND(&common, &facts->cpus.siblings[i], &taken);
		if (CPU_COUNT(&common) > 1)
			CPU_OR(&shared, &shared, &common);
	}
	if (CPU_COUNT(&shared) == 0)
		return;
	facts_cpu_text(&shared, list, sizeof(list));
	verdict_add(verdicts, VERDICT_WARN, "hyper-threads",
		"CPUs %s share physical cores: two workers on one get little more than one", list);
	verdict_do(verdicts,
		"choose one CPU of each line of `lscpu -e=cpu,core` for dpdk.worker-cores");
}

static void check_governor(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_cpus *cpus = &facts->cpus;
	char list[LIST_BYTES];

	if (!cpus->has_governor)
		return;
	if (CPU_COUNT(&cpus->slow) == 0) {
		verdict_add(verdicts, VERDICT_OK, "CPU governor", "performance");
		return;
	}
	facts_cpu_text(&cpus->slow, list, sizeof(list));
	verdict_add(verdicts, VERDICT_WARN, "CPU governor",
		"%s on CPUs %s: they change their speed with the load", cpus->governor, list);
	verdict_run(verdicts,
		"echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor "
		">/dev/null");
}

void check_cpus(const struct facts *facts, struct verdicts *verdicts)
{
	cpu_set_t workers;

	if (!facts->config->worker_count)
		return;
	put_workers(facts->config, &workers);
	check_own(facts->config, &workers, verdicts);
	check_isolated(&facts->cpus, &workers, verdicts);
	check_siblings(facts, verdicts);
	check_governor(facts, verdicts);
}

static const char *port_name(const struct dataplane_port *port)
{
	return port->interface ? port->interface : port->device;
}

void check_node(const struct facts *facts, unsigned index, int node, struct verdicts *verdicts)
{
	const struct config *config = facts->config;
	char subject[VERDICT_SUBJECT_BYTES], list[LIST_BYTES], far[LIST_BYTES];
	unsigned first = 0;
	cpu_set_t away;

	if (node < 0 || node >= FACTS_NODES_MAX || CPU_COUNT(&facts->cpus.node[node]) == 0)
		return;
	CPU_ZERO(&away);
	for (unsigned i = 0; i < index; i++)
		first += config->ports[i].queues;
	for (unsigned i = first; i < first + config->ports[index].queues; i++)
		if (!CPU_ISSET(config->worker_cores[i], &facts->cpus.node[node]))
			CPU_SET(config->worker_cores[i], &away);
	snprintf(subject, sizeof(subject), "%.40s NUMA", port_name(&config->ports[index]));
	if (CPU_COUNT(&away) == 0) {
		verdict_add(verdicts, VERDICT_OK, subject, "node %d, as its workers", node);
		return;
	}
	facts_cpu_text(&away, far, sizeof(far));
	facts_cpu_text(&facts->cpus.node[node], list, sizeof(list));
	verdict_add(verdicts, VERDICT_WARN, subject,
		"the port is on node %d and CPUs %s are not: every packet crosses", node, far);
	verdict_do(verdicts, "choose its dpdk.worker-cores from %s", list);
}
