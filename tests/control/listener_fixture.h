/* SPDX-License-Identifier: BSD-3-Clause */
/* A listener on loopback with a few records, a reader that frees after grace, and DNS clients. */
#ifndef ARPAD_TESTS_CONTROL_LISTENER_FIXTURE_H
#define ARPAD_TESTS_CONTROL_LISTENER_FIXTURE_H

#include "control/listener/dns_listener.h"
#include "dataplane/records/table_writer.h"

#include <netinet/in.h>
#include <stdatomic.h>

enum {
	LISTENER_QUERY_MAX_BYTES = 128,
	LISTENER_LARGE_BYTES = 50000, /* the TXT RRset of 198.18.0.2 takes more than this */
};

/* One epoch word: odd while online. */
struct listener_reader {
	_Atomic(uint64_t) word;
};

struct listener_fixture {
	struct table *table;
	struct zone *zone;
	struct zones *zones;
	struct serving serving;
	struct policy policy;
	struct listener_reader reader;
	struct dns_listener_config config;
	struct dns_listener_address address; /* where it listens: 127.0.0.1 at a free port */
	struct dns_listener *listener;
};

/*
 * 198.18.0.1 has a PTR, 198.18.0.2 large TXT records. The listener is configured and not started:
 * UDP and TCP, default limits. All functions here abort on what a test can't go on with.
 */
void listener_fixture_open(struct listener_fixture *f);
void listener_fixture_start(struct listener_fixture *f);
void listener_fixture_close(struct listener_fixture *f); /* stops it too */

/* For cmocka: the state is a fixture that is open, or started as well. */
int listener_setup(void **state);
int listener_setup_started(void **state);
int listener_teardown(void **state);

static inline const struct dns_listener_counters *listener_counted(const struct listener_fixture *f)
{
	return dns_listener_counters(f->listener);
}

/* An IPv4 or IPv6 address in text, at `port`. */
struct dns_listener_address listener_address(const char *text, uint16_t port);

/* A port of loopback that is free for TCP and UDP. */
uint16_t listener_free_port(void);

/* Replaces the PTR of 198.18.0.1 and frees the old one after a grace period. */
void listener_fixture_replace(struct listener_fixture *f, unsigned serial);

/* A query for `type` at 198.18.0.`host`, without length field. Returns its length. */
size_t listener_query(uint8_t *query, uint16_t id, uint8_t host, uint16_t type);

/* The same with the length field of TCP before it. */
size_t listener_tcp_query(uint8_t *query, uint16_t id, uint8_t host, uint16_t type);

/* A TCP connection from `source` ("127.0.0.1"), blocking, 5 s at most for each call. */
int listener_connect(const struct listener_fixture *f, const char *source);

void listener_send(int fd, const void *bytes, size_t length);

/* Reads one TCP message. Returns its length, 0 at the end of the stream, -1 on error. */
ssize_t listener_receive(int fd, uint8_t message[static 65535]);

/* Sends the query for the PTR and checks its answer. */
void listener_ask(int fd, uint16_t id);

/* Whether the server closes it, by FIN or RST, within `ms`. */
bool listener_closed(int fd, unsigned ms);

/* Waits until the counter has reached `value`, 5 s at most; returns what it is. */
uint64_t listener_await(const _Atomic(uint64_t) *counter, uint64_t value);

/* Waits 5 seconds at most until no TCP client is left; returns how many there are. */
uint64_t listener_await_no_clients(struct listener_fixture *fixture);

uint64_t listener_now_us(void);

/* 127.1.x.y: a client address of its own for each `index` up to 60,000. Returns `text`. */
const char *listener_source(unsigned index, char text[static 32]);

#endif
