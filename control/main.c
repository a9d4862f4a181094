/* SPDX-License-Identifier: BSD-3-Clause */
/* arpad's command line: check a configuration, or serve with it. */
#include "control/config/config.h"
#include "control/config/config_problems.h"
#include "control/log.h"
#include "control/server.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const char default_path[] = "/etc/arpad/arpad.yaml";

static const char usage[] =
	"Usage: arpad [-c FILE]        serve with this configuration (default %s)\n"
	"       arpad --check [FILE]   say all that is wrong with a configuration, and exit\n"
	"       arpad --version\n"
	"       arpad --help\n"
	"\n"
	"SIGTERM and SIGINT stop it, SIGHUP makes it read the configuration again.\n"
	"Exit status: 0 stopped or valid, 1 failed or invalid, 2 wrong usage.\n"
	"arpactl manages a running arpad.\n";

enum { EXIT_USAGE = 2 };

static int check(const char *path)
{
	char text[2 * FAILURE_TEXT_BYTES];
	struct config_problems problems;
	struct config *config;
	struct failure failure;

	if (config_read(path, &config, &problems, &failure) == 0) {
		printf("%s: valid\n", path);
		config_free(config);
		return EXIT_SUCCESS;
	}
	if (!problems.count)
		fprintf(stderr, "%s\n", failure.text);
	for (unsigned i = 0; i < problems.count; i++) {
		config_problem_write(&problems.list[i], path, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	if (problems.more)
		fprintf(stderr, "%s: and %u more\n", path, problems.more);
	return EXIT_FAILURE;
}

static int serve(const char *path, const char *program)
{
	static struct server server;
	struct failure failure;
	struct config *config;
	int result = EXIT_FAILURE;

	log_open();
	if (config_load(path, &config, &failure) != 0) {
		log_event(LOG_ERROR, "failed", NULL, "%s", failure.text);
		return EXIT_FAILURE;
	}
	if (server_open(&server, path, config, program, &failure) != 0)
		log_event(LOG_ERROR, "failed", NULL, "%s", failure.text);
	else if (server_run(&server) != 0)
		log_event(LOG_ERROR, "failed", NULL, "the event loop has failed");
	else
		result = EXIT_SUCCESS;
	server_close(&server);
	if (result == EXIT_SUCCESS)
		log_event(LOG_INFO, "stopped", NULL, "stopped");
	return result;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"check", optional_argument, NULL, 'k'},
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	const char *path = default_path;
	bool only_check = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:hv", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'k':
			only_check = true;
			path = optarg ? optarg : path;
			break;
		case 'h':
			printf(usage, default_path);
			return EXIT_SUCCESS;
		case 'v':
			puts("arpad " ARPAD_VERSION);
			return EXIT_SUCCESS;
		default:
			fprintf(stderr, usage, default_path);
			return EXIT_USAGE;
		}
	}
	if (only_check && optind == argc - 1)
		path = argv[optind++];
	if (optind != argc) {
		fprintf(stderr, "arpad: \"%s\" is no option\n", argv[optind]);
		return EXIT_USAGE;
	}
	return only_check ? check(path) : serve(path, argv[0]);
}
