/* SPDX-License-Identifier: BSD-3-Clause */
/* One observation as dnstap has it: a protocol buffer. Pure. */
#ifndef ARPAD_CONTROL_OBSERVER_DNSTAP_MESSAGE_H
#define ARPAD_CONTROL_OBSERVER_DNSTAP_MESSAGE_H

#include "dataplane/observe.h"

enum {
	DNSTAP_TEXT_MAX_BYTES = 255, /* of identity and of version */
	DNSTAP_CONTENT_TYPE_BYTES = 22,
	/* What surrounds a message: addresses, times, tags, identity and version. */
	DNSTAP_MESSAGE_BYTES = OBSERVE_REPLY_BYTES + 2 * DNSTAP_TEXT_MAX_BYTES + 160,
};

extern const char dnstap_content_type[DNSTAP_CONTENT_TYPE_BYTES + 1];

struct dnstap_source {
	const char *identity, *version; /* NULL: not said */
};

enum dnstap_kind { DNSTAP_QUERY, DNSTAP_RESPONSE };

/*
 * Writes the query, or the response, as it left; returns its length. 0: there is none, or it was
 * cut, and half a message is of no use to whoever reads it.
 */
size_t dnstap_message_write(const struct dnstap_source *source, enum dnstap_kind kind,
	const struct observation *seen, uint64_t when_ns, uint8_t to[static DNSTAP_MESSAGE_BYTES]);

#endif
