/* SPDX-License-Identifier: BSD-3-Clause */
/* Server cookies: version 1, three reserved octets, time, hash (RFC 9018 4). */
#include "dataplane/dns/cookie.h"

#include "dataplane/dns/wire.h"

#include <string.h>

enum {
	VERSION = 1,
	AT_VERSION = COOKIE_CLIENT_BYTES,
	AT_TIME = AT_VERSION + 4,
	AT_HASH = AT_TIME + 4,
	ADDRESS_MAX_BYTES = 16,
	/* RFC 9018 4.3: the window in which a time is believed. */
	AGE_MAX_SECONDS = 3600,
	AHEAD_MAX_SECONDS = 300,
};

bool cookie_length_ok(size_t bytes)
{
	return bytes == COOKIE_CLIENT_BYTES || (bytes >= 16 && bytes <= COOKIE_MAX_BYTES);
}

/* Hash over client cookie | version | reserved | time | address (RFC 9018 4.4). */
static void hash_cookie(uint8_t hash[static 8], const uint8_t *cookie, const uint8_t *address,
	size_t address_bytes, const uint8_t *key)
{
	uint8_t input[AT_HASH + ADDRESS_MAX_BYTES];
	uint64_t value;

	memcpy(input, cookie, AT_HASH);
	memcpy(input + AT_HASH, address, address_bytes);
	value = siphash24(key, input, AT_HASH + address_bytes);
	memcpy(hash, &value, 8); /* wire.h: little-endian hosts, as the octets are ordered */
}

static bool time_believable(uint32_t then, uint32_t now)
{
	int32_t age = (int32_t)(now - then);

	return age <= AGE_MAX_SECONDS && age >= -AHEAD_MAX_SECONDS;
}

/* Compares without telling by its time where the difference is. */
static bool hash_equal(const uint8_t *a, const uint8_t *b)
{
	uint8_t difference = 0;

	for (unsigned i = 0; i < 8; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

enum cookie_status cookie_check(const uint8_t *cookie, size_t bytes, const uint8_t *address,
	size_t address_bytes, uint32_t now, const struct cookie_secrets *secrets)
{
	uint8_t hash[8];

	if (bytes != COOKIE_BYTES || cookie[AT_VERSION] != VERSION ||
		!time_believable(wire_get32(cookie + AT_TIME), now))
		return COOKIE_NEW;
	for (unsigned i = 0; i < secrets->count; i++) {
		hash_cookie(hash, cookie, address, address_bytes, secrets->key[i]);
		if (hash_equal(hash, cookie + AT_HASH))
			return COOKIE_VALID;
	}
	return COOKIE_NEW;
}

void cookie_write(uint8_t out[static COOKIE_BYTES], const uint8_t *client, const uint8_t *address,
	size_t address_bytes, uint32_t now, const struct cookie_secrets *secrets)
{
	memmove(out, client, COOKIE_CLIENT_BYTES);
	wire_put32(out + AT_VERSION, (uint32_t)VERSION << 24);
	wire_put32(out + AT_TIME, now);
	hash_cookie(out + AT_HASH, out, address, address_bytes, secrets->key[0]);
}
