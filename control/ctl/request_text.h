/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests for many addresses, written as text: lines "ADDRESS NAME... [TTL]", rows of CSV, or
 * objects as ptr.list gives them. Pure.
 */
#ifndef ARPAD_CONTROL_CTL_REQUEST_TEXT_H
#define ARPAD_CONTROL_CTL_REQUEST_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { REQUEST_ADDRESS_BYTES = 64 };

/* What is wrong with text that holds a NUL. */
extern const char request_nul[];

/* Octets that grow. */
struct request_buffer {
	char *octets;
	size_t bytes, room;
	bool failed; /* no memory */
};

/* What requests have in common. */
struct request_frame {
	const char *method;
	unsigned names; /* a line's fields behind the address: 0 none, 1 names, 2 names and may be
			   a TTL */
	json_t *params; /* of every request */
	char *common;  /* params but for ttl, as text that ends with a comma; "" where there is none
			*/
	long long ttl; /* of lines without one; 0: none */
};

/* Takes `params`; false: no memory. Release it in any case. */
bool request_frame_init(
	struct request_frame *frame, const char *method, unsigned names, json_t *params);
void request_frame_release(struct request_frame *frame);

/*
 * Adds the request of a line, which is cut into its fields, and copies its address (as far as it
 * fits) for messages. An empty line and one that starts with # add nothing and leave `address`
 * empty. Returns what is wrong with the line, or NULL.
 */
const char *request_of_line(struct request_buffer *to, const struct request_frame *frame,
	long long id, const char *text, size_t bytes, char *address);

/*
 * Adds the request of an object. The members that ptr.list adds (seq, created, modified, status,
 * zone) are left out. Returns what is wrong, or NULL.
 */
const char *request_of_object(struct request_buffer *to, const struct request_frame *frame,
	long long id, const char *text, size_t bytes, char *address);

/* Adds the request for an object's members; takes `object`. */
const char *request_of_json(struct request_buffer *to, const struct request_frame *frame,
	long long id, json_t *object, char *address);

/*
 * A row "address,name[,ttl[,description[,tenant[,tags]]]]" (RFC 4180; tags "k=v;k=v") as an object
 * with "names"; empty fields are left out. NULL: *wrong says why. The row's text is changed.
 */
json_t *request_csv_object(char *row, size_t bytes, const char **wrong);

/* The octets of the first row with its line end; 0: it is not whole. */
size_t request_csv_row(const char *text, size_t bytes);

#endif
