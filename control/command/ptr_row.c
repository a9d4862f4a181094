/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/ptr_row.h"

#include "control/command/json_text.h"
#include "control/command/json_write.h"
#include "control/rrset_buffer.h"

static void write_names(struct text *text, const struct rrset *names)
{
	const uint8_t *name;
	uint32_t offset = 0;
	uint16_t bytes;
	bool any = false;

	json_text_literal(text, "\"names\":[");
	while ((name = rrset_next(names, &offset, &bytes)) != NULL) {
		if (any)
			json_text_literal(text, ",");
		json_text_name(text, name);
		any = true;
	}
	json_text_literal(text, "],\"ttl\":");
	text_add_number(text, names->ttl);
}

void ptr_row_write_settable(struct text *text, const struct ptr_row *row)
{
	write_names(text, row->names);
	json_text_details(text, row->details);
}

void ptr_row_write(struct text *text, const struct prefix *address, const struct ptr_row *row,
	const struct owner *zone)
{
	json_text_literal(text, "{\"address\":");
	json_text_prefix(text, address);
	json_text_literal(text, ",");
	ptr_row_write_settable(text, row);
	json_text_literal(text, ",\"created\":");
	json_text_time(text, row->stamp->created);
	json_text_literal(text, ",\"modified\":");
	json_text_time(text, row->stamp->modified);
	json_text_literal(text, ",\"seq\":");
	text_add_number(text, (long long)row->stamp->sequence);
	json_text_literal(text, ",\"status\":\"active\",\"zone\":");
	json_text_owner(text, zone);
	json_text_literal(text, "}");
}
