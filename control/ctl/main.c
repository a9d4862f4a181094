/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl's command line: options, then an object, a verb and its arguments. */
#include "control/ctl/verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char default_socket[] = "/run/arpad/arpad.sock";

enum { TIMEOUT_MAX_S = 86400 };

static const struct verb *const tables[] = {verbs_server, verbs_address, verbs_zone, verbs_ptr};
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static void print_usage(FILE *out)
{
	fprintf(out, "Usage: arpactl [-s SOCKET] [-j] [-t SECONDS] OBJECT VERB ARGUMENTS\n\n");
	for (int i = 0; i < TABLES; i++)
		for (const struct verb *verb = tables[i]; verb->object; verb++)
			fprintf(out, "  %s%s%s %s\n", verb->object, verb->name ? " " : "",
				verb->name ? verb->name : "", verb->arguments);
	fprintf(out,
		"\n"
		"  -s SOCKET   the control socket (default %s)\n"
		"  -j          print results as JSON\n"
		"  -t SECONDS  give up after so long without an answer (default 30; import 600)\n"
		"  --help      after a verb: what it does, with an example\n"
		"  --version\n"
		"\n"
		"Exit status: 0 done, 1 failed, 2 wrong usage, 3 arpad is not running, 4 no answer "
		"in\n"
		"time, 5 not permitted, 6 not found or nothing changed.\n",
		default_socket);
}

/* The verb that argv names, and how many words that took; NULL: none. */
static const struct verb *find_verb(int argc, char **argv, int *words)
{
	for (int i = 0; i < TABLES; i++) {
		for (const struct verb *verb = tables[i]; verb->object; verb++) {
			if (strcmp(verb->object, argv[0]) != 0)
				continue;
			*words = verb->name ? 2 : 1;
			if (!verb->name || (argc > 1 && strcmp(verb->name, argv[1]) == 0))
				return verb;
		}
	}
	return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static enum ctl_status run(const struct ctl *ctl, int argc, char **argv)
{
	const struct verb *verb;
	enum ctl_status status;
	int words = 0;

	if (argc == 0) {
		print_usage(stderr);
		return CTL_USAGE;
	}
	verb = find_verb(argc, argv, &words);
	if (!verb)
		return verbs_usage("there is no \"%s%s%s\"", argv[0], argc > 1 ? " " : "",
			argc > 1 ? argv[1] : "");
	if (asks_for_help(argc - words, argv + words)) {
		printf("Usage: arpactl %s%s%s %s\n\n%s", verb->object, verb->name ? " " : "",
			verb->name ? verb->name : "", verb->arguments, verb->help);
		return CTL_OK;
	}
	optind = 0; /* a new scan of a new vector (getopt(3)) */
	status = verb->run(ctl, argc - words + 1, argv + words - 1);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "arpactl: standard output can't be written\n");
	return CTL_FAILED;
}

static bool read_timeout(const char *text, int *seconds)
{
	char *end;
	long value = strtol(text, &end, 10);

	*seconds = (int)value;
	return *text && !*end && value >= 1 && value <= TIMEOUT_MAX_S;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"json", no_argument, NULL, 'j'},
		{"socket", required_argument, NULL, 's'},
		{"timeout", required_argument, NULL, 't'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	struct ctl ctl = {.socket = default_socket};
	int option;

	/* '+': what follows the object is the verb's. */
	while ((option = getopt_long(argc, argv, "+hjs:t:v", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			print_usage(stdout);
			return CTL_OK;
		case 'j':
			ctl.json = true;
			break;
		case 's':
			ctl.socket = optarg;
			break;
		case 't':
			if (!read_timeout(optarg, &ctl.timeout_s))
				return verbs_usage("-t takes 1 to %d seconds", TIMEOUT_MAX_S);
			break;
		case 'v':
			puts("arpactl " ARPAD_VERSION);
			return CTL_OK;
		default:
			print_usage(stderr);
			return CTL_USAGE;
		}
	}
	return run(&ctl, argc - optind, argv + optind);
}
