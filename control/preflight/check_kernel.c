/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/check.h"

#include "control/address/hugepages.h"

#include <string.h>

bool check_has_interface(const struct config *config)
{
	for (unsigned i = 0; i < config->port_count; i++)
		if (config->ports[i].interface)
			return true;
	return false;
}

bool check_arpad_runs(const struct facts *facts)
{
	for (unsigned i = 0; i < facts->socket_count; i++)
		if (strcmp(facts->sockets[i].process, "arpad") == 0)
			return true;
	return false;
}

static bool is_before(const struct facts_kernel *kernel, unsigned major, unsigned minor)
{
	return kernel->major < major || (kernel->major == major && kernel->minor < minor);
}

/* Only what takes packets by AF_XDP asks for more than sockets. */
static void check_xdp_kernel(const struct facts_kernel *kernel, struct verdicts *verdicts)
{
	if (!kernel->af_xdp) {
		verdict_add(verdicts, VERDICT_FAIL, "kernel", "Linux %s has no AF_XDP",
			kernel->release);
		verdict_do(verdicts,
			"boot a kernel with CONFIG_XDP_SOCKETS, as Debian's linux-image-amd64 is, "
			"or leave out ports");
		return;
	}
	if (is_before(kernel, 5, 9)) {
		verdict_add(verdicts, VERDICT_WARN, "kernel",
			"Linux %s has no bpf_link for XDP: arpad keeps CAP_NET_ADMIN, and a killed "
			"one leaves its XDP program, which the next start replaces",
			kernel->release);
		verdict_do(verdicts, "boot Linux 5.9 or later");
		return;
	}
	verdict_add(verdicts, VERDICT_OK, "kernel", "Linux %s: AF_XDP, bpf_link%s", kernel->release,
		kernel->btf ? ", BTF" : "");
	if (kernel->btf)
		return;
	verdict_add(verdicts, VERDICT_WARN, "BTF",
		"the kernel does not describe its types: bpftool can't show what the XDP program's "
		"maps hold");
	verdict_do(verdicts, "boot a kernel with CONFIG_DEBUG_INFO_BTF, as Debian's are");
}

static void check_clock(const struct facts_kernel *kernel, struct verdicts *verdicts)
{
	if (kernel->synchronised) {
		verdict_add(verdicts, VERDICT_OK, "clock",
			"synchronised; the kernel's source is %s", kernel->clocksource);
	} else {
		verdict_add(verdicts, VERDICT_WARN, "clock",
			"not synchronised: cookies of servers that share an address, serials by "
			"date and the journal's times need the right time");
		if (*kernel->time_service)
			verdict_run(verdicts, "systemctl enable --now %s", kernel->time_service);
		else
			verdict_run(verdicts, "apt install systemd-timesyncd");
	}
	if (kernel->tsc_known && !(kernel->tsc_constant && kernel->tsc_nonstop)) {
		verdict_add(verdicts, VERDICT_WARN, "TSC",
			"the CPU does not promise that its counter never stops nor changes its "
			"rate: busy_ratio and cycles_a_frame may be wrong");
		verdict_do(verdicts,
			"on a virtual machine choose a CPU model with invtsc, such as host");
	}
}

void check_kernel(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_kernel *kernel = &facts->kernel;

	if (check_has_interface(facts->config)) {
		check_xdp_kernel(kernel, verdicts);
		verdict_add(verdicts, VERDICT_OK, "bpffs",
			kernel->bpffs ? "mounted; arpad pins nothing there"
				      : "not mounted; arpad pins nothing and needs none");
	} else {
		verdict_add(verdicts, VERDICT_OK, "kernel", "Linux %s", kernel->release);
	}
	check_clock(kernel, verdicts);
}

static void check_missing_pages(const struct facts *facts, long needed, struct verdicts *verdicts)
{
	const struct facts_hugepages *pages = &facts->hugepages;
	bool must = facts->config->hugepages == HUGEPAGES_YES;

	verdict_add(verdicts, must ? VERDICT_FAIL : VERDICT_WARN, "hugepages",
		"%ld of 2 MiB are free and %ld needed%s%s", pages->free, needed,
		must ? "" : ": without them it serves, but slower",
		pages->free_1g ? "; those of 1 GiB are not taken" : "");
	verdict_run(verdicts, "sysctl -w vm.nr_hugepages=%ld", pages->total - pages->free + needed);
}

void check_hugepages(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_hugepages *pages = &facts->hugepages;
	long needed = hugepages_needed(facts->config);

	if (!needed)
		return;
	if (facts->config->hugepages == HUGEPAGES_NO)
		verdict_add(verdicts, VERDICT_OK, "hugepages",
			"not wanted (dpdk.hugepages: no), which is slower");
	else if (pages->free >= needed)
		verdict_add(verdicts, VERDICT_OK, "hugepages", "%ld of 2 MiB are free, %ld needed",
			pages->free, needed);
	else if (check_arpad_runs(facts) && pages->total >= needed)
		verdict_add(verdicts, VERDICT_OK, "hugepages",
			"%ld of 2 MiB, %ld needed; the arpad that runs has taken its own",
			pages->total, needed);
	else
		check_missing_pages(facts, needed, verdicts);
}
