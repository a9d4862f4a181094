/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Failure texts quote untrusted input, cut at any byte. So what leaves here is always printable
 * ASCII: it can't forge a log line, and it is valid UTF-8 for a JSON reply.
 */
#include "control/failure.h"

#include <stddef.h>
#include <stdio.h>

int failure_set(struct failure *failure, enum failure_code code, const char *format, ...)
{
	va_list arguments;

	failure->code = code;
	failure->sequence = 0;
	va_start(arguments, format);
	vsnprintf(failure->text, sizeof(failure->text), format, arguments);
	va_end(arguments);
	for (char *c = failure->text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return -1;
}

const char *failure_name(enum failure_code code)
{
	static const char *const names[] = {
#define X(name, number, label) [FAILURE_##name] = label,
		FAILURE_LIST(X)
#undef X
	};

	if ((size_t)code >= sizeof(names) / sizeof(names[0]) || names[code] == NULL)
		return "unknown";
	return names[code];
}
