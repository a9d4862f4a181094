/* SPDX-License-Identifier: BSD-3-Clause */
/* Why a request was not carried out: a code for programs and one sentence for a person. */
#ifndef ARPAD_CONTROL_FAILURE_H
#define ARPAD_CONTROL_FAILURE_H

#include <stdarg.h>
#include <stdint.h>

/* X(enumerator, code on the wire, name on the wire). Codes never change once released. */
#define FAILURE_LIST(X) \
	X(NONE, 0, "ok") \
	X(INVALID, 1, "invalid")     /* the request breaks a rule that the text names */ \
	X(NOT_FOUND, 2, "not-found") /* no such record, zone or import */ \
	X(EXISTS, 3, "exists")	     /* it is already there */ \
	X(UNKNOWN_METHOD, 4, "unknown-method") \
	X(TOO_LARGE, 5, "too-large")	 /* a line, an answer or a count over its limit */ \
	X(BUSY, 6, "busy")		 /* try again later */ \
	X(STORE_FULL, 7, "store-full")	 /* no room on disk, in the map or in memory */ \
	X(STORE_ERROR, 8, "store-error") /* the disk or the store failed; nothing was changed */ \
	X(INTERNAL, 9, "internal") \
	X(CONFLICT, 10, "conflict") /* somebody changed it meanwhile, or it may not change now */ \
	X(DENIED, 11, "denied")	    /* not with this role, or not there */ \
	X(QUOTA, 12, "quota")	    /* more objects than the tenant may have */ \
	X(TIMEOUT, 13, "timeout")   /* what was waited for did not come in time */ \
	X(TOO_OLD, 14, "too-old")   /* the journal does not reach back so far */

enum failure_code {
#define X(name, code, label) FAILURE_##name = code,
	FAILURE_LIST(X)
#undef X
};

enum { FAILURE_TEXT_BYTES = 512 };

struct failure {
	enum failure_code code;
	uint64_t sequence; /* of a conflict: the change that made what is there now; else 0 */
	char text[FAILURE_TEXT_BYTES];
};

/*
 * Fills `failure`, without a sequence, and returns -1, so that a caller can `return
 * failure_set(...)`. Octets that are no printable ASCII become '?', and what is too long is cut. No
 * argument may point into `failure`.
 */
int failure_set(struct failure *failure, enum failure_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

const char *failure_name(enum failure_code code);

#endif
