/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What packets come in by. With ports, workers answer on one UDP port for all addresses; without,
 * kernel sockets alone serve, on any address and port.
 */
#include "control/config/config_listen.h"

#include "bpf/steer_map.h"
#include "control/config/config_address.h"
#include "control/config/config_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Workers know the addresses of packets, and one port. */
static int check_fast_path(const struct config_check *check, const char *key, const char *text,
	const struct dns_listener_address *address)
{
	const struct config *config = check->config;

	if (config_address_is_any(&address->address))
		return config_value_refuse(check, key,
			"%s is not the address of one host; name each address to answer on", text);
	if (config->address_count && address->port != config->addresses[0].port)
		return config_value_refuse(check, key,
			"%s has port %u and the first address %u; with \"ports\" all addresses "
			"have one port",
			text, address->port, config->addresses[0].port);
	return 0;
}

static bool same(const struct dns_listener_address *a, const struct dns_listener_address *b)
{
	return a->port == b->port && memcmp(&a->address, &b->address, sizeof(a->address)) == 0;
}

static int check_address(const struct config_check *check, unsigned index, uint16_t port)
{
	const char *text = check->raw->listen->addresses[index];
	struct config *config = check->config;
	struct dns_listener_address address = {.port = port};
	char key[CONFIG_KEY_BYTES];
	struct failure why;

	snprintf(key, sizeof(key), "listen.addresses[%u]", index);
	if (config_address_parse(text, &address, &why) != 0)
		return config_value_refuse(check, key, "%s", why.text);
	if (config_address_is_group(&address.address))
		return config_value_refuse(check, key,
			"%s is not the address of one host; name each address to answer on", text);
	if (config->port_count && check_fast_path(check, key, text, &address) != 0)
		return -1;
	for (size_t i = 0; i < config->address_count; i++)
		if (same(&config->addresses[i], &address))
			return config_value_refuse(check, key, "%s is in the list twice", text);
	config->addresses[config->address_count++] = address;
	return 0;
}

static int refuse_name(const struct config_check *check, const char *key, const char *name)
{
	return config_value_refuse(check, key,
		"\"%s\" is not the name of a network interface (at most 15 characters)", name);
}

static int check_followed(const struct config_check *check, unsigned index)
{
	const struct config_raw_listen *raw = check->raw->listen;
	const char *name = raw->interfaces[index];
	char key[CONFIG_KEY_BYTES];

	snprintf(key, sizeof(key), "listen.interfaces[%u]", index);
	if (!config_value_is_interface(name))
		return refuse_name(check, key, name);
	for (unsigned i = 0; i < index; i++)
		if (strcmp(name, raw->interfaces[i]) == 0)
			return config_value_refuse(check, key, "%s is in the list twice", name);
	return 0;
}

static int check_interfaces(const struct config_check *check)
{
	const struct config_raw_listen *raw = check->raw->listen;
	struct config *config = check->config;
	int result = 0;

	for (unsigned i = 0; i < raw->interfaces_count; i++)
		result |= check_followed(check, i);
	for (size_t i = 0; i < config->address_count && raw->interfaces_count; i++)
		if (config_address_is_any(&config->addresses[i].address))
			return config_value_refuse(check, "listen.interfaces",
				"listen.addresses has one that means every address, which is more "
				"than those of interfaces; leave one of the two out");
	config->interfaces = (const char *const *)raw->interfaces;
	config->interface_count = raw->interfaces_count;
	return result;
}

static int check_listen(const struct config_check *check)
{
	const struct config_raw_listen *raw = check->raw->listen;
	struct config *config = check->config;
	long port = 53;
	int result = 0;

	if (raw)
		result = config_value_number(check, "listen.port", raw->port, 1, 65535, &port);
	if (!raw || !(raw->addresses_count + raw->interfaces_count))
		return config_value_refuse(check, "listen.addresses",
			"at least one address to answer on is needed, such as [192.0.2.53], or an "
			"interface in listen.interfaces");
	/* One more, so that an empty list is not a failed allocation. */
	config->addresses = calloc(raw->addresses_count + 1, sizeof(*config->addresses));
	if (!config->addresses)
		return config_value_no_memory(check);
	for (unsigned i = 0; i < raw->addresses_count; i++)
		result |= check_address(check, i, (uint16_t)port);
	config->port = (uint16_t)port;
	if (config->port_count && config->address_count)
		config->port = config->addresses[0].port;
	return result | check_interfaces(check);
}

/* "" for a port that has none, which is refused. */
static const char *port_name(const struct config_raw_port *raw)
{
	if (raw->interface)
		return raw->interface;
	return raw->device ? raw->device : "";
}

static int check_port(const struct config_check *check, unsigned index)
{
	const struct config_raw_port *raw = &check->raw->ports[index];
	struct dataplane_port *ports = check->config->ports;
	const char *name = port_name(raw);
	char key[CONFIG_KEY_BYTES], queues_key[CONFIG_KEY_BYTES], buffers_key[CONFIG_KEY_BYTES];
	long queues = 1, buffers = DATAPLANE_BUFFERS;
	int result;

	snprintf(key, sizeof(key), "ports[%u]", index);
	if (!raw->interface == !raw->device)
		return config_value_refuse(check, key,
			"a port has either an interface (for AF_XDP) or a device (for DPDK)");
	snprintf(key, sizeof(key), "ports[%u].%s", index, raw->interface ? "interface" : "device");
	if (raw->interface && !config_value_is_interface(raw->interface))
		return refuse_name(check, key, raw->interface);
	for (unsigned i = 0; i < index; i++)
		if (strcmp(name, port_name(&check->raw->ports[i])) == 0)
			return config_value_refuse(check, key, "%s is in the list twice", name);
	snprintf(queues_key, sizeof(queues_key), "ports[%u].queues", index);
	snprintf(buffers_key, sizeof(buffers_key), "ports[%u].buffers", index);
	result = config_value_number(check, queues_key, raw->queues, 1, STEER_QUEUES_MAX, &queues) |
		config_value_number(check, buffers_key, raw->buffers, DATAPLANE_BUFFERS,
			DATAPLANE_BUFFERS_MAX, &buffers);
	ports[index] = (struct dataplane_port){.interface = raw->interface,
		.device = raw->device,
		.queues = (unsigned)queues,
		.buffers = (unsigned)buffers};
	if (raw->kernel)
		result |= config_kernel_check(check, index);
	check->config->worker_count += (unsigned)queues;
	return result;
}

static int check_ports(const struct config_check *check)
{
	struct config *config = check->config;
	int result = 0;

	for (unsigned i = 0; i < check->raw->ports_count; i++)
		result |= check_port(check, i);
	config->port_count = check->raw->ports_count;
	if (config->worker_count > DATAPLANE_WORKERS_MAX) {
		result = config_value_refuse(check, "ports",
			"%u queues in all are more than the %d workers there can be",
			config->worker_count, DATAPLANE_WORKERS_MAX);
		/* What else is wrong is looked for, with arrays of this size. */
		config->worker_count = DATAPLANE_WORKERS_MAX;
	}
	return result;
}

static int limit(const struct config_check *check, const char *key, const char *text, long low,
	long high, unsigned *value)
{
	long parsed = *value;

	if (config_value_number(check, key, text, low, high, &parsed) != 0)
		return -1;
	*value = (unsigned)parsed;
	return 0;
}

/*
 * Below a tenth of a second no time-out is one that a client over a long path meets; above an hour
 * it is none. A buffer that holds no whole message and its reply could serve no one.
 */
static int check_tcp(const struct config_check *check)
{
	static const struct config_raw_tcp empty;
	const struct config_raw_tcp *raw = check->raw->tcp ? check->raw->tcp : &empty;
	struct dns_listener_limits *limits = &check->config->tcp;
	long buffers;
	int result;

	*limits = dns_listener_limits_default;
	buffers = (long)limits->buffer_bytes;
	result = limit(check, "tcp.clients", raw->clients, 1, 1000000, &limits->tcp_clients) |
		limit(check, "tcp.clients-per-network", raw->clients_per_network, 1, 1000000,
			&limits->tcp_clients_per_network) |
		limit(check, "tcp.idle-ms", raw->idle_ms, 100, 3600000, &limits->idle_ms) |
		limit(check, "tcp.receive-ms", raw->receive_ms, 100, 3600000, &limits->receive_ms) |
		limit(check, "tcp.send-ms", raw->send_ms, 100, 3600000, &limits->send_ms) |
		config_value_number(
			check, "tcp.buffer-bytes", raw->buffer_bytes, 262144, 1L << 40, &buffers);
	limits->buffer_bytes = (size_t)buffers;
	return result;
}

int config_listen_check(const struct config_check *check)
{
	/* The ports first: what an address may be depends on whether there are any. */
	int result = check_ports(check);

	result |= check_listen(check);
	return result | check_tcp(check);
}
