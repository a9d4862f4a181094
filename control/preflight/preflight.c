/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/preflight.h"

#include "control/preflight/check.h"
#include "control/preflight/facts_host.h"
#include "control/preflight/facts_port.h"
#include "control/preflight/facts_socket.h"
#include "control/preflight/facts_unit.h"

#include <stdlib.h>

void preflight_judge(const struct facts *facts, struct verdicts *verdicts)
{
	const struct config *config = facts->config;

	check_kernel(facts, verdicts);
	if (!config->port_count)
		verdict_add(verdicts, VERDICT_OK, "ports",
			"none: kernel sockets answer, without workers");
	check_hugepages(facts, verdicts);
	check_cpus(facts, verdicts);
	for (unsigned i = 0; i < config->port_count; i++)
		if (config->ports[i].interface)
			check_interface(facts, i, verdicts);
		else
			check_device(facts, i, verdicts);
	check_listen(facts, verdicts);
	check_starter(facts, verdicts);
	check_store(facts, verdicts);
}

static void read_facts(struct facts *facts)
{
	static const char root[] = "";
	const struct config *config = facts->config;

	facts_read_kernel(root, &facts->kernel);
	facts_read_hugepages(root, &facts->hugepages);
	facts_read_cpus(root, config, &facts->cpus);
	for (unsigned i = 0; i < config->port_count; i++)
		if (config->ports[i].interface)
			facts_read_interface(
				root, config->ports[i].interface, &facts->ports[i].interface);
		else
			facts_read_device(root, config->ports[i].device, &facts->ports[i].device);
	facts_read_sockets(root, facts);
	facts_read_addresses(facts);
	facts_read_starter(root, &facts->starter);
	facts_read_store(config->store_directory, &facts->store);
	facts_read_user(facts, &facts->user);
}

bool preflight_run(const char *config_path, struct verdicts *verdicts)
{
	struct facts *facts = calloc(1, sizeof(*facts));
	struct failure failure;
	struct config *config;

	if (!facts)
		return false;
	if (config_load(config_path, &config, &failure) != 0) {
		verdict_add(verdicts, VERDICT_FAIL, "configuration", "%s", failure.text);
		verdict_do(verdicts,
			"mend it, or name another file with -c; `man arpad.yaml` has every key");
		free(facts);
		return !verdicts->no_memory;
	}
	facts->config_path = config_path;
	facts->config = config;
	read_facts(facts);
	preflight_judge(facts, verdicts);
	free(facts->addresses);
	free(facts);
	config_free(config);
	return !verdicts->no_memory;
}
