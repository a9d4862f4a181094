/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bounds add up: where a sketch does not have a key, it may have had as much as its least entry.
 * For the spread, a sample of weight w stands for w messages, of which each was as likely to be it.
 */
#include "control/observer/ranking.h"

#include <math.h>
#include <stdlib.h>

/* An entry and the part that it is of. */
struct piece {
	struct sketch_entry entry;
	unsigned part;
};

/* Of one key: what several pieces come to. */
struct sum {
	uint64_t upper, lower, absent;
	double variance;
	uint32_t weight_most;
};

static int by_key(const void *left, const void *right)
{
	const struct prefix *a = &((const struct piece *)left)->entry.key;
	const struct prefix *b = &((const struct piece *)right)->entry.key;

	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return (a->family > b->family) - (a->family < b->family);
}

static int by_bound(const void *left, const void *right)
{
	const struct ranking_row *a = left, *b = right;
	uint64_t a_least = a->count - a->error, b_least = b->count - b->error;

	if (a_least != b_least)
		return a_least > b_least ? -1 : 1;
	return (a->count < b->count) - (a->count > b->count);
}

static void add(struct sum *sum, const struct piece *piece, const struct ranking_part *part)
{
	sum->upper += piece->entry.count;
	sum->lower += piece->entry.count - piece->entry.error;
	sum->absent -= part->least;
	sum->variance += (double)piece->entry.count * (part->weight_most - 1.0);
	if (part->weight_most > sum->weight_most)
		sum->weight_most = part->weight_most;
}

/*
 * Of k samples: 1.96 sqrt(k + 3/4) + 1.7, the upper limit of a Poisson variable in 95 of 100 cases
 * (Gehrels 1986), which for large k is the normal's, and holds for few as well. All seen: none.
 */
static uint64_t spread_of(const struct sum *sum)
{
	double weight = sum->weight_most;

	if (sum->weight_most <= 1)
		return 0;
	return (uint64_t)(1.96 * sqrt(sum->variance + 0.75 * weight * weight) + 1.7 * weight);
}

static struct ranking_row row_of(const struct prefix *key, const struct sum *sum)
{
	return (struct ranking_row){.key = *key,
		.count = sum->upper + sum->absent,
		.error = sum->upper + sum->absent - sum->lower,
		.spread = spread_of(sum)};
}

/* All keys, in place of their pieces; returns how many. */
static size_t sum_up(const struct ranking_part *parts, uint64_t all_least,
	const struct piece *pieces, size_t count, struct ranking_row *rows)
{
	size_t made = 0;

	for (size_t i = 0; i < count;) {
		const struct prefix *key = &pieces[i].entry.key;
		struct sum sum = {.absent = all_least};

		for (; i < count && prefix_equal(&pieces[i].entry.key, key); i++)
			add(&sum, &pieces[i], &parts[pieces[i].part]);
		rows[made++] = row_of(key, &sum);
	}
	return made;
}

static size_t collect(const struct ranking_part *parts, unsigned part_count, struct piece *pieces)
{
	size_t count = 0;

	for (unsigned p = 0; p < part_count; p++)
		for (unsigned i = 0; i < parts[p].count; i++)
			pieces[count++] = (struct piece){parts[p].entries[i], p};
	qsort(pieces, count, sizeof(*pieces), by_key);
	return count;
}

int ranking_merge(const struct ranking_part *parts, unsigned part_count, struct ranking_row *rows,
	unsigned most)
{
	struct piece *pieces;
	struct ranking_row *all;
	uint64_t all_least = 0;
	size_t room = 1, count;

	for (unsigned p = 0; p < part_count; p++) {
		room += parts[p].count;
		all_least += parts[p].least;
	}
	pieces = malloc(room * sizeof(*pieces));
	all = malloc(room * sizeof(*all));
	if (!pieces || !all) {
		free(pieces);
		free(all);
		return -1;
	}
	count = sum_up(parts, all_least, pieces, collect(parts, part_count, pieces), all);
	qsort(all, count, sizeof(*all), by_bound);
	if (count > most)
		count = most;
	for (size_t i = 0; i < count; i++)
		rows[i] = all[i];
	free(pieces);
	free(all);
	return (int)count;
}
