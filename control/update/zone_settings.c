/* SPDX-License-Identifier: BSD-3-Clause */
/* A zone's value in the store, and its next serial. */
#include "control/update/zone_settings.h"

#include "control/soa.h"
#include "dataplane/dns/wire.h"

#include <time.h>

enum { FLAG_FROZEN = 1 };

void zone_value_write(uint32_t number, const struct zone_settings *settings, uint8_t *value)
{
	wire_put32(value, number);
	value[4] = settings->serial_policy;
	value[5] = settings->frozen ? FLAG_FROZEN : 0;
	wire_put32(value + 6, settings->ttl);
}

int zone_value_parse(
	const uint8_t *value, size_t bytes, uint32_t *number, struct zone_settings *settings)
{
	if (bytes != ZONE_VALUE_BYTES || value[4] >= ZONE_SERIALS || value[5] > FLAG_FROZEN)
		return -1;
	*number = wire_get32(value);
	*settings = (struct zone_settings){
		.serial_policy = value[4],
		.frozen = value[5] == FLAG_FROZEN,
		.ttl = wire_get32(value + 6),
	};
	return settings->ttl <= WIRE_TTL_MAX ? 0 : -1;
}

/* The first serial of the day. It fits until the year 4294. */
static uint32_t date_serial(uint32_t now)
{
	const time_t moment = now;
	struct tm day;

	gmtime_r(&moment, &day);
	return (((uint32_t)day.tm_year + 1900) * 10000 + ((uint32_t)day.tm_mon + 1) * 100 +
		       (uint32_t)day.tm_mday) *
		100;
}

uint32_t zone_next_serial(uint8_t policy, uint32_t serial, uint32_t now)
{
	uint32_t wanted = serial + 1;

	if (policy == ZONE_SERIAL_UNIXTIME)
		wanted = now;
	else if (policy == ZONE_SERIAL_DATE)
		wanted = date_serial(now);
	return soa_newer(wanted, serial) ? wanted : serial + 1;
}
