/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a name could be a host's, and what to do where it could not. Pure. */
#ifndef ARPAD_CONTROL_NAME_SYNTAX_H
#define ARPAD_CONTROL_NAME_SYNTAX_H

#include <stdint.h>

/* What is done with names that break a rule: nothing, a warning, a refusal. */
enum name_syntax { NAME_SYNTAX_OFF, NAME_SYNTAX_WARN, NAME_SYNTAX_ENFORCE };

/*
 * The rule of host names that a well-formed wire name breaks, as the end of a sentence that starts
 * with the name; NULL: none. Labels are letters, digits and inner hyphens, and the last is not
 * digits alone (RFC 952, RFC 1123 2.1).
 */
const char *name_syntax_broken(const uint8_t *wire);

#endif
