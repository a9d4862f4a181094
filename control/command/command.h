/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control plane as a function: request lines in, reply lines out. It knows no socket. Requests
 * that are run together share one commit; a reply exists only after it.
 */
#ifndef ARPAD_CONTROL_COMMAND_H
#define ARPAD_CONTROL_COMMAND_H

#include "control/address/address_book.h"
#include "control/command/access.h"
#include "control/command/name_syntax.h"
#include "control/report.h"
#include "control/store/store.h"
#include "control/update/update.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	COMMAND_API = 1, /* grows when a client must change */
	/* 20,000 lines of a zone file, or 10 names of 255 octets in the longest spelling. */
	COMMAND_LINE_MAX_BYTES = 1 << 20,
	/* What our methods need is 3; jansson recurses, so a bound must come before it. */
	COMMAND_DEPTH_MAX = 32,
	/* Each may hold a zone's records, on disk: of all clients together. */
	COMMAND_IMPORTS_MAX = 8,
};

struct traces; /* control/observer/trace.h */
struct tally;

/* What becomes of packets by a drain, or by its end. */
struct command_steering {
	bool steered;	   /* some port is: else packets go on as before */
	unsigned delay_ms; /* so long workers still get them */
};

/* What requests work on. Borrowed; may be changed between two command_run. */
struct request_counts; /* control/metrics/request_counts.h */

struct command {
	struct store *store;
	struct update *update;
	const struct zone_defaults *zones;
	void (*gather)(void *context, struct report_facts *facts);
	void (*stop)(void *context); /* asks for the end; must return */
	/* The configuration: shown, or as the file would have it (the results of config.show,
	 * config.diff and config.reload); new references, or NULL and the failure. */
	json_t *(*show_config)(
		void *context, const char *key, size_t first, size_t most, struct failure *failure);
	json_t *(*diff_config)(void *context, struct failure *failure);
	json_t *(*reload)(void *context, struct failure *failure);
	void (*changed)(void *context); /* after a batch that was committed; may be NULL */
	/* Where we answer, and the names of the interfaces of its sources. */
	const struct address_book *(*addresses)(void *context);
	const char *const *interfaces;
	/* Each: 1 done, 0 it was so, -1 the failure. Not part of any commit. */
	int (*change_address)(void *context, const struct dns_listener_address *address, bool add,
		struct failure *failure);
	int (*drain)(void *context, bool drain, struct command_steering *steering,
		struct failure *failure);
	json_t *(*health)(void *context); /* the result of server.health; NULL: no memory */
	struct tally *tally;		  /* of server.top */
	void *context;
	struct request_counts *counts; /* of what changes something; may be NULL */
	unsigned imports;	       /* open now; start value 0 */
	enum name_syntax name_syntax;
	struct traces *traces; /* NULL: nothing is observed */
	struct txns *txns;     /* NULL until the first is begun; command_txn_end frees them */
	/* Who may do what; NULL: every session is an admin's. `access_version` grows when it
	 * changes. */
	const struct access *access;
	unsigned access_version;
};

/* What one client has open: its imports, which end with it. */
struct session;
struct session *command_session_new(struct command *command); /* NULL: no memory */

/*
 * Who is at the other end; without it the session is an admin's. The peer is the session's from
 * here, its role what command->access says when a request is run.
 */
void command_session_set_peer(struct session *session, const struct peer *peer);

bool command_session_is_read_only(const struct session *session);

/* Who it is now. Borrowed, as the tenant in it is, until the configuration changes. */
const struct actor *command_session_actor(struct session *session);

/* Ends what the session has open in the store, before that is closed; then it can only be freed. */
void command_session_end(struct session *session);

/* No request of the session may be left. Takes NULL. */
void command_session_free(struct session *session);

struct request; /* control/command/request.h */

/*
 * Runs the requests in order as one batch, one commit for all. When the commit fails, every change
 * and every read that may have seen one fails with it.
 */
void command_run(struct command *command, struct request *const *requests, size_t count);

#endif
