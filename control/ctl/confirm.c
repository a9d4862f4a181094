/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/confirm.h"

#include <stdio.h>
#include <unistd.h>

/* The answer's first letter; an octet at a time, for what is typed behind it is for others. */
static char read_answer(void)
{
	char first = 0, octet;

	while (read(STDIN_FILENO, &octet, 1) == 1 && octet != '\n')
		if (!first && octet != ' ')
			first = octet;
	return first;
}

static bool says_yes(const char *question)
{
	char answer;

	fflush(stdout);
	fprintf(stderr, "%s Go on? [y/N] ", question);
	fflush(stderr);
	answer = read_answer();
	return answer == 'y' || answer == 'Y';
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
