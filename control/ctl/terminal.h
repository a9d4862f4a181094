/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The terminal as a page that is drawn again and again: its size, keys without a line end, and all
 * as it was when it is over, whatever signal ends it. Plain ANSI (ECMA-48), no terminfo.
 */
#ifndef ARPAD_CONTROL_CTL_TERMINAL_H
#define ARPAD_CONTROL_CTL_TERMINAL_H

#include "control/ctl/keys.h"
#include "control/ctl/screen.h"

#include <signal.h>
#include <termios.h>

enum { TERMINAL_SIGNALS = 5 };

struct terminal {
	bool shown, keys;
	struct termios before;
	struct sigaction signals[TERMINAL_SIGNALS];
	char typed[64];
	size_t typed_bytes;
};

/* What ended a wait, by bit. */
enum { TERMINAL_READY = 1, TERMINAL_KEYS = 2, TERMINAL_RESIZED = 4, TERMINAL_ENDED = 8 };

/* Standard output is a terminal that takes more than lines. */
bool terminal_draws(void);

/*
 * Catches signals, and with `draws` takes the terminal over. terminal_close gives back what it was.
 * One at a time.
 */
void terminal_open(struct terminal *terminal, bool draws);
void terminal_close(struct terminal *terminal);

/* Of standard output, or what a terminal of no known size has. */
void terminal_size(unsigned *rows, unsigned *columns);

/* Shows the page, as large as the terminal or smaller. */
void terminal_draw(const struct screen *screen, bool color);

/*
 * Waits until `fd` (-1: none) has something to read, a key was pressed, the size has changed, or
 * somebody wants us to end; returns which, or 0 when the time is over.
 */
unsigned terminal_wait(struct terminal *terminal, int fd, int timeout_ms);

/* The next key that was pressed (KEYS_NONE: no other). */
int terminal_key(struct terminal *terminal);

#endif
