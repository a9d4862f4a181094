/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_metrics.h"

#include "control/config/config_address.h"

#include <string.h>
#include <sys/un.h>

static int check_path(const struct config_check *check, const char *path)
{
	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return config_value_refuse(check, "metrics.listen",
			"the path is longer than the 107 bytes that the kernel allows");
	check->config->metrics.path = path;
	return 0;
}

static int check_listen(const struct config_check *check, const char *text)
{
	struct config_metrics *metrics = &check->config->metrics;
	struct failure why;

	metrics->listen = text;
	if (text[0] == '/')
		return check_path(check, text);
	if (!strchr(text, '@'))
		return config_value_refuse(check, "metrics.listen",
			"\"%s\" is neither an address and a port, such as 127.0.0.1@10153, nor an "
			"absolute path",
			text);
	if (config_address_parse(text, &metrics->address, &why) != 0)
		return config_value_refuse(check, "metrics.listen", "%s", why.text);
	if (config_address_is_group(&metrics->address.address))
		return config_value_refuse(
			check, "metrics.listen", "%s is not the address of one host", text);
	return 0;
}

static int check_flag(
	const struct config_check *check, const char *key, const char *text, bool *flag)
{
	static const char *const choices[] = {"no", "yes", NULL};
	unsigned chosen = *flag;

	if (config_value_word(check, key, text, choices, &chosen) != 0)
		return -1;
	*flag = chosen == 1;
	return 0;
}

int config_metrics_check(const struct config_check *check)
{
	static const struct config_raw_metrics empty;
	const struct config_raw_metrics *raw = check->raw->metrics ? check->raw->metrics : &empty;
	struct config_metrics *metrics = &check->config->metrics;

	return (raw->listen ? check_listen(check, raw->listen) : 0) |
		check_flag(check, "metrics.zones", raw->zones, &metrics->zones) |
		check_flag(check, "metrics.dpdk-telemetry", raw->dpdk_telemetry,
			&metrics->dpdk_telemetry);
}

bool config_metrics_is_local(const struct config_metrics *metrics)
{
	static const uint8_t local_ipv6[16] = {[15] = 1};
	const struct ip_address *address = &metrics->address.address;

	if (!metrics->listen || metrics->path)
		return true;
	return address->family == 4 ? address->bytes[0] == 127
				    : memcmp(address->bytes, local_ipv6, sizeof(local_ipv6)) == 0;
}
