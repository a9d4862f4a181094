/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_health.h"

enum { DRAIN_DELAY_MS_MAX = 600000 };

int config_health_check(const struct config_check *check)
{
	static const struct config_raw_health empty;
	const struct config_raw_health *raw = check->raw->health ? check->raw->health : &empty;
	long delay_ms = 0;

	if (config_value_number(check, "health.drain-delay-ms", raw->drain_delay_ms, 0,
		    DRAIN_DELAY_MS_MAX, &delay_ms) != 0)
		return -1;
	check->config->drain_delay_ms = (unsigned)delay_ms;
	return 0;
}
