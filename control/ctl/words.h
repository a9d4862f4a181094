/* SPDX-License-Identifier: BSD-3-Clause */
/* A command line as words: of the shell, of a file of commands, of bash's completion. Pure. */
#ifndef ARPAD_CONTROL_CTL_WORDS_H
#define ARPAD_CONTROL_CTL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
	char **word; /* count of them, then NULL, and room for one more */
	int count;
	bool open;  /* the line ends inside the last word: no blank follows it */
	char *text; /* what they point into; its last octet is a NUL of its own */
};

enum words_result { WORDS_OK, WORDS_QUOTE, WORDS_NO_MEMORY };

/*
 * Splits at blanks. "..." and '...' hold a word together, and a backslash takes the next octet as
 * it is, but not within '...'. In names it is followed by figures (\DDD) and stays. A word that
 * starts with # begins a comment. WORDS_QUOTE: a quote has no end; the words are there
 * nevertheless. Release them in any case.
 */
enum words_result words_split(const char *line, struct words *words);
void words_release(struct words *words);

#endif
