/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/name_syntax.h"

#include <stdbool.h>
#include <stddef.h>

static bool is_digit(uint8_t octet)
{
	return octet >= '0' && octet <= '9';
}

static bool is_letter(uint8_t octet)
{
	return (uint8_t)((octet | 0x20) - 'a') < 26;
}

static const char *broken_label(const uint8_t *label)
{
	for (unsigned i = 1; i <= label[0]; i++) {
		if (label[i] == '_')
			return "holds an underscore, which no host name may";
		if (!is_letter(label[i]) && !is_digit(label[i]) && label[i] != '-')
			return "holds a character that is no letter, digit or hyphen";
	}
	if (label[1] == '-' || label[label[0]] == '-')
		return "has a label that starts or ends with a hyphen";
	return NULL;
}

static bool is_number(const uint8_t *label)
{
	for (unsigned i = 1; i <= label[0]; i++)
		if (!is_digit(label[i]))
			return false;
	return true;
}

const char *name_syntax_broken(const uint8_t *wire)
{
	const uint8_t *last = wire;

	if (wire[0] == 0)
		return "is the root, which is no host";
	for (; wire[0] != 0; wire += 1 + wire[0]) {
		const char *rule = broken_label(wire);

		if (rule)
			return rule;
		last = wire;
	}
	return is_number(last) ? "ends in a label of digits alone, as only addresses do" : NULL;
}
