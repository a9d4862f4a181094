/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/terminal.h"

#include "control/ctl/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ROWS_DEFAULT = 24, COLUMNS_DEFAULT = 80, PLACE_BYTES = 32 };

static const int caught[TERMINAL_SIGNALS] = {SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGTSTP};

/* Another screen without a cursor; and back. */
static const char show[] = "\033[?1049h\033[?25l\033[2J";
static const char hide[] = "\033[0m\033[?25h\033[?1049l";

/* What the handler tells the loop; the pipe wakes it. */
static volatile sig_atomic_t resized, ended, stopped;
static int wake[2] = {-1, -1};

static void on_signal(int number)
{
	int error = errno;

	if (number == SIGWINCH)
		resized = 1;
	else if (number == SIGTSTP)
		stopped = 1;
	else
		ended = client_interrupted = 1;
	if (write(wake[1], "", 1) < 0)
		errno = error; /* full: it will wake */
	errno = error;
}

bool terminal_draws(void)
{
	const char *kind = getenv("TERM");

	return isatty(STDOUT_FILENO) && kind && *kind && strcmp(kind, "dumb") != 0;
}

static void write_all(const char *text, size_t bytes)
{
	while (bytes) {
		ssize_t written = write(STDOUT_FILENO, text, bytes);

		if (written < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (written > 0) {
			text += written;
			bytes -= (size_t)written;
		}
	}
}

static void take_over(struct terminal *terminal)
{
	struct termios raw;

	terminal->shown = true;
	terminal->keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &terminal->before) == 0;
	if (terminal->keys) {
		raw = terminal->before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	write_all(show, sizeof(show) - 1);
}

static void give_back(struct terminal *terminal)
{
	write_all(hide, sizeof(hide) - 1);
	if (terminal->keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
	terminal->shown = false;
}

void terminal_open(struct terminal *terminal, bool draws)
{
	struct sigaction action = {.sa_handler = on_signal};

	*terminal = (struct terminal){.shown = false};
	resized = ended = stopped = 0;
	client_interrupted = 0;
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		wake[0] = wake[1] = -1;
	for (int i = 0; i < TERMINAL_SIGNALS; i++)
		sigaction(caught[i], &action, &terminal->signals[i]);
	fflush(stdout);
	if (draws)
		take_over(terminal);
}

void terminal_close(struct terminal *terminal)
{
	if (terminal->shown)
		give_back(terminal);
	for (int i = 0; i < TERMINAL_SIGNALS; i++)
		sigaction(caught[i], &terminal->signals[i], NULL);
	close(wake[0]);
	close(wake[1]);
	client_interrupted = 0;
}

void terminal_size(unsigned *rows, unsigned *columns)
{
	struct winsize size;
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

	*rows = known && size.ws_row ? size.ws_row : ROWS_DEFAULT;
	*columns = known && size.ws_col ? size.ws_col : COLUMNS_DEFAULT;
}

/* A row that is full leaves the cursor on its last cell, which erasing to the end would clear. */
void terminal_draw(const struct screen *screen, bool color)
{
	char *page = malloc(screen->rows * (screen_row_bytes(screen) + PLACE_BYTES) + PLACE_BYTES);
	size_t length = 0;

	if (!page)
		return;
	for (unsigned row = 0; row < screen->rows; row++) {
		length += (size_t)sprintf(page + length, "\033[%u;1H\033[K", row + 1);
		length += screen_row(screen, row, color, page + length);
	}
	length += (size_t)sprintf(page + length, "\033[J");
	write_all(page, length);
	free(page);
}

static void stop_for_a_while(struct terminal *terminal)
{
	bool shown = terminal->shown;

	stopped = 0;
	if (shown)
		give_back(terminal);
	raise(SIGSTOP);
	if (shown)
		take_over(terminal);
	resized = 1;
}

static void read_keys(struct terminal *terminal, short events)
{
	ssize_t got = read(STDIN_FILENO, terminal->typed + terminal->typed_bytes,
		sizeof(terminal->typed) - terminal->typed_bytes);

	if (got > 0)
		terminal->typed_bytes += (size_t)got;
	else if ((got < 0 && errno != EINTR) || (events & (POLLHUP | POLLERR)))
		ended = 1; /* the terminal is gone */
}

unsigned terminal_wait(struct terminal *terminal, int fd, int timeout_ms)
{
	struct pollfd wanted[] = {{.fd = wake[0], .events = POLLIN},
		{.fd = terminal->keys ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = fd, .events = POLLIN}};
	unsigned what = 0;
	char octets[64];

	if (poll(wanted, 3, timeout_ms) > 0) {
		if (wanted[0].revents && read(wake[0], octets, sizeof(octets)) < 0)
			what = 0; /* another look found nothing */
		if (wanted[1].revents) {
			read_keys(terminal, wanted[1].revents);
			what |= TERMINAL_KEYS;
		}
		if (wanted[2].revents)
			what |= TERMINAL_READY;
	}
	if (stopped)
		stop_for_a_while(terminal);
	if (resized)
		what |= TERMINAL_RESIZED;
	resized = 0;
	return ended ? what | TERMINAL_ENDED : what;
}

int terminal_key(struct terminal *terminal)
{
	return keys_take(terminal->typed, &terminal->typed_bytes);
}
