/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of a zone beside its records, and the serials that follow from it. Pure. */
#ifndef ARPAD_CONTROL_ZONE_SETTINGS_H
#define ARPAD_CONTROL_ZONE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a zone's serial goes on. */
enum zone_serial {
	ZONE_SERIAL_INCREMENT, /* plus 1 */
	ZONE_SERIAL_UNIXTIME,  /* seconds since 1970 */
	ZONE_SERIAL_DATE,      /* YYYYMMDDnn, in UTC */
	ZONE_SERIALS
};

struct zone_settings {
	uint8_t serial_policy; /* enum zone_serial */
	bool frozen;	       /* its contents may not change */
	uint32_t ttl;	       /* of a PTR object that comes without one; 0: the configuration's */
};

enum { ZONE_VALUE_BYTES = 4 + 1 + 1 + 4 }; /* number, policy, flags, TTL; big endian */

/* A zone's value in the store. Parse: 0, or -1: damaged. */
void zone_value_write(uint32_t number, const struct zone_settings *settings, uint8_t *value);
int zone_value_parse(
	const uint8_t *value, size_t bytes, uint32_t *number, struct zone_settings *settings);

/*
 * The serial behind `serial` at the moment `now` (seconds since 1970), always newer by RFC 1982.
 * Where the time's is not newer it is the next number: so after many changes in a day, after a
 * clock that ran ahead, and behind a serial that is no time.
 */
uint32_t zone_next_serial(uint8_t policy, uint32_t serial, uint32_t now);

#endif
