/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_address.h"

#include "control/config/config_value.h"

#include <arpa/inet.h>
#include <string.h>

int config_address_parse(
	const char *text, struct dns_listener_address *address, struct failure *failure)
{
	char host[INET6_ADDRSTRLEN + 1] = "";
	size_t length = strcspn(text, "@");
	long port = address->port;

	if (length < sizeof(host))
		memcpy(host, text, length);
	address->address = (struct ip_address){.family = 4};
	if (inet_pton(AF_INET, host, address->address.bytes) != 1) {
		address->address.family = 6;
		if (inet_pton(AF_INET6, host, address->address.bytes) != 1)
			return failure_set(failure, FAILURE_INVALID,
				"\"%s\" is neither an IPv4 nor an IPv6 address", text);
	}
	if (text[length] && config_value_parse(text + length + 1, 10, 1, 65535, &port) != 0)
		return failure_set(failure, FAILURE_INVALID,
			"\"%s\": what follows the @ is not a port from 1 to 65535", text);
	address->port = (uint16_t)port;
	return 0;
}

bool config_address_is_any(const struct ip_address *address)
{
	static const uint8_t zero[16];

	return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

bool config_address_is_group(const struct ip_address *address)
{
	return address->family == 4 ? address->bytes[0] >= 224 : address->bytes[0] == 0xff;
}
