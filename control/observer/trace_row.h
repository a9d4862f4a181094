/* SPDX-License-Identifier: BSD-3-Clause */
/* One observation as a row of a trace: what a person and a program read of it. Pure. */
#ifndef ARPAD_CONTROL_OBSERVER_TRACE_ROW_H
#define ARPAD_CONTROL_OBSERVER_TRACE_ROW_H

#include "control/command/text.h"
#include "dataplane/observe.h"

/*
 * The question of the observation's query, as far as it was kept and is well-formed; untrusted.
 * NULL: there is none. Borrowed: its wire name, behind which `*name_bytes` the type stands.
 */
const uint8_t *trace_row_question(const struct observation *seen, size_t *name_bytes);

/* Adds the row as a JSON object; with `packets` also the octets as they were kept, in base64. */
void trace_row_write(
	struct text *out, const struct observation *seen, uint64_t when_ns, bool packets);

#endif
