/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl's command line: options, then an object, a verb and its arguments; or what they come
 * from. */
#include "control/ctl/complete.h"
#include "control/ctl/run.h"
#include "control/ctl/shell.h"

#include <stdio.h>
#include <unistd.h>

/* Reads the options at the front; *words moves behind them. */
static enum ctl_status read_options(struct options *options, char ***words)
{
	while (**words && (**words)[0] == '-' && (**words)[1]) {
		int used;

		if ((**words)[1] == '-' && !(**words)[2]) {
			++*words;
			break;
		}
		used = options_take(options, *words, false);
		if (used < 0)
			return CTL_USAGE;
		if (used == 0)
			return verbs_usage(
				"there is no option %s; see \"arpactl --help\"", **words);
		*words += used;
		if (options->complete)
			break; /* what follows is bash's */
	}
	return CTL_OK;
}

static enum ctl_status run(struct options *options, char **words)
{
	if (options->complete)
		return complete_for_bash(options, words);
	if (options->version) {
		puts("arpactl " ARPAD_VERSION);
		return CTL_OK;
	}
	if (options->help)
		return run_help(words);
	if (options->file && *words)
		return verbs_usage(
			"with -f the commands come from the file; leave \"%s\" out", *words);
	if (options->file)
		return run_file(options);
	if (*words)
		return run_words(options, words);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return shell_run(options);
	run_print_usage(stderr);
	return CTL_USAGE;
}

/* Room for lists, which leave in larger pieces than the library's. */
static void widen_output(void)
{
	static char buffer[256 * 1024];

	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

int main(int argc, char **argv)
{
	struct client client = {.fd = -1};
	struct options options = {.ctl = {.socket = options_default_socket, .kept = &client}};
	char **words = argv + (argc > 0);
	enum ctl_status status;

	widen_output();
	status = read_options(&options, &words);
	output_setup(options.ctl.color);
	if (status == CTL_OK)
		status = run(&options, words);
	client_close(&client);
	return (int)status;
}
