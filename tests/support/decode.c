/* SPDX-License-Identifier: BSD-3-Clause */
/* Decoding with ldns. */
#include "tests/support/decode.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>

bool decode_succeeds(const uint8_t *message, size_t bytes)
{
	ldns_pkt *packet = NULL;
	ldns_status status = ldns_wire2pkt(&packet, message, bytes);

	if (status != LDNS_STATUS_OK)
		fprintf(stderr, "ldns: %s\n", ldns_get_errorstr_by_id(status));
	else
		ldns_pkt_free(packet);
	return status == LDNS_STATUS_OK;
}
