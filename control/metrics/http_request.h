/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A request of HTTP/1.0 or 1.1 (RFC 9112), as far as one needs it who has pages to read and nothing
 * to write. Pure; the octets are hostile.
 */
#ifndef ARPAD_CONTROL_METRICS_HTTP_REQUEST_H
#define ARPAD_CONTROL_METRICS_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum {
	HTTP_REQUEST_MAX_BYTES = 8192, /* with all its header fields: Prometheus sends 300 */
	HTTP_PATH_BYTES = 64,	       /* a longer one is of no page, and cut */
};

enum http_verdict {
	HTTP_MORE, /* the request is not whole yet */
	HTTP_GET,
	HTTP_HEAD,
	HTTP_BAD_REQUEST, /* 400: this is no HTTP */
	HTTP_BAD_METHOD,  /* 405 */
	HTTP_TOO_LARGE,	  /* 431: HTTP_REQUEST_MAX_BYTES have come without an end */
	HTTP_BAD_VERSION, /* 505 */
};

/*
 * Judges what has come so far. With HTTP_GET and HTTP_HEAD `path` is the target's, without query
 * and fragment. Header fields are passed over, and so is a body, which neither method has.
 */
enum http_verdict http_request_read(
	const char *octets, size_t bytes, char path[static HTTP_PATH_BYTES]);

#endif
