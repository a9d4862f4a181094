/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/options.h"

#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MAX_S = 86400 };

const char options_default_socket[] = "/run/arpad/arpad.sock";

const char options_help[] =
	"  -s, --socket SOCKET    the control socket (default /run/arpad/arpad.sock)\n"
	"  -o, --output FORMAT    text, json, ndjson (one JSON value a line) or csv (lists)\n"
	"  -j, --json             the same as -o json\n"
	"  -t, --timeout SECONDS  give up after so long without an answer (default 30; import "
	"600)\n"
	"  -q, --quiet            neither progress nor what is done: errors and what was asked "
	"for\n"
	"      --color WHEN       auto (on terminals, unless NO_COLOR is set), always, never\n"
	"  -f, --file FILE        run the commands of a file, one a line (- for standard input)\n"
	"  -e, --stop             with -f: stop at the first command that fails\n"
	"  -x, --echo             with -f: show each command before it runs, on standard error\n"
	"  -h, --help             after an object or a verb: what it does, with an example\n"
	"      --version\n"
	"      --bash-complete    for bash: complete -C 'arpactl --bash-complete' arpactl\n";

const char *const options_names[] = {"--socket", "--output", "--json", "--timeout", "--quiet",
	"--color", "--help", "--file", "--stop", "--echo", "--version", NULL};

static const struct known {
	char letter; /* 0: none */
	const char *name;
	bool value, common;
} known[] = {
	{'s', "socket", true, true},
	{'o', "output", true, true},
	{'j', "json", false, true},
	{'t', "timeout", true, true},
	{'q', "quiet", false, true},
	{0, "color", true, true},
	{'f', "file", true, false},
	{'e', "stop", false, false},
	{'x', "echo", false, false},
	{'h', "help", false, true},
	{0, "version", false, false},
	{0, "bash-complete", false, false},
};
enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static const struct known *find_letter(char letter)
{
	for (int i = 0; i < KNOWN; i++)
		if (known[i].letter && known[i].letter == letter)
			return &known[i];
	return NULL;
}

static const struct known *find_name(const char *name, size_t length)
{
	for (int i = 0; i < KNOWN; i++)
		if (strlen(known[i].name) == length && strncmp(known[i].name, name, length) == 0)
			return &known[i];
	return NULL;
}

static bool set_timeout(struct ctl *ctl, const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	ctl->timeout_s = (int)value;
	if (*text && !*end && value >= 1 && value <= TIMEOUT_MAX_S)
		return true;
	verbs_usage("-t takes 1 to %d seconds", TIMEOUT_MAX_S);
	return false;
}

static bool set_format(struct ctl *ctl, const char *name)
{
	if (!output_format_named(name, &ctl->format)) {
		verbs_usage("-o takes text, json, ndjson or csv, not \"%s\"", name);
		return false;
	}
	ctl->json = ctl->format == OUTPUT_JSON || ctl->format == OUTPUT_NDJSON;
	return true;
}

static bool set_color(struct ctl *ctl, const char *name)
{
	if (output_color_named(name, &ctl->color))
		return true;
	verbs_usage("--color takes auto, always or never, not \"%s\"", name);
	return false;
}

/* By the first letter of the name, and those without a letter by their name's first. */
static bool set(struct options *options, const struct known *option, const char *value)
{
	switch (option->letter ? option->letter : option->name[0]) {
	case 's':
		options->ctl.socket = value;
		return true;
	case 'o':
		return set_format(&options->ctl, value);
	case 'j':
		return set_format(&options->ctl, "json");
	case 't':
		return set_timeout(&options->ctl, value);
	case 'q':
		options->ctl.quiet = true;
		return true;
	case 'c':
		return set_color(&options->ctl, value);
	case 'f':
		options->file = value;
		return true;
	case 'e':
		options->stop = true;
		return true;
	case 'x':
		options->echo = true;
		return true;
	case 'h':
		options->help = true;
		return true;
	case 'v':
		options->version = true;
		return true;
	default:
		options->complete = true;
		return true;
	}
}

static int refuse_missing(const char *word)
{
	verbs_usage("%s takes a value", word);
	return -1;
}

static int take_long(struct options *options, char **words, bool common)
{
	const char *name = words[0] + 2, *equals = strchr(name, '=');
	const struct known *option =
		find_name(name, equals ? (size_t)(equals - name) : strlen(name));

	if (!option || (common && !option->common))
		return 0;
	if (!option->value) {
		if (!equals)
			return set(options, option, NULL) ? 1 : -1;
		verbs_usage("--%s takes no value", option->name);
		return -1;
	}
	if (equals)
		return set(options, option, equals + 1) ? 1 : -1;
	if (!words[1])
		return refuse_missing(words[0]);
	return set(options, option, words[1]) ? 2 : -1;
}

/* -xef FILE is -x -e -f FILE. */
static int take_letters(struct options *options, char **words, bool common)
{
	for (const char *letter = words[0] + 1; *letter; letter++) {
		const struct known *option = find_letter(*letter);

		if (!option || (common && !option->common))
			return 0;
		if (!option->value) {
			if (!set(options, option, NULL))
				return -1;
			continue;
		}
		if (letter[1])
			return set(options, option, letter + 1) ? 1 : -1;
		if (!words[1])
			return refuse_missing(words[0]);
		return set(options, option, words[1]) ? 2 : -1;
	}
	return 1;
}

int options_take(struct options *options, char **words, bool common)
{
	if (words[0][0] != '-' || !words[0][1])
		return 0;
	if (words[0][1] == '-')
		return take_long(options, words, common);
	return take_letters(options, words, common);
}

bool options_has_value(const char *word)
{
	const struct known *option;

	if (word[0] != '-' || !word[1])
		return false;
	if (word[1] == '-')
		option = find_name(word + 2, strlen(word + 2));
	else
		option = find_letter(word[strlen(word) - 1]);
	return option && option->value;
}
