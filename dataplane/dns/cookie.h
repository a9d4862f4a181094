/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DNS cookies (RFC 7873) with the interoperable server cookie of RFC 9018: version 1, SipHash-2-4
 * over the client's cookie, the time and the client's address. Pure: time and secrets are given.
 */
#ifndef ARPAD_DATAPLANE_DNS_COOKIE_H
#define ARPAD_DATAPLANE_DNS_COOKIE_H

#include "dataplane/dns/siphash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	COOKIE_CLIENT_BYTES = 8,  /* RFC 7873 4 */
	COOKIE_SERVER_BYTES = 16, /* RFC 9018 4: version, reserved, time, hash */
	COOKIE_BYTES = COOKIE_CLIENT_BYTES + COOKIE_SERVER_BYTES,
	COOKIE_MAX_BYTES = 40,	/* RFC 7873 4: a client's and the longest server's */
	COOKIE_SECRETS_MAX = 2, /* the current one and the one before or after it (RFC 9018 5) */
};

/* Secrets in force: the first makes new cookies, all are accepted. */
struct cookie_secrets {
	unsigned count; /* 0: cookies are off */
	uint8_t key[COOKIE_SECRETS_MAX][SIPHASH_KEY_BYTES];
};

enum cookie_status {
	COOKIE_NEW,   /* a client's cookie alone, or a server's that is not, or no longer, ours */
	COOKIE_VALID, /* ours and recent: the client is where it says it is */
};

/* Whether an option of this length is a cookie at all: 8, or 16 to 40 (RFC 7873 5.2.2). */
bool cookie_length_ok(size_t bytes);

/*
 * Judges the option's octets against the client's address (4 or 16 octets, network order) at
 * `now` (seconds since 1970, in the serial arithmetic of RFC 1982: RFC 9018 4.3). Accepted: up to
 * one hour old and five minutes ahead.
 */
enum cookie_status cookie_check(const uint8_t *cookie, size_t bytes, const uint8_t *address,
	size_t address_bytes, uint32_t now, const struct cookie_secrets *secrets);

/*
 * Writes the whole option content for the reply: the client's part, and a server's part made
 * now. secrets->count must be at least 1.
 */
void cookie_write(uint8_t out[static COOKIE_BYTES], const uint8_t *client, const uint8_t *address,
	size_t address_bytes, uint32_t now, const struct cookie_secrets *secrets);

#endif
