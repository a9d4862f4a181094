/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl zone import. */
#include "control/ctl/import.h"
#include "control/ctl/verbs.h"

static enum ctl_status import(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	(void)verb;
	return import_run(ctl, arguments->word[0], arguments->word[1]);
}

const struct verb verbs_import[] = {
	{.object = "zone",
		.name = "import",
		.operand = {{"ZONE", NULL, OPERAND_ONE}, {"FILE", NULL, OPERAND_ONE}},
		.help = "Replaces the zone's contents by a zone file (- for standard input), as "
			"one change;\n"
			"the zone is added when it is new. A file with a bad line changes "
			"nothing. Progress\n"
			"goes to standard error.\n"
			"\n"
			"  arpactl zone import 192.0.2.0/24 2.0.192.in-addr.arpa.zone\n",
		.run = import},
	{.object = NULL},
};
