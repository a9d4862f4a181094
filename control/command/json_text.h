/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON written straight into a reply, for lists: a row costs no allocation. What is written is
 * complete values; commas and brackets are the caller's. control/command/json_write.h has strings.
 * Pure.
 */
#ifndef ARPAD_CONTROL_JSON_TEXT_H
#define ARPAD_CONTROL_JSON_TEXT_H

#include "control/command/text.h"
#include "control/object.h"
#include "dataplane/dns/owner.h"

#include <stdint.h>

/* Adds a string constant as it stands. */
#define json_text_literal(text, literal) text_add(text, "" literal, sizeof(literal) - 1)

/* Adds a well-formed wire name in presentation format with its final dot, as a string. */
void json_text_name(struct text *text, const uint8_t *wire);

/* Adds an address, without its length, or a prefix, with it, as a string (RFC 5952). */
void json_text_prefix(struct text *text, const struct prefix *prefix);

/* Adds an owner: a prefix where it is one, else a name. */
void json_text_owner(struct text *text, const struct owner *owner);

/* Adds seconds since 1970 as a string: "2026-01-31T23:59:59Z" (RFC 3339). */
void json_text_time(struct text *text, uint32_t seconds);

/* Adds what is set of them as members, each behind a comma: description, tags, tenant. */
void json_text_details(struct text *text, const struct details *details);

#endif
