/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is shown of observations: a row that arpactl takes for one and what it becomes in a capture,
 * whatever the row is; and the row and dnstap's message of any octets that a client sent.
 */
#include "control/ctl/trace_row.h"
#include "control/observer/dnstap_message.h"
#include "control/observer/trace_row.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t count);

static void check(bool good)
{
	if (!good)
		abort();
}

static void read_row(struct span text)
{
	struct trace_streams streams = {1, 2};
	uint8_t block[TRACE_ROW_BLOCK_BYTES], decoded[TRACE_ROW_OCTETS];
	struct trace_row row;

	check(trace_row_decode(text, decoded, sizeof(decoded)) <= TRACE_ROW_OCTETS);
	if (!trace_row_read(text, &row))
		return;
	for (int reply = 0; reply < 2; reply++) {
		size_t bytes = trace_row_block(&row, reply, &streams, block);

		check(bytes <= TRACE_ROW_BLOCK_BYTES && bytes % 4 == 0);
	}
}

/* The first octets say what kind of observation the rest is. */
static void show(const uint8_t *octets, size_t count)
{
	struct observation seen = {.client_port = 1, .server_port = 53};
	uint8_t message[DNSTAP_MESSAGE_BYTES];
	const struct dnstap_source source = {"identity", "version"};
	struct text out = {.octets = NULL};
	json_t *row;

	if (count < 4)
		return;
	seen.path = octets[0] % 4;
	seen.family = octets[0] & 4 ? 4 : octets[0] & 8 ? 6 : 0;
	seen.why = octets[1];
	seen.outcome = octets[2] % OUTCOMES;
	seen.query_message = seen.reply_message = octets[3];
	octets += 4;
	count -= 4;
	seen.query_bytes = seen.reply_bytes = (uint32_t)count;
	seen.query_kept = (uint16_t)(count < OBSERVE_QUERY_BYTES ? count : OBSERVE_QUERY_BYTES);
	seen.reply_kept = (uint16_t)(count < OBSERVE_REPLY_BYTES ? count : OBSERVE_REPLY_BYTES);
	memcpy(seen.query, octets, seen.query_kept);
	memcpy(seen.reply, octets, seen.reply_kept);
	check(dnstap_message_write(&source, DNSTAP_QUERY, &seen, 1, message) <= sizeof(message));
	check(dnstap_message_write(&source, DNSTAP_RESPONSE, &seen, 1, message) <= sizeof(message));
	trace_row_write(&out, &seen, 1795453200123456789, true);
	check(!out.failed);
	row = json_loadb(out.octets, out.bytes, JSON_REJECT_DUPLICATES, NULL);
	check(row != NULL);
	json_decref(row);
	read_row((struct span){out.octets, out.bytes});
	text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t count)
{
	char *text = malloc(count + 1); /* a copy, so that what is read behind it shows */

	memcpy(text, octets, count);
	read_row((struct span){text, count});
	free(text);
	show(octets, count);
	return 0;
}
