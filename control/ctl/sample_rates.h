/* SPDX-License-Identifier: BSD-3-Clause */
/* What happened between two samples, a second. Pure. */
#ifndef ARPAD_CONTROL_CTL_SAMPLE_RATES_H
#define ARPAD_CONTROL_CTL_SAMPLE_RATES_H

#include "control/ctl/sample.h"

struct worker_rates {
	double packets, sent, lost, paused; /* a second; lost: replies that the port did not take */
	double burst;			    /* packets a burst that brought any */
	double cycles;			    /* a packet */
	double busy, asleep, empty;	    /* shares of the time, and of the polls */
};

struct port_rates {
	double received, sent, missed, no_buffer, errors, to_kernel, from_kernel, kernel_lost;
};

/* All but shares are a second. */
struct sample_rates {
	bool known; /* false: there is one sample only, or arpad was restarted in between */
	double seconds;
	double queries; /* datagrams and messages to our addresses and port */
	double replies;
	double answered; /* share of the queries that got a reply; 1 of no query */
	double dropped;	 /* frames and messages without a reply, but for punted and to-kernel */
	double lost;	 /* before a worker had them, or replies that did not leave */
	double updates, tcp, sockets; /* tcp is part of sockets, sockets part of queries */
	double outcome[OUTCOMES];
	struct worker_rates workers[SAMPLE_WORKERS_MAX];
	struct port_rates ports[SAMPLE_PORTS_MAX];
};

/* `before` may be NULL. */
void sample_rates(
	const struct sample *before, const struct sample *now, struct sample_rates *rates);

/* What an outcome is counted as. */
bool sample_is_reply(enum outcome outcome); /* to a DNS query */
bool sample_is_query(enum outcome outcome); /* of whatever end, that was to us */
bool sample_is_dropped(enum outcome outcome);

/* All of it for a program: a new reference. */
json_t *sample_rates_json(const struct sample *now, const struct sample_rates *rates);

#endif
