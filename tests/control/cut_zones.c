/* SPDX-License-Identifier: BSD-3-Clause */
/* Each state is an import, or the zone's removal; the store finds out what differs. */
#include "tests/control/cut_zones.h"

#include "control/presentation.h"
#include "control/soa.h"
#include "control/update/update_import.h"
#include "dataplane/dns/wire.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define PLAIN {"3.3.1.10.in-addr.arpa.", WIRE_TYPE_PTR, "plain."}
#define CUT(owner) {owner, WIRE_TYPE_NS, "ns.2.1.10.in-addr.arpa."}
#define DNAME {"2.1.10.in-addr.arpa.", WIRE_TYPE_DNAME, "example."}
#define WILD {"*.w.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR, "wild."}
#define HIDDEN \
	{"7.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR, "lone."}, \
	{"9.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR, "one."}, \
	{"9.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR, "two."}, \
	{"ns.2.1.10.in-addr.arpa.", WIRE_TYPE_A, "\177\1\1\1"}, \
	WILD
/* clang-format on */

const struct cut_line cut_plain[CUT_LINES_MAX] = {PLAIN};
const struct cut_line cut_below[CUT_LINES_MAX] = {PLAIN, CUT("2.1.10.in-addr.arpa."), HIDDEN};
const struct cut_line cut_above[CUT_LINES_MAX] = {CUT("1.10.in-addr.arpa."), HIDDEN};
const struct cut_line cut_dname[CUT_LINES_MAX] = {PLAIN, DNAME, HIDDEN};
const struct cut_line cut_both[CUT_LINES_MAX] = {CUT("1.10.in-addr.arpa."), DNAME, HIDDEN};
const struct cut_line cut_wild[CUT_LINES_MAX] = {WILD};
const struct cut_line cut_single[CUT_LINES_MAX] = {
	{"x.w.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR, "single."}};

const struct cut_question cut_hidden[CUT_HIDDEN] = {
	{"7.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR},
	{"9.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR},
	{"7.2.1.10.in-addr.arpa.", WIRE_TYPE_A},
	{"ns.2.1.10.in-addr.arpa.", WIRE_TYPE_A},
	{"ns.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR},
	{"x.w.2.1.10.in-addr.arpa.", WIRE_TYPE_PTR},
};

/* The wire form of a name that must be right. Returns its length. */
static size_t wire_of(const char *text, uint8_t *wire)
{
	struct failure failure;
	int bytes = presentation_parse_name(text, wire, &failure);

	if (bytes < 0)
		abort();
	return (size_t)bytes;
}

static int stage_line(struct staging *staging, const struct cut_line *line, struct failure *failure)
{
	uint8_t name[WIRE_NAME_MAX_BYTES], target[WIRE_NAME_MAX_BYTES];
	size_t bytes = wire_of(line->owner, name), target_bytes = 4;
	struct owner owner;

	owner_from_name(name, bytes, &owner);
	if (line->type == WIRE_TYPE_A)
		memcpy(target, line->target, target_bytes);
	else
		target_bytes = wire_of(line->target, target);
	return staging_add(
		staging, &owner, line->type, 60, target, (uint16_t)target_bytes, failure);
}

static int stage_all(struct staging *staging, const struct owner *apex,
	const struct cut_line *lines, struct failure *failure)
{
	static const struct soa_numbers numbers = {1, 1, 2, 3, 30};
	uint8_t soa[6 + SOA_NUMBERS_BYTES] = "\1a\0\1b";
	int result;

	soa_write_numbers(soa + 6, &numbers);
	result = staging_add(staging, apex, WIRE_TYPE_SOA, 60, soa, sizeof(soa), failure);
	if (result == 0)
		result = staging_add(
			staging, apex, WIRE_TYPE_NS, 60, (const uint8_t *)"\2ns", 4, failure);
	for (; result == 0 && lines->owner; lines++)
		result = stage_line(staging, lines, failure);
	return result;
}

static struct owner apex_of(const char *text)
{
	struct failure failure;
	struct prefix prefix;

	if (presentation_parse_prefix(text, &prefix, &failure) != 0)
		abort();
	return owner_from_prefix(&prefix);
}

int cut_zones_import(struct update *update, const char *apex, const struct cut_line *lines,
	struct failure *failure)
{
	const struct owner owner = apex_of(apex);
	struct staging *staging = staging_new("/tmp", &owner);
	const struct import_plan plan = {.kind = IMPORT_ZONE, .staging = staging};
	struct import_counts counts;
	struct update_result changed;
	int result = -1;

	if (staging && stage_all(staging, &owner, lines, failure) == 0)
		result = update_import(update, &plan, &counts, &changed, failure);
	if (staging)
		staging_free(staging);
	return result;
}

static int become(struct update *update, const char *apex, const struct cut_line *was,
	const struct cut_line *is, struct failure *failure)
{
	const struct owner owner = apex_of(apex);
	uint64_t sequence;
	size_t removed;

	if (is == was)
		return 0;
	return is ? cut_zones_import(update, apex, is, failure)
		  : update_remove_zone(update, &owner, &sequence, &removed, failure);
}

int cut_zones_change(struct update *update, const struct cut_zones *was, const struct cut_zones *is,
	struct failure *failure)
{
	if (update_begin(update, failure) != 0 ||
		become(update, "10.0.0.0/8", was->enclosing, is->enclosing, failure) != 0)
		return -1;
	return become(update, "10.1.0.0/16", was->inner, is->inner, failure);
}

size_t cut_zones_ask(const struct cut_question *question, uint8_t *message)
{
	size_t at = WIRE_HEADER_BYTES;

	memset(message, 0, WIRE_HEADER_BYTES);
	message[WIRE_QDCOUNT + 1] = 1;
	at += wire_of(question->name, message + at);
	wire_put16(message + at, question->qtype);
	wire_put16(message + at + 2, WIRE_CLASS_IN);
	return at + WIRE_QUESTION_FIXED;
}
