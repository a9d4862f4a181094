/* SPDX-License-Identifier: BSD-3-Clause */
/* The daemon: every part in the order of its start, the loop, the reload, and the end. */
#ifndef ARPAD_CONTROL_SERVER_H
#define ARPAD_CONTROL_SERVER_H

#include "control/address/address_book.h"
#include "control/address/follow.h"
#include "control/address/ports.h"
#include "control/command/command.h"
#include "control/command/socket.h"
#include "control/config/config.h"
#include "control/journal/overdue.h"
#include "control/listener/dns_listener.h"
#include "control/load_thread.h"
#include "control/monitoring.h"
#include "control/process.h"
#include "control/publish.h"
#include "control/sandbox/privileges.h"

#include <event2/event.h>
#include <sched.h>
#include <stdbool.h>
#include <time.h>

struct server {
	const char *config_path;
	struct config *boot;	 /* what the ports were opened with; kept until the end */
	struct config *config;	 /* what holds now: `boot`, or that of the last reload */
	struct config *replaced; /* by reloads since the last second, linked by `older` */
	struct event_base *base;
	struct event *stop_signals[2], *reload_signal, *poll, *clock;
	struct store *store;
	struct table *table;
	struct serving serving;
	struct publish publish;
	struct reclaim *reclaim;
	struct update *update;
	struct ports ports;
	struct privileges privileges;
	struct address_book
		book;	       /* what we answer on; control/address/answering.c has these four */
	struct follow *follow; /* NULL: no interface was ever followed */
	uint32_t missing;      /* interfaces to follow that are not there */
	bool draining;
	struct dns_listener *listener;
	struct command command;
	struct monitoring monitoring;
	struct process process;
	struct overdue overdue;
	struct socket *socket, *read_only_socket;
	struct load_thread load;
	struct timespec started, opening,
		opened; /* CLOCK_MONOTONIC: us; the ports, begin and end */
	bool ready;
};

/*
 * Starts everything in order; the first failure ends it with one sentence. `server` is zeroed;
 * server_close undoes what was done either way. Takes `config`.
 */
int server_open(struct server *server, const char *config_path, struct config *config,
	const char *program, struct failure *failure);

/* Serves until SIGTERM, SIGINT or server.stop. */
int server_run(struct server *server);

/*
 * Ends everything: first packets, then the listener, the workers and the store, last the control
 * clients' connections.
 */
void server_close(struct server *server);

/* What a thread is given to settle by, before it does anything else. */
struct server_place {
	struct server *server;
	const cpu_set_t *all; /* CPUs of the process */
};

/*
 * The calling thread may run on all of these CPUs but those that workers poll; left alone where
 * that is none. Any thread.
 */
void server_leave_worker_cores(const struct config *config, const cpu_set_t *all);

#endif
