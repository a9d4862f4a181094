/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every way a frame can end: the enumerator, the counter's name, one sentence for a person. An
 * outcome before OUTCOME_REPLIED_FIRST is silence; from there on, a reply left.
 */
#ifndef ARPAD_DATAPLANE_OUTCOME_H
#define ARPAD_DATAPLANE_OUTCOME_H

/* clang-format off */
#define OUTCOME_LIST(X) \
	/* Silence: the frame is no IP datagram to us that may be trusted. */ \
	X(FRAME_SHORT, "frame-short", "The frame ends before its headers do.") \
	X(NOT_OUR_MAC, "not-our-mac", "The frame is to a MAC address that is not the port's: another host's, or a group's.") \
	X(VLAN_TAGS, "vlan-tags", "The frame has more than two VLAN tags, a provider's within another, or the reserved VLAN 4095.") \
	X(NOT_IP, "not-ip", "The frame carries neither IPv4 nor IPv6.") \
	X(NOT_UDP, "not-udp", "The datagram is not UDP, has IP options or extension headers, or is a fragment.") \
	X(IP_HEADER, "ip-header", "The IP header's version or lengths are impossible.") \
	X(HOP_LIMIT, "hop-limit", "The TTL or hop limit is 0, which no router forwards.") \
	X(IP_CHECKSUM, "ip-checksum", "The IPv4 header checksum is wrong.") \
	X(BAD_SOURCE, "bad-source", "No reply can go to the source: it is zero, loopback, multicast, broadcast, our own (MAC or IP address), or a port below 1024 other than 53.") \
	X(NOT_OURS, "not-ours", "The destination is not one of our addresses and ports.") \
	X(UDP_LENGTH, "udp-length", "The UDP length disagrees with the IP length.") \
	X(UDP_CHECKSUM, "udp-checksum", "The UDP checksum is wrong; on a veth pair run: ethtool -K PEER tx off.") \
	X(ICMP_CHECKSUM, "icmp-checksum", "The checksum of a ping or of a neighbour message about one of our addresses is wrong.") \
	X(NEIGHBOR_BAD, "neighbor-bad", "An ARP packet or a neighbour message about one of our addresses breaks the rules: lengths, types, hop limit or options.") \
	X(ADDRESS_CONFLICT, "address-conflict", "Another host uses one of our addresses: it said so by ARP or neighbour discovery.") \
	/* Silence here: the kernel is to have the frame, which is as it came. Only on a link that is ours alone. */ \
	X(TO_KERNEL, "to-kernel", "The frame is for the kernel: the port has none, so it takes the exception path, if one is configured.") \
	/* Silence: the message is none that may be answered. */ \
	X(MESSAGE_SHORT, "message-short", "The message is shorter than a DNS header.") \
	X(MESSAGE_IS_REPLY, "message-is-reply", "The message is itself a reply (QR is set).") \
	/* Silence here: the listener's thread answers. */ \
	X(PUNTED, "punted", "The message is an UPDATE, a NOTIFY or a transfer: it went to the slow thread, which answers by the same port.") \
	X(NO_ROOM, "no-room", "The buffer, or the link by its MTU, cannot hold a reply of 512 octets.") \
	X(RATE_DROPPED, "rate-dropped", "The client's prefix is above its rate of such replies, and this one was not sent.") \
	/* Replies. */ \
	X(ANSWERED, "answered", "The owner has the RRset that was asked for.") \
	X(NODATA, "nodata", "The owner exists without the type that was asked for.") \
	X(NXDOMAIN, "nxdomain", "The name does not exist in a zone of ours.") \
	X(REFERRAL, "referral", "The name is below a zone cut; the delegation was given.") \
	X(TRUNCATED, "truncated", "The answer did not fit and TC was set; the client asks again over TCP.") \
	X(REFUSED, "refused", "The name is in no zone of ours, or the class is not IN.") \
	X(PUNT_REFUSED, "punt-refused", "An UPDATE, a NOTIFY or a transfer was refused, since as many as the slow thread may have are waiting for it.") \
	X(FORMERR, "formerr", "The message is malformed.") \
	X(NOTIMP, "notimp", "The opcode or the kind of query is not implemented.") \
	X(BADVERS, "badvers", "The EDNS version is not 0.") \
	X(BADCOOKIE, "badcookie", "The client's cookie is not ours and the policy asks for one; it was given a new one.") \
	X(YXDOMAIN, "yxdomain", "A DNAME would make a name longer than 255 octets.") \
	X(RATE_SLIPPED, "rate-slipped", "The client's prefix is above its rate; a short reply has the client ask again over TCP, or with a cookie.") \
	/* Replies that are no DNS. Only on a link that is ours alone. */ \
	X(NEIGHBOR, "neighbor", "An ARP request or a neighbour solicitation for one of our addresses was answered with our MAC address.") \
	X(ECHO, "echo", "A ping to one of our addresses was answered.")
/* clang-format on */

enum outcome {
#define X(name, label, sentence) OUTCOME_##name,
	OUTCOME_LIST(X)
#undef X
		OUTCOMES, /* how many there are */
	OUTCOME_REPLIED_FIRST = OUTCOME_ANSWERED,
};

/* The counter's name ("nxdomain") and its sentence. Any thread. */
const char *outcome_name(enum outcome outcome);
const char *outcome_sentence(enum outcome outcome);

#endif
