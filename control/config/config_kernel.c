/* SPDX-License-Identifier: BSD-3-Clause */
/* The interface that the kernel gets for a port it can't see: its name, addresses and routes. */
#include "control/config/config_kernel.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

enum {
	RATE_DEFAULT = 100000,
	RATE_MOST = 10000000,
	NAME_BYTES = IF_NAMESIZE,
	TEXT_BYTES = INET6_ADDRSTRLEN + 4,
};

/* Borrowed by the configuration where the file gives no name: the same text for every one. */
static const char *default_name(unsigned index)
{
	static char names[DATAPLANE_PORTS_MAX][NAME_BYTES];

	snprintf(names[index], NAME_BYTES, "arpad%u", index);
	return names[index];
}

/* Any interface of the file but that of the port itself. */
static bool name_is_taken(const struct config_check *check, unsigned index, const char *name)
{
	const struct config *config = check->config;

	for (unsigned i = 0; i < check->raw->ports_count; i++) {
		const char *interface = check->raw->ports[i].interface;

		if (interface && strcmp(interface, name) == 0)
			return true;
		if (i < index && config->ports[i].kernel.device &&
			strcmp(config->ports[i].kernel.interface, name) == 0)
			return true;
	}
	return false;
}

/* An address that one host may have, on a link or in the Internet. */
static bool is_host(const struct ip_address *address)
{
	static const uint8_t zero[16], loopback[16] = {[15] = 1};
	const uint8_t *bytes = address->bytes;

	if (address->family == 4)
		return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
	return bytes[0] != 0xff && memcmp(bytes, zero, 16) != 0 && memcmp(bytes, loopback, 16) != 0;
}

static bool parse_host(const char *text, struct ip_address *address)
{
	*address = (struct ip_address){.family = 4};
	if (inet_pton(AF_INET, text, address->bytes) != 1) {
		address->family = 6;
		if (inet_pton(AF_INET6, text, address->bytes) != 1)
			return false;
	}
	return is_host(address);
}

/* "ADDRESS/LENGTH" */
static bool parse_address(const char *text, struct config_kernel_address *address)
{
	char host[TEXT_BYTES] = "";
	size_t length = strcspn(text, "/");
	long bits;

	if (length >= sizeof(host) || !text[length])
		return false;
	memcpy(host, text, length);
	if (!parse_host(host, &address->address) ||
		config_value_parse(text + length + 1, 10, 1,
			address->address.family == 4 ? 32 : 128, &bits) != 0)
		return false;
	address->bits = (uint8_t)bits;
	return true;
}

static int check_addresses(const struct config_check *check, unsigned index)
{
	const struct config_raw_kernel *raw = check->raw->ports[index].kernel;
	struct config_kernel *kernel = &check->config->kernels[index];
	char key[CONFIG_KEY_BYTES];
	int result = 0;

	for (unsigned i = 0; i < raw->addresses_count; i++) {
		struct config_kernel_address *address = &kernel->addresses[i];

		snprintf(key, sizeof(key), "ports[%u].kernel.addresses[%u]", index, i);
		if (!parse_address(raw->addresses[i], address))
			result = config_value_refuse(check, key,
				"\"%s\" is not the address of a host with its network's length, "
				"such as 192.0.2.53/24",
				raw->addresses[i]);
		for (unsigned before = 0; before < i; before++)
			if (memcmp(&kernel->addresses[before].address, &address->address,
				    sizeof(address->address)) == 0)
				result = config_value_refuse(
					check, key, "%s is in the list twice", raw->addresses[i]);
		kernel->address_count++;
	}
	return result;
}

static int check_gateways(const struct config_check *check, unsigned index)
{
	const struct config_raw_kernel *raw = check->raw->ports[index].kernel;
	struct config_kernel *kernel = &check->config->kernels[index];
	char key[CONFIG_KEY_BYTES];
	int result = 0;

	for (unsigned i = 0; i < raw->gateways_count; i++) {
		snprintf(key, sizeof(key), "ports[%u].kernel.gateways[%u]", index, i);
		if (!parse_host(raw->gateways[i], &kernel->gateways[i]))
			result = config_value_refuse(check, key,
				"\"%s\" is neither the IPv4 nor the IPv6 address of a router",
				raw->gateways[i]);
		else if (i && kernel->gateways[i].family == kernel->gateways[0].family)
			result = config_value_refuse(check, key,
				"%s is the second gateway of its family, and there can be one",
				raw->gateways[i]);
		kernel->gateway_count++;
	}
	return result;
}

int config_kernel_check(const struct config_check *check, unsigned index)
{
	static const char *const devices[] = {"tap", "virtio-user", NULL};
	const struct config_raw_kernel *raw = check->raw->ports[index].kernel;
	struct dataplane_port *port = &check->config->ports[index];
	const char *name = raw->interface ? raw->interface : default_name(index);
	char key[CONFIG_KEY_BYTES];
	unsigned device = 0;
	long rate = RATE_DEFAULT;
	int result;

	snprintf(key, sizeof(key), "ports[%u].kernel", index);
	if (!port->device)
		return config_value_refuse(check, key,
			"the kernel has %s already; only a port with a device can have this",
			port->interface);
	snprintf(key, sizeof(key), "ports[%u].kernel.device", index);
	result = config_value_word(check, key, raw->device, devices, &device);
	snprintf(key, sizeof(key), "ports[%u].kernel.interface", index);
	if (!config_value_is_interface(name))
		result = config_value_refuse(check, key,
			"\"%s\" is not the name of a network interface (at most 15 characters)",
			name);
	else if (name_is_taken(check, index, name))
		result = config_value_refuse(check, key, "%s is another port's already", name);
	snprintf(key, sizeof(key), "ports[%u].kernel.rate", index);
	result |= config_value_number(check, key, raw->rate, 1, RATE_MOST, &rate);
	port->kernel = (struct dataplane_kernel){
		.device = DATAPLANE_KERNEL_TAP + device,
		.interface = name,
		.rate = (unsigned)rate,
	};
	return result | check_addresses(check, index) | check_gateways(check, index);
}
