/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/shell.h"

#include "control/ctl/complete.h"
#include "control/ctl/run.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_LINES = 1000, COLUMNS_DEFAULT = 80, GREETING_TIMEOUT_S = 5 };

struct shell {
	const struct options *options;
	EditLine *edit;
	History *history;
	char history_path[PATH_MAX]; /* "" without a home */
};

static char *prompt(EditLine *edit)
{
	static char text[] = "arpactl> ";

	(void)edit;
	return text;
}

static void on_interrupt(int number)
{
	(void)number;
	client_interrupted = 1;
}

static unsigned terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return COLUMNS_DEFAULT;
}

static void print_candidates(const struct candidates *candidates)
{
	size_t width = 0, across;

	for (size_t i = 0; i < candidates->count; i++)
		if (strlen(candidates->word[i]) > width)
			width = strlen(candidates->word[i]);
	width += 2;
	across = terminal_columns() / width;
	across = across ? across : 1;
	putchar('\n');
	for (size_t i = 0; i < candidates->count; i++) {
		bool last = i + 1 == candidates->count || (i + 1) % across == 0;

		output_text(candidates->word[i], strlen(candidates->word[i]));
		if (last)
			putchar('\n');
		else
			printf("%*s", (int)(width - strlen(candidates->word[i])), "");
	}
	fflush(stdout);
}

/* The octets of the word before the cursor: what is typed of it is part of each candidate. */
static size_t typed_bytes(const char *line)
{
	size_t length = strlen(line), at = length;

	while (at && line[at - 1] != ' ' && line[at - 1] != '\t')
		at--;
	return length - at;
}

static unsigned char insert(EditLine *edit, const struct candidates *candidates, size_t typed)
{
	size_t common = complete_common(candidates);
	const char *first = candidates->word[0];
	char text[4096];
	bool whole = candidates->count == 1 && common && first[common - 1] != '/';

	if (common <= typed && !whole) {
		print_candidates(candidates);
		return CC_REDISPLAY;
	}
	snprintf(text, sizeof(text), "%.*s%s", (int)(common - typed), first + typed,
		whole ? " " : "");
	return el_insertstr(edit, text) == 0 ? CC_REFRESH : CC_ERROR;
}

static unsigned char complete(EditLine *edit, int key)
{
	const LineInfo *info = el_line(edit);
	char *line = strndup(info->buffer, (size_t)(info->cursor - info->buffer));
	struct candidates candidates = {NULL, 0, 0};
	unsigned char done = CC_ERROR;
	struct shell *shell;
	size_t typed;

	(void)key;
	if (!line || el_get(edit, EL_CLIENTDATA, &shell) != 0) {
		free(line);
		return CC_ERROR;
	}
	typed = typed_bytes(line);
	complete_line(shell->options, line, true, &candidates);
	if (candidates.count)
		done = insert(edit, &candidates, typed);
	complete_release(&candidates);
	free(line);
	return done;
}

static void open_history(struct shell *shell)
{
	const char *home = getenv("HOME");
	HistEvent event;

	shell->history = history_init();
	if (!shell->history)
		return;
	history(shell->history, &event, H_SETSIZE, HISTORY_LINES);
	history(shell->history, &event, H_SETUNIQUE, 1);
	if (home && *home &&
		snprintf(shell->history_path, sizeof(shell->history_path), "%s/.arpactl_history",
			home) < PATH_MAX)
		history(shell->history, &event, H_LOAD, shell->history_path);
	else
		shell->history_path[0] = '\0';
	el_set(shell->edit, EL_HIST, history, shell->history);
}

static void keep_history(struct shell *shell)
{
	mode_t before = umask(S_IRWXG | S_IRWXO);
	HistEvent event;

	if (shell->history && shell->history_path[0]) {
		history(shell->history, &event, H_SAVE, shell->history_path);
		chmod(shell->history_path, S_IRUSR | S_IWUSR);
	}
	umask(before);
}

static bool open_shell(struct shell *shell)
{
	/* Without SA_RESTART: what waits shall see it. */
	struct sigaction interrupt = {.sa_handler = on_interrupt};

	sigaction(SIGINT, &interrupt, NULL);
	/* What is typed is UTF-8, whatever the locale's name says. */
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
	shell->edit = el_init("arpactl", stdin, stdout, stderr);
	if (!shell->edit) {
		output_message("the terminal can't be used; give commands as arguments or with -f");
		return false;
	}
	el_set(shell->edit, EL_CLIENTDATA, shell);
	el_set(shell->edit, EL_PROMPT, prompt);
	el_set(shell->edit, EL_EDITOR, "emacs");
	/* Wide, for el_set() makes copies of these names that nobody frees. */
	el_wset(shell->edit, EL_ADDFN, L"arpactl-complete", L"complete the word", complete);
	el_set(shell->edit, EL_BIND, "\t", "arpactl-complete", NULL);
	el_set(shell->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
	open_history(shell);
	el_source(shell->edit, NULL);
	return true;
}

/* Says who is there and as what one is seen; without arpad each command will say so. */
static void greet(const struct shell *shell)
{
	enum ctl_status status;
	const struct client *client = verbs_kept(&shell->options->ctl, GREETING_TIMEOUT_S, &status);

	if (!client || shell->options->ctl.quiet)
		return;
	printf("arpad %s, pid %lld", client->version, client->pid);
	if (client->role[0])
		printf("; your role is %s", client->role);
	puts(". \"help\" lists the commands, Tab completes, Ctrl-D ends.");
}

static bool is_blank_line(const char *line)
{
	return line[strspn(line, " \t\r\n")] == '\0';
}

static bool is_end(const char *line)
{
	struct words words;
	bool end = false;

	if (words_split(line, &words) == WORDS_OK && words.count == 1)
		end = strcmp(words.word[0], "exit") == 0 || strcmp(words.word[0], "quit") == 0;
	words_release(&words);
	return end;
}

/* The next line; NULL: the input is over. An interrupt gives an empty one. */
static const char *read_line(struct shell *shell)
{
	int count = 0;
	const char *line;

	client_interrupted = 0;
	line = el_gets(shell->edit, &count);
	if (line && count > 0)
		return line;
	if (!client_interrupted)
		return NULL;
	putchar('\n');
	return "";
}

static enum ctl_status run_lines(struct shell *shell)
{
	enum ctl_status status = CTL_OK;
	const char *line;
	HistEvent event;

	while ((line = read_line(shell)) != NULL) {
		if (is_blank_line(line))
			continue;
		if (shell->history)
			history(shell->history, &event, H_ENTER, line);
		if (is_end(line))
			return status;
		status = run_line(shell->options, line);
		if (client_interrupted) {
			client_close(shell->options->ctl.kept);
			putchar('\n');
		}
		fflush(stdout);
	}
	putchar('\n');
	return status;
}

enum ctl_status shell_run(const struct options *options)
{
	struct shell shell = {.options = options};
	enum ctl_status status = CTL_FAILED;

	if (open_shell(&shell)) {
		greet(&shell);
		status = run_lines(&shell);
		keep_history(&shell);
		el_end(shell.edit);
	}
	if (shell.history)
		history_end(shell.history);
	return status;
}
