/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/words.h"

#include <stdlib.h>
#include <string.h>

struct cutter {
	const char *from;
	char *to;
	char quote; /* the one that is open, or 0 */
};

static bool is_blank(char octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

static bool is_figure(char octet)
{
	return octet >= '0' && octet <= '9';
}

/* Takes one octet into the word, or what a backslash makes of the next. */
static void take(struct cutter *cutter)
{
	const char *from = cutter->from;

	if (from[0] == '\\' && cutter->quote != '\'' && from[1] && !is_figure(from[1]))
		cutter->from++;
	*cutter->to++ = *cutter->from++;
}

static void cut_word(struct cutter *cutter)
{
	while (*cutter->from && (cutter->quote || !is_blank(*cutter->from))) {
		char octet = *cutter->from;

		if (cutter->quote ? octet == cutter->quote : octet == '"' || octet == '\'') {
			cutter->quote = cutter->quote ? 0 : octet;
			cutter->from++;
		} else {
			take(cutter);
		}
	}
}

enum words_result words_split(const char *line, struct words *words)
{
	size_t length = strlen(line);
	struct cutter cutter = {.from = line};

	/* Room for one word more, which may be empty: completion adds it. */
	*words = (struct words){.text = calloc(length + 3, 1)};
	words->word = malloc((length / 2 + 3) * sizeof(*words->word));
	if (!words->text || !words->word) {
		words_release(words);
		return WORDS_NO_MEMORY;
	}
	cutter.to = words->text;
	for (;;) {
		while (is_blank(*cutter.from))
			cutter.from++;
		if (!*cutter.from || *cutter.from == '#')
			break;
		words->word[words->count++] = cutter.to;
		cut_word(&cutter);
		words->open = !*cutter.from;
		*cutter.to++ = '\0';
	}
	words->word[words->count] = NULL;
	return cutter.quote ? WORDS_QUOTE : WORDS_OK;
}

void words_release(struct words *words)
{
	free(words->word);
	free(words->text);
	*words = (struct words){0};
}
