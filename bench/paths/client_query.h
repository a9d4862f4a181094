/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a good client asks and believes: PTR queries for the addresses from 10.0.0.1 on, with a DNS
 * cookie (RFC 7873) when it has one. Pure.
 */
#ifndef ARPAD_BENCH_PATHS_CLIENT_QUERY_H
#define ARPAD_BENCH_PATHS_CLIENT_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CLIENT_COOKIE_BYTES = 8,	 /* the client's part */
	CLIENT_SERVER_COOKIE_BYTES = 24, /* with the server's part, as RFC 9018 has it */
	CLIENT_QUERY_MAX = 192,
};

struct client_cookie {
	size_t bytes; /* 0: none */
	uint8_t octets[CLIENT_SERVER_COOKIE_BYTES];
};

/* The query for address number `index`; returns its length. */
size_t client_query(uint32_t index, uint16_t id, const struct client_cookie *cookie,
	uint8_t query[static CLIENT_QUERY_MAX]);

/* Whether `reply` answers that query: id, question, NOERROR and an answer. */
bool client_reply_right(
	const uint8_t *query, size_t query_bytes, const uint8_t *reply, size_t reply_bytes);

/* Takes the server's cookie, last in a reply to a query with `cookie`; false: there is none. */
bool client_cookie_learn(struct client_cookie *cookie, const uint8_t *reply, size_t bytes);

#endif
