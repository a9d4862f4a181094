/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/query_type.h"

#include "dataplane/hot.h"

enum query_type query_type_of(const struct query *query)
{
	switch (query->qtype) {
	case 0:
		return QUERY_TYPE_NONE;
#define X(name, label, number) \
	case number: \
		return QUERY_TYPE_##name;
		QUERY_TYPE_NUMBERS(X)
#undef X
	default:
		return QUERY_TYPE_OTHER;
	}
}

const char *query_type_name(enum query_type type)
{
	static const char *const names[] = {
#define X(name, label, number) [QUERY_TYPE_##name] = label,
		QUERY_TYPE_LIST(X)
#undef X
	};

	return names[type];
}
