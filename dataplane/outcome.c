/* SPDX-License-Identifier: BSD-3-Clause */
/* The outcomes' names and sentences, from the one list. */
#include "dataplane/outcome.h"

static const struct {
	const char *name, *sentence;
} outcomes[OUTCOMES] = {
#define X(name, label, sentence) [OUTCOME_##name] = {label, sentence},
	OUTCOME_LIST(X)
#undef X
};

const char *outcome_name(enum outcome outcome)
{
	return outcomes[outcome].name;
}

const char *outcome_sentence(enum outcome outcome)
{
	return outcomes[outcome].sentence;
}
