/* SPDX-License-Identifier: BSD-3-Clause */
/* The four names of class CHAOS that other servers know too. */
#include "dataplane/chaos.h"

#include "dataplane/dns/name.h"

#include "dataplane/hot.h"

static const struct policy_text *find_text(const struct policy *policy, const uint8_t *qname)
{
	if (name_equal(qname, (const uint8_t *)"\2id\6server") ||
		name_equal(qname, (const uint8_t *)"\10hostname\4bind"))
		return &policy->identity;
	if (name_equal(qname, (const uint8_t *)"\7version\4bind") ||
		name_equal(qname, (const uint8_t *)"\7version\6server"))
		return &policy->version;
	return NULL;
}

bool chaos_answer(const struct policy *policy, const struct query *query, struct reply *reply)
{
	const struct policy_text *text = find_text(policy, reply->message + WIRE_HEADER_BYTES);
	uint8_t rr[WIRE_RR_FIXED + 1 + POLICY_TEXT_MAX_BYTES];

	if (!text || text->bytes == 0 ||
		(query->qtype != WIRE_TYPE_TXT && query->qtype != WIRE_TYPE_ANY))
		return false;
	wire_put16(rr, WIRE_TYPE_TXT);
	wire_put16(rr + 2, WIRE_CLASS_CH);
	wire_put32(rr + 4, 0);
	wire_put16(rr + 8, (uint16_t)(1 + text->bytes));
	rr[WIRE_RR_FIXED] = text->bytes;
	memcpy(rr + WIRE_RR_FIXED + 1, text->text, text->bytes);
	reply_add_rr(reply, REPLY_ANSWER, WIRE_HEADER_BYTES, rr, WIRE_RR_FIXED + 1u + text->bytes);
	return true;
}
