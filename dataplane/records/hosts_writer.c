/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A new page either keeps the form of the live one (shared part and stride) and copies its entries
 * in runs, or, where a change does not fit that form, is laid out afresh from whole names.
 */
#include "dataplane/records/hosts_writer.h"

#include "dataplane/dns/wire.h"
#include "dataplane/records/hosts_pool.h"

#include <stdlib.h>
#include <string.h>

/* How entries are written: the TTL that most have, the end of most names, bytes of an entry. */
struct form {
	uint32_t ttl;
	uint8_t suffix_bytes;
	const uint8_t *suffix;
	unsigned stride;
};

/* A name put together from head and suffix. */
struct whole {
	uint32_t ttl;
	uint8_t bytes;
	uint8_t name[HOSTS_NAME_MAX_BYTES + HOSTS_COPY_BYTES];
};

/* ---- Edits ---- */

static uint64_t bit_of(unsigned number)
{
	return UINT64_C(1) << number % 64;
}

void hosts_edit_begin(struct hosts_edit *edit, const struct prefix *key, const struct hosts *live)
{
	edit->key = *key;
	edit->live = live;
	memset(edit->changed, 0, sizeof(edit->changed));
	memset(edit->present, 0, sizeof(edit->present));
	if (live)
		memcpy(edit->present, live->present, sizeof(edit->present));
}

void hosts_edit_put(
	struct hosts_edit *edit, unsigned number, uint32_t ttl, const uint8_t *name, uint8_t bytes)
{
	edit->present[number / 64] |= bit_of(number);
	edit->changed[number / 64] |= bit_of(number);
	edit->change[number] = (struct hosts_change){name, ttl, bytes};
}

bool hosts_edit_remove(struct hosts_edit *edit, unsigned number)
{
	bool had = edit->present[number / 64] & bit_of(number);

	edit->present[number / 64] &= ~bit_of(number);
	edit->changed[number / 64] &= ~bit_of(number);
	return had;
}

bool hosts_edit_empty(const struct hosts_edit *edit)
{
	return (edit->present[0] | edit->present[1] | edit->present[2] | edit->present[3]) == 0;
}

static unsigned count_bits(const uint64_t present[static 4])
{
	unsigned count = 0;

	for (unsigned word = 0; word < 4; word++)
		count += (unsigned)__builtin_popcountll(present[word]);
	return count;
}

unsigned hosts_count(const struct hosts *hosts)
{
	return count_bits(hosts->present);
}

/* ---- Entries ---- */

static bool ends_in(
	const uint8_t *name, unsigned bytes, const uint8_t *suffix, unsigned suffix_bytes)
{
	return bytes >= suffix_bytes &&
		memcmp(name + bytes - suffix_bytes, suffix, suffix_bytes) == 0;
}

static unsigned entry_bytes(
	const struct form *form, uint32_t ttl, const uint8_t *name, uint8_t bytes)
{
	unsigned tail =
		ends_in(name, bytes, form->suffix, form->suffix_bytes) ? form->suffix_bytes : 1;

	return 1u + (ttl != form->ttl ? 4 : 0) + bytes - tail;
}

static void write_entry(
	const struct form *form, uint32_t ttl, const uint8_t *name, uint8_t bytes, uint8_t *entry)
{
	bool shares = ends_in(name, bytes, form->suffix, form->suffix_bytes);
	uint8_t head = (uint8_t)(bytes - (shares ? form->suffix_bytes : 1));
	uint8_t *to = entry + 1;

	entry[0] = head;
	if (!shares)
		entry[0] |= HOSTS_ENTRY_WHOLE;
	if (ttl != form->ttl) {
		entry[0] |= HOSTS_ENTRY_OWN_TTL;
		wire_put32(to, ttl);
		to += 4;
	}
	memcpy(to, name, head);
	memset(to + head, 0, (size_t)(entry + form->stride - to) - head);
}

/* ---- The form of a page laid out afresh ---- */

/* Where the suffix behind the first `labels` labels starts; never the end of the name. */
static unsigned suffix_at(const struct whole *whole, unsigned labels)
{
	unsigned at = 0;

	for (; labels > 0 && whole->name[at] != 0; labels--)
		at += 1u + whole->name[at];
	return at;
}

static bool same_suffix(const struct whole *a, const struct whole *b, unsigned labels)
{
	unsigned at = suffix_at(a, labels);

	return ends_in(b->name, b->bytes, a->name + at, a->bytes - at) &&
		suffix_at(b, labels) == b->bytes - (a->bytes - at);
}

/* The name whose suffix more than half share, if there is one (Boyer and Moore's vote). */
static const struct whole *vote_suffix(const struct whole *list, unsigned count, unsigned labels)
{
	const struct whole *winner = NULL;
	unsigned votes = 0, share = 0;

	for (unsigned i = 0; i < count; i++) {
		if (votes == 0)
			winner = &list[i];
		if (same_suffix(winner, &list[i], labels))
			votes++;
		else
			votes--;
	}
	for (unsigned i = 0; i < count; i++)
		share += same_suffix(winner, &list[i], labels);
	return share > count / 2 ? winner : NULL;
}

static uint32_t vote_ttl(const struct whole *list, unsigned count)
{
	uint32_t winner = 0;
	unsigned votes = 0;

	for (unsigned i = 0; i < count; i++) {
		if (votes == 0)
			winner = list[i].ttl;
		if (list[i].ttl == winner)
			votes++;
		else
			votes--;
	}
	return winner;
}

/* Generic names differ in their first label; some hosters' in the first two. */
static struct form choose_form(const struct whole *list, unsigned count)
{
	struct form form = {
		.ttl = vote_ttl(list, count), .suffix = (const uint8_t *)"", .suffix_bytes = 1};

	for (unsigned labels = 1; labels <= 2; labels++) {
		const struct whole *winner = vote_suffix(list, count, labels);

		if (!winner)
			continue;
		form.suffix = winner->name + suffix_at(winner, labels);
		form.suffix_bytes = (uint8_t)(winner->bytes - suffix_at(winner, labels));
		break;
	}
	for (unsigned i = 0; i < count; i++) {
		unsigned bytes = entry_bytes(&form, list[i].ttl, list[i].name, list[i].bytes);

		if (bytes > form.stride)
			form.stride = bytes;
	}
	return form;
}

/* ---- Pages ---- */

static size_t page_bytes(unsigned count, unsigned stride)
{
	size_t bytes = offsetof(struct hosts, entry) + (size_t)count * stride + HOSTS_COPY_BYTES;

	return (bytes + 63) & ~(size_t)63;
}

size_t hosts_bytes(const struct hosts *hosts)
{
	return page_bytes(hosts_count(hosts), hosts->stride);
}

/* A page without its entries. It takes over the use of `shared` that the caller has. */
static struct hosts *page_new(
	const struct hosts_edit *edit, const struct hosts_shared *shared, unsigned stride)
{
	struct hosts *page = aligned_alloc(64, page_bytes(count_bits(edit->present), stride));
	unsigned rank = 0;

	if (!page) {
		hosts_shared_drop(shared);
		return NULL;
	}
	page->high = edit->key.high;
	page->low = edit->key.low;
	page->family = edit->key.family;
	page->bits = edit->key.bits;
	page->stride = (uint8_t)stride;
	memcpy(page->present, edit->present, sizeof(page->present));
	for (unsigned i = 0; i < 3; i++) {
		rank += (unsigned)__builtin_popcountll(edit->present[i]);
		page->rank[i] = (uint8_t)rank;
	}
	page->shared = shared;
	return page;
}

void hosts_free(struct hosts *hosts)
{
	if (!hosts)
		return;
	hosts_shared_drop(hosts->shared);
	free(hosts);
}

/* The next number from `from` on whose bit is set, or HOSTS_MAX. */
static unsigned next_bit(const uint64_t bits[static 4], unsigned from)
{
	for (unsigned word = from / 64; word < 4; word++) {
		uint64_t left = bits[word];

		if (word == from / 64)
			left &= UINT64_MAX << from % 64;
		if (left != 0)
			return word * 64 + (unsigned)__builtin_ctzll(left);
	}
	return HOSTS_MAX;
}

static void put_together(const struct hosts *live, unsigned number, struct whole *whole)
{
	struct host_ptr ptr = hosts_read(live, hosts_entry(live, number));

	whole->ttl = wire_get32(ptr.ttl ? ptr.ttl : ptr.rr + 6);
	whole->bytes = (uint8_t)(ptr.head_bytes + ptr.suffix_bytes);
	memcpy(whole->name, ptr.head, ptr.head_bytes);
	memcpy(whole->name + ptr.head_bytes, ptr.suffix, ptr.suffix_bytes);
}

static unsigned gather(const struct hosts_edit *edit, struct whole list[static HOSTS_MAX])
{
	unsigned count = 0;

	for (unsigned n = next_bit(edit->present, 0); n < HOSTS_MAX;
		n = next_bit(edit->present, n + 1)) {
		const struct hosts_change *change = &edit->change[n];
		struct whole *whole = &list[count++];

		if (!(edit->changed[n / 64] & bit_of(n))) {
			put_together(edit->live, n, whole);
			continue;
		}
		whole->ttl = change->ttl;
		whole->bytes = change->bytes;
		memcpy(whole->name, change->name, change->bytes);
	}
	return count;
}

static struct hosts *lay_out(const struct hosts_edit *edit, struct hosts_pool *pool)
{
	struct whole list[HOSTS_MAX];
	unsigned count = gather(edit, list);
	struct form form = choose_form(list, count);
	const struct hosts_shared *shared =
		hosts_pool_take(pool, form.ttl, form.suffix, form.suffix_bytes);
	struct hosts *page = shared ? page_new(edit, shared, form.stride) : NULL;

	for (unsigned i = 0; page && i < count; i++)
		write_entry(&form, list[i].ttl, list[i].name, list[i].bytes,
			page->entry + (size_t)i * form.stride);
	return page;
}

static struct form form_of(const struct hosts *live)
{
	return (struct form){.ttl = wire_get32(live->shared->rr + 6),
		.suffix = live->shared->suffix,
		.suffix_bytes = live->shared->suffix_bytes,
		.stride = live->stride};
}

/* Whether every changed entry fits the live page's form. */
static bool form_fits(const struct hosts_edit *edit, const struct form *form)
{
	for (unsigned n = next_bit(edit->changed, 0); n < HOSTS_MAX;
		n = next_bit(edit->changed, n + 1)) {
		const struct hosts_change *change = &edit->change[n];

		if (entry_bytes(form, change->ttl, change->name, change->bytes) > form->stride)
			return false;
	}
	return true;
}

/* The live page's entries in runs, and between them what changed. */
static struct hosts *copy_live(const struct hosts_edit *edit, const struct form *form)
{
	const struct hosts *live = edit->live;
	struct hosts *page = page_new(edit, live->shared, form->stride);
	unsigned stride = form->stride, from = 0, all = hosts_count(live);
	uint64_t touched[4];
	uint8_t *to;

	if (!page)
		return NULL;
	to = page->entry;
	for (unsigned i = 0; i < 4; i++)
		touched[i] = edit->changed[i] | (live->present[i] & ~edit->present[i]);
	for (unsigned n = next_bit(touched, 0); n < HOSTS_MAX; n = next_bit(touched, n + 1)) {
		unsigned rank = hosts_rank(live, n), run = (rank - from) * stride;

		memcpy(to, live->entry + (size_t)from * stride, run);
		to += run;
		from = rank + hosts_have(live, n);
		if (!(edit->changed[n / 64] & bit_of(n)))
			continue;
		write_entry(
			form, edit->change[n].ttl, edit->change[n].name, edit->change[n].bytes, to);
		to += stride;
	}
	memcpy(to, live->entry + (size_t)from * stride, (size_t)(all - from) * stride);
	return page;
}

/* A form that was right for a few hosts is thought over each time that the hosts have doubled. */
static bool is_power_of_two(unsigned count)
{
	return (count & (count - 1)) == 0;
}

struct hosts *hosts_edit_finish(const struct hosts_edit *edit, struct hosts_pool *pool)
{
	unsigned count = count_bits(edit->present);
	struct form form;

	if (!edit->live || (count != hosts_count(edit->live) && is_power_of_two(count)))
		return lay_out(edit, pool);
	form = form_of(edit->live);
	if (!form_fits(edit, &form))
		return lay_out(edit, pool);
	hosts_shared_hold(edit->live->shared);
	return copy_live(edit, &form);
}
