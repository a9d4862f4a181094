/* SPDX-License-Identifier: BSD-3-Clause */
/* A short list, looked through from its start: thousands of addresses are some microseconds. */
#include "control/address/address_book.h"

#include "control/config/config_address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static int reserve(struct address_book *book, struct failure *failure)
{
	*book = (struct address_book){
		.addresses = calloc(ADDRESS_BOOK_MAX, sizeof(*book->addresses)),
		.sources = calloc(ADDRESS_BOOK_MAX, sizeof(*book->sources)),
	};
	if (book->addresses && book->sources)
		return 0;
	address_book_free(book);
	return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
}

void address_book_free(struct address_book *book)
{
	free(book->addresses);
	free(book->sources);
	*book = (struct address_book){.count = 0};
}

int address_book_copy(
	struct address_book *copy, const struct address_book *book, struct failure *failure)
{
	if (reserve(copy, failure) != 0)
		return -1;
	memcpy(copy->addresses, book->addresses, book->count * sizeof(*book->addresses));
	memcpy(copy->sources, book->sources, book->count * sizeof(*book->sources));
	copy->count = book->count;
	copy->port = book->port;
	copy->one_port = book->one_port;
	return 0;
}

long address_book_find(const struct address_book *book, const struct dns_listener_address *address)
{
	for (size_t i = 0; i < book->count; i++)
		if (book->addresses[i].port == address->port &&
			memcmp(&book->addresses[i].address, &address->address,
				sizeof(address->address)) == 0)
			return (long)i;
	return -1;
}

/* False: there is no room for another one. */
bool address_book_put(
	struct address_book *book, const struct dns_listener_address *address, uint64_t sources)
{
	long index = address_book_find(book, address);

	if (index < 0) {
		if (book->count == ADDRESS_BOOK_MAX)
			return false;
		index = (long)book->count++;
		book->addresses[index] = *address;
		book->sources[index] = 0;
	}
	book->sources[index] |= sources;
	return true;
}

static int refuse_more(struct failure *failure)
{
	return failure_set(failure, FAILURE_TOO_LARGE,
		"there would be more than the %d addresses that can be answered on",
		ADDRESS_BOOK_MAX);
}

static int want_followed(struct address_book *book, const struct follow_addresses *followed,
	size_t *left_out, struct failure *failure)
{
	size_t over = 0;

	for (size_t i = 0; i < followed->count; i++) {
		const struct dns_listener_address address = {
			.address = followed->at[i].address, .port = book->port};

		over += !address_book_put(
			book, &address, (uint64_t)followed->at[i].interfaces * ADDRESS_FOLLOWED);
	}
	if (left_out)
		*left_out = over;
	return over && !left_out ? refuse_more(failure) : 0;
}

/* An address that was added without a port of its own goes with the configuration's. */
static int want_commanded(
	struct address_book *book, const struct address_book *before, struct failure *failure)
{
	for (size_t i = 0; i < before->count; i++) {
		struct dns_listener_address address = before->addresses[i];

		if (!(before->sources[i] & ADDRESS_COMMANDED))
			continue;
		if (address.port == before->port)
			address.port = book->port;
		if (!address_book_put(book, &address, ADDRESS_COMMANDED))
			return refuse_more(failure);
	}
	return 0;
}

int address_book_make(struct address_book *book, const struct config *config,
	const struct follow_addresses *followed, const struct address_book *before,
	size_t *left_out, struct failure *failure)
{
	if (reserve(book, failure) != 0)
		return -1;
	book->port = config->port;
	book->one_port = config->port_count > 0;
	for (size_t i = 0; i < config->address_count; i++)
		address_book_put(book, &config->addresses[i], ADDRESS_CONFIGURED);
	if ((before && want_commanded(book, before, failure) != 0) ||
		want_followed(book, followed, left_out, failure) != 0) {
		address_book_free(book);
		return -1;
	}
	return 0;
}

int address_book_add(struct address_book *book, const struct dns_listener_address *address,
	struct failure *failure)
{
	long index = address_book_find(book, address);

	if (index >= 0 && book->sources[index] & ADDRESS_COMMANDED)
		return 0;
	return address_book_put(book, address, ADDRESS_COMMANDED) ? 1 : refuse_more(failure);
}

void address_book_drop(struct address_book *book, size_t index)
{
	size_t after = book->count - index - 1;

	memmove(book->addresses + index, book->addresses + index + 1,
		after * sizeof(*book->addresses));
	memmove(book->sources + index, book->sources + index + 1, after * sizeof(*book->sources));
	book->count--;
}

static int refuse_given(const struct dns_listener_address *address, uint64_t sources,
	const struct config *config, struct failure *failure)
{
	char text[ADDRESS_BOOK_TEXT_BYTES];

	address_book_text(address, text);
	if (sources & ADDRESS_CONFIGURED)
		return failure_set(failure, FAILURE_INVALID,
			"%s is in listen.addresses of the configuration; take it off that list and "
			"reload (SIGHUP)",
			text);
	return failure_set(failure, FAILURE_INVALID,
		"%s is an address of %s, which listen.interfaces follows; remove it there, or take "
		"the interface off that list and reload (SIGHUP)",
		text, config->interfaces[__builtin_ctzll(sources / ADDRESS_FOLLOWED)]);
}

int address_book_remove(struct address_book *book, const struct dns_listener_address *address,
	const struct config *config, struct failure *failure)
{
	long index = address_book_find(book, address);

	if (index < 0)
		return 0;
	if (!(book->sources[index] & ADDRESS_COMMANDED))
		return refuse_given(address, book->sources[index], config, failure);
	book->sources[index] &= ~(uint64_t)ADDRESS_COMMANDED;
	if (!book->sources[index])
		address_book_drop(book, (size_t)index);
	return 1;
}

struct ip_address *address_book_plain(const struct address_book *book)
{
	struct ip_address *list = calloc(book->count + 1, sizeof(*list));

	for (size_t i = 0; list && i < book->count; i++)
		list[i] = book->addresses[i].address;
	return list;
}

int address_book_parse(const struct address_book *book, const char *text,
	struct dns_listener_address *address, struct failure *failure)
{
	*address = (struct dns_listener_address){.port = book->port};
	if (config_address_parse(text, address, failure) != 0)
		return -1;
	if (config_address_is_any(&address->address) || config_address_is_group(&address->address))
		return failure_set(
			failure, FAILURE_INVALID, "%s is not the address of one host", text);
	if (book->one_port && address->port != book->port)
		return failure_set(failure, FAILURE_INVALID,
			"%s: with \"ports\" in the configuration all addresses have one port, "
			"which is %u",
			text, book->port);
	return 0;
}

const char *address_book_text(
	const struct dns_listener_address *address, char text[static ADDRESS_BOOK_TEXT_BYTES])
{
	inet_ntop(address->address.family == 4 ? AF_INET : AF_INET6, address->address.bytes, text,
		ADDRESS_BOOK_TEXT_BYTES);
	return text;
}
