/* SPDX-License-Identifier: BSD-3-Clause */
/* From one configuration to the next, or to none of it. */
#include "control/reload.h"

#include "control/address/answering.h"
#include "control/config/config_dnstap.h"
#include "control/config/config_kernel.h"
#include "control/log.h"

#include <string.h>

/* What the addresses may be depends on it: they were checked for the other way of serving. */
static int same_way(const struct config *boot, const struct config *next, struct failure *failure)
{
	if (!boot->port_count == !next->port_count)
		return 0;
	return failure_set(failure, FAILURE_INVALID, "serving %s ports needs a restart",
		next->port_count ? "with" : "without");
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool same_ports(const struct config *a, const struct config *b)
{
	if (a->port_count != b->port_count)
		return false;
	for (unsigned i = 0; i < a->port_count; i++)
		if (!same_text(a->ports[i].interface, b->ports[i].interface) ||
			!same_text(a->ports[i].device, b->ports[i].device) ||
			a->ports[i].queues != b->ports[i].queues ||
			a->ports[i].buffers != b->ports[i].buffers || !config_kernel_same(a, b, i))
			return false;
	return true;
}

static bool same_extra_args(const struct config *a, const struct config *b)
{
	if (a->extra_arg_count != b->extra_arg_count)
		return false;
	for (unsigned i = 0; i < a->extra_arg_count; i++)
		if (!same_text(a->extra_args[i], b->extra_args[i]))
			return false;
	return true;
}

static bool same_tcp(const struct dns_listener_limits *a, const struct dns_listener_limits *b)
{
	return a->tcp_clients == b->tcp_clients &&
		a->tcp_clients_per_network == b->tcp_clients_per_network &&
		a->idle_ms == b->idle_ms && a->receive_ms == b->receive_ms &&
		a->send_ms == b->send_ms && a->buffer_bytes == b->buffer_bytes;
}

static void want_restart(bool same, const char *key)
{
	if (!same)
		log_warning("reload: %s has changed; it takes effect when arpad is restarted", key);
}

static void name_restarts(const struct config *boot, const struct config *next)
{
	want_restart(same_text(boot->store_directory, next->store_directory), "store.directory");
	want_restart(same_text(boot->control_socket, next->control_socket), "control.socket");
	want_restart(boot->control_mode == next->control_mode, "control.mode");
	want_restart(same_text(boot->read_only_socket, next->read_only_socket),
		"control.read-only-socket");
	want_restart(boot->read_only_mode == next->read_only_mode, "control.read-only-mode");
	want_restart(same_ports(boot, next), "ports");
	want_restart(same_tcp(&boot->tcp, &next->tcp), "tcp");
	want_restart(boot->control_core == next->control_core, "dpdk.control-core");
	want_restart(
		memcmp(boot->worker_cores, next->worker_cores, sizeof(next->worker_cores)) == 0,
		"dpdk.worker-cores");
	want_restart(same_text(boot->privileges.user, next->privileges.user), "privileges.user");
	want_restart(boot->privileges.sandbox == next->privileges.sandbox, "privileges.sandbox");
	want_restart(boot->idle_us == next->idle_us, "dpdk.idle");
	want_restart(boot->hugepages == next->hugepages, "dpdk.hugepages");
	want_restart(boot->memory_mib == next->memory_mib, "dpdk.memory-mib");
	want_restart(boot->limiter_entries == next->limiter_entries, "rate-limit.entries");
	want_restart(same_extra_args(boot, next), "dpdk.extra-args");
	want_restart(config_dnstap_same(&boot->dnstap, &next->dnstap), "dnstap");
	want_restart(same_text(boot->metrics.listen, next->metrics.listen), "metrics.listen");
	want_restart(boot->metrics.dpdk_telemetry == next->metrics.dpdk_telemetry,
		"metrics.dpdk-telemetry");
}

void reload_config(struct server *server)
{
	struct config *old = server->config, *next;
	struct failure failure;

	if (config_load(server->config_path, &next, &failure) != 0) {
		log_error("reload: nothing has changed: %s", failure.text);
		return;
	}
	if (same_way(server->boot, next, &failure) != 0) {
		log_error("reload: nothing has changed: %s", failure.text);
		config_free(next);
		return;
	}
	if (answering_reload(server, next, &failure) != 0) {
		log_error("reload: nothing has changed: %s", failure.text);
		config_free(next);
		return;
	}
	name_restarts(server->boot, next);
	server->config = next;
	server->command.zones = &next->zones;
	server->command.name_syntax = next->name_syntax;
	update_set_ttl(server->update, next->zones.ttl);
	server->command.interfaces = next->interfaces;
	update_set_journal(server->update, &next->journal);
	server->command.access = &next->access;
	server->command.access_version++;
	log_set_level(next->log_level);
	if (old != server->boot)
		config_free(old);
	log_info("reload: done: %zu addresses%s", server->book.count,
		server->draining ? ", draining as before" : "");
}
