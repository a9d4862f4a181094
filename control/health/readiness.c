/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/health/readiness.h"

const char *readiness_name(enum readiness_reason reason)
{
	static const char *const names[] = {
#define X(name, label, sentence) label,
		READINESS_LIST(X)
#undef X
	};

	return names[reason];
}

const char *readiness_sentence(enum readiness_reason reason)
{
	static const char *const sentences[] = {
#define X(name, label, sentence) sentence,
		READINESS_LIST(X)
#undef X
	};

	return sentences[reason];
}
