/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One change in the words of both: change number n gives host number h the name
 * "c" and n in 16 hexadecimal digits, ".example.net.". Hosts are counted from 10.0.0.0 on. Pure.
 */
#ifndef ARPAD_BENCH_CONTROL_CHANGE_REQUEST_H
#define ARPAD_BENCH_CONTROL_CHANGE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHANGE_LINE_MAX = 160,
	CHANGE_MESSAGE_MAX = 256,
	CHANGE_TTL = 300,
};

/* A line of the control protocol, with its newline; returns its length. */
size_t change_line(char line[static CHANGE_LINE_MAX], uint32_t host, uint64_t number);

/* Whether a line of `bytes` octets without its newline is a result and no error. */
bool change_line_done(const char *line, size_t bytes);

/* An UPDATE (RFC 2136) of 10.in-addr.arpa that replaces the host's PTR records; its length. */
size_t change_update(
	uint8_t message[static CHANGE_MESSAGE_MAX], uint32_t host, uint64_t number, uint16_t id);

/* Whether the reply to the UPDATE of this id is NOERROR. */
bool change_update_done(const uint8_t *reply, size_t bytes, uint16_t id);

/* A query for the host's PTR record; its length. */
size_t change_query(uint8_t message[static CHANGE_MESSAGE_MAX], uint32_t host, uint16_t id);

/* Whether a reply says that the host's only name is the one of this change. */
bool change_answered(const uint8_t *reply, size_t bytes, uint64_t number);

#endif
