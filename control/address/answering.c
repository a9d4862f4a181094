/* SPDX-License-Identifier: BSD-3-Clause */
/* One way for every change: make the next book, put it in force, or go back the same way. */
#include "control/address/answering.h"

#include "control/log.h"

#include <stdlib.h>
#include <string.h>

/* The two ends of a change, as sets. */
struct sets {
	struct addresses *from, *to;
};

static struct addresses *set_of(const struct address_book *book)
{
	struct ip_address *list = address_book_plain(book);
	struct addresses *set = list ? addresses_new(list, book->count, book->port) : NULL;

	free(list);
	return set;
}

static bool holds(const struct addresses *set, const struct dns_listener_address *address)
{
	return addresses_hold(set, address->address.family, address->address.bytes);
}

static int steer_new(struct server *server, const struct addresses *from,
	const struct address_book *to, struct failure *failure)
{
	for (size_t i = 0; i < to->count; i++) {
		int error = holds(from, &to->addresses[i])
			? 0
			: ports_add_address(&server->ports, &to->addresses[i].address);

		if (error)
			return failure_set(failure, FAILURE_INTERNAL,
				"the steering program's addresses can't be written: %s",
				strerror(-error));
	}
	return server->draining ? 0 : ports_steer(&server->ports, to->port, failure);
}

/*
 * First what we give up goes to the kernel, whose sockets still answer; then the workers learn,
 * then the sockets change, and only what all of these know is steered to the workers.
 * `config`: publish its policy too.
 */
static int put_in_force(struct server *server, const struct config *config, const struct sets *sets,
	const struct address_book *from, const struct address_book *to, struct failure *failure)
{
	for (size_t i = 0; i < from->count; i++)
		if (!holds(sets->to, &from->addresses[i]))
			ports_remove_address(&server->ports, &from->addresses[i].address);
	if ((config ? publish_config(&server->publish, config, to, failure)
		    : publish_addresses(&server->publish, to, failure)) != 0)
		return -1;
	server->command.changed(server->command.context);
	if (dns_listener_set_addresses(server->listener, to->addresses, to->count, failure) != 0)
		return -1;
	return steer_new(server, sets->from, to, failure);
}

/* Changes to `next`, which the callee owns now. -1: all is as it was, with `config`'s policy. */
static int change(struct server *server, const struct config *config, struct address_book *next,
	struct failure *failure)
{
	struct sets sets = {set_of(&server->book), set_of(next)};
	const struct sets back = {sets.to, sets.from};
	struct failure ignored;
	int result = -1;

	if (!sets.from || !sets.to)
		failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	else
		result = put_in_force(server, config, &sets, &server->book, next, failure);
	if (result != 0 && sets.from && sets.to &&
		put_in_force(server, config ? server->config : NULL, &back, next, &server->book,
			&ignored) != 0)
		log_event(LOG_ERROR, "addresses-lost", NULL,
			"the old addresses can't be restored; restart arpad");
	addresses_free(sets.from);
	addresses_free(sets.to);
	address_book_free(result == 0 ? &server->book : next);
	if (result == 0)
		server->book = *next;
	return result;
}

static void tell_missing(struct server *server, const struct config *config, uint32_t missing)
{
	for (unsigned i = 0; i < config->interface_count; i++)
		if (missing & ~server->missing & UINT32_C(1) << i)
			log_event(LOG_WARNING, "interface-missing",
				LOG_FIELDS(LOG_TEXT_FIELD("interface", config->interfaces[i])),
				"listen.interfaces: there is no interface %s; its addresses "
				"are answered on when there is",
				config->interfaces[i]);
	server->missing = missing;
}

static bool same_books(const struct address_book *a, const struct address_book *b)
{
	return a->count == b->count && a->port == b->port &&
		memcmp(a->addresses, b->addresses, a->count * sizeof(*a->addresses)) == 0 &&
		memcmp(a->sources, b->sources, a->count * sizeof(*a->sources)) == 0;
}

static void add_some(
	struct server *server, const struct address_book *wanted, const size_t *which, size_t count)
{
	struct address_book next;
	struct failure failure;

	if (address_book_copy(&next, &server->book, &failure) != 0) {
		log_event(LOG_ERROR, "addresses-kept", NULL, "listen.interfaces: %s", failure.text);
		return;
	}
	for (size_t i = 0; i < count; i++)
		address_book_put(&next, &wanted->addresses[which[i]], wanted->sources[which[i]]);
	if (change(server, NULL, &next, &failure) == 0)
		return;
	if (count == 1) {
		log_event(LOG_ERROR, "address-left-out", NULL,
			"listen.interfaces: left out until the interfaces change: %s",
			failure.text);
		return;
	}
	add_some(server, wanted, which, count / 2);
	add_some(server, wanted, which + count / 2, count - count / 2);
}

/*
 * One address that can't be had, since another server holds it, must not keep the others out: those
 * that are new come by halves, and what refuses alone is left out.
 */
static void change_by_halves(struct server *server, const struct address_book *wanted)
{
	size_t *added = calloc(wanted->count + 1, sizeof(*added)), count = 0;
	struct address_book kept;
	struct failure failure;

	if (!added || address_book_copy(&kept, wanted, &failure) != 0) {
		log_event(LOG_ERROR, "addresses-kept", NULL, "listen.interfaces: out of memory");
		free(added);
		return;
	}
	for (size_t i = 0; i < wanted->count; i++)
		if (address_book_find(&server->book, &wanted->addresses[i]) < 0)
			added[count++] = i;
	for (size_t i = count; i-- > 0;)
		address_book_drop(&kept, added[i]);
	if (change(server, NULL, &kept, &failure) != 0)
		log_event(LOG_ERROR, "addresses-kept", NULL, "listen.interfaces: %s", failure.text);
	else if (count)
		add_some(server, wanted, added, count);
	free(added);
}

static void on_follow(void *context);

static int read_book(struct server *server, const struct config *config, struct address_book *book,
	size_t *left_out, struct failure *failure)
{
	struct follow_addresses followed = {.count = 0};
	int result;

	if (config->interface_count &&
		((!server->follow &&
			 follow_open(server->base, on_follow, server, &server->follow, failure) !=
				 0) ||
			follow_read(server->follow, config->interfaces, config->interface_count,
				&followed, failure) != 0))
		return -1;
	if (config != server->config)
		server->missing = 0;
	tell_missing(server, config, followed.missing);
	result = address_book_make(book, config, &followed,
		server->book.addresses ? &server->book : NULL, left_out, failure);
	follow_addresses_free(&followed);
	return result;
}

/* An interface has changed, or the time has come to try again. */
static void on_follow(void *context)
{
	struct server *server = context;
	struct address_book next, wanted;
	struct failure failure;
	size_t left_out = 0, before = server->book.count;

	if (!server->ready || !server->config->interface_count)
		return;
	if (read_book(server, server->config, &next, &left_out, &failure) != 0) {
		log_event(LOG_ERROR, "addresses-kept", NULL, "listen.interfaces: %s", failure.text);
		follow_again(server->follow);
		return;
	}
	if (left_out)
		log_event(LOG_ERROR, "address-left-out",
			LOG_FIELDS(LOG_NUMBER_FIELD("addresses", left_out)),
			"listen.interfaces: %zu addresses are left out, for more than %d can't "
			"be answered on",
			left_out, ADDRESS_BOOK_MAX);
	if (same_books(&next, &server->book)) {
		address_book_free(&next);
		return;
	}
	if (address_book_copy(&wanted, &next, &failure) != 0) {
		address_book_free(&next);
		follow_again(server->follow);
		return;
	}
	if (change(server, NULL, &next, &failure) != 0)
		change_by_halves(server, &wanted);
	address_book_free(&wanted);
	log_event(LOG_INFO, "addresses",
		LOG_FIELDS(LOG_NUMBER_FIELD("addresses", server->book.count),
			LOG_NUMBER_FIELD("before", before)),
		"listen.interfaces: %zu addresses in all, %zu before", server->book.count, before);
}

int answering_open(struct server *server, struct failure *failure)
{
	return read_book(server, server->config, &server->book, NULL, failure);
}

int answering_start(struct server *server, struct failure *failure)
{
	const struct address_book none = {.count = 0};
	struct addresses *nothing = set_of(&none);
	int result = -1;

	if (nothing)
		result = steer_new(server, nothing, &server->book, failure);
	else
		failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	addresses_free(nothing);
	return result;
}

int answering_reload(struct server *server, const struct config *next, struct failure *failure)
{
	struct address_book book;

	if (read_book(server, next, &book, NULL, failure) != 0)
		return -1;
	return change(server, next, &book, failure);
}

int answering_add(
	struct server *server, const struct dns_listener_address *address, struct failure *failure)
{
	struct address_book next;
	int result;

	if (address_book_copy(&next, &server->book, failure) != 0)
		return -1;
	result = address_book_add(&next, address, failure);
	if (result == 1)
		return change(server, NULL, &next, failure) == 0 ? 1 : -1;
	address_book_free(&next);
	return result;
}

int answering_remove(
	struct server *server, const struct dns_listener_address *address, struct failure *failure)
{
	struct address_book next;
	int result;

	if (address_book_copy(&next, &server->book, failure) != 0)
		return -1;
	result = address_book_remove(&next, address, server->config, failure);
	if (result == 1)
		return change(server, NULL, &next, failure) == 0 ? 1 : -1;
	address_book_free(&next);
	return result;
}

int answering_drain(struct server *server, bool drain, struct failure *failure)
{
	if (!ports_steered(&server->ports))
		return failure_set(failure, FAILURE_INVALID,
			"no port is steered: only packets of interfaces that the kernel shares can "
			"be given to it");
	if (server->draining == drain)
		return 0;
	if ((drain ? ports_drain(&server->ports, failure)
		   : ports_steer(&server->ports, server->book.port, failure)) != 0)
		return -1;
	server->draining = drain;
	log_event(LOG_INFO, drain ? "draining" : "undrained", NULL,
		drain ? "draining: the kernel's sockets answer"
		      : "no longer draining: the workers answer");
	return 1;
}

void answering_close(struct server *server)
{
	follow_close(server->follow);
	address_book_free(&server->book);
}
