/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/confirm.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

static bool says_yes(const char *question)
{
	char *line = NULL;
	size_t room = 0;
	bool yes;

	fflush(stdout);
	fprintf(stderr, "%s Go on? [y/N] ", question);
	fflush(stderr);
	yes = getline(&line, &room, stdin) > 0 &&
		(strcasecmp(line, "y\n") == 0 || strcasecmp(line, "yes\n") == 0);
	free(line);
	return yes;
}

enum ctl_status confirm(struct arguments *arguments, const char *question)
{
	if (verbs_flag(arguments->own, "yes"))
		return CTL_OK;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return verbs_usage("%s Without a terminal to ask on, --yes is needed.", question);
	if (says_yes(question))
		return CTL_OK;
	output_message("nothing was changed");
	return CTL_FAILED;
}
