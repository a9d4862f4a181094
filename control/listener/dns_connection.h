/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One TCP connection (RFC 7766): messages in order, each after its length. An idle one holds no
 * buffer: whole messages are answered in the server's scratch memory, and only what is partial
 * or unsent is kept. While replies are unsent, nothing more is read.
 */
#ifndef ARPAD_CONTROL_DNS_CONNECTION_H
#define ARPAD_CONTROL_DNS_CONNECTION_H

#include "control/listener/dns_listener_core.h"
#include "dataplane/dns/arpa.h"

#include <sys/queue.h>

/* What a connection waits for; each has its own time-out. */
enum dns_connection_state {
	DNS_CONNECTION_IDLE,	  /* the first byte of a message */
	DNS_CONNECTION_RECEIVING, /* the rest of one */
	DNS_CONNECTION_SENDING,	  /* the client, to take its replies */
	DNS_CONNECTION_STATES
};

struct dns_connection {
	TAILQ_ENTRY(dns_connection) link; /* in the queue of its state */
	struct event event;		  /* read, or write while SENDING */
	struct dns_listener_tcp *tcp;
	struct prefix network;
	struct ip_address peer;
	uint64_t since_ms; /* of its state; the last message's end for IDLE */
	enum dns_connection_state state;
	int fd;
	bool broken; /* the client does not speak DNS: close once its replies are sent */
	struct dns_buffer {
		uint8_t *bytes;
		uint32_t length, capacity;
	} input, output;
	uint32_t sent; /* of output */
};

/* A new connection on the non-blocking `fd`, which it owns. Reads from now on. False: no memory. */
bool dns_connection_open(struct dns_connection *connection, struct dns_listener_tcp *tcp, int fd);

/*
 * Answers what has come already. An opened connection is in its queue by now; it may be closed and
 * freed by this.
 */
void dns_connection_read(struct dns_connection *connection);

/* Closes the descriptor and frees the buffers. `reset`: what the kernel still holds is dropped. */
void dns_connection_fini(struct dns_connection *connection, bool reset);

/* Closes `fd` with a reset, so that the kernel keeps nothing of it, not even its TIME-WAIT. */
void dns_connection_drop(int fd);

#endif
