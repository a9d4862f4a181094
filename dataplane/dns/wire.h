/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The DNS wire format's fixed facts: header layout, constants, big-endian access.
 * Every constant cites the text that fixes it. Nothing here checks bounds.
 */
#ifndef ARPAD_DATAPLANE_DNS_WIRE_H
#define ARPAD_DATAPLANE_DNS_WIRE_H

#include <stdint.h>
#include <string.h>

enum {
	WIRE_HEADER_BYTES = 12,	    /* RFC 1035 4.1.1 */
	WIRE_NAME_MAX_BYTES = 255,  /* RFC 1035 3.1, the root label included */
	WIRE_LABEL_MAX_BYTES = 63,  /* RFC 1035 3.1 */
	WIRE_QUESTION_FIXED = 4,    /* QTYPE and QCLASS, RFC 1035 4.1.2 */
	WIRE_RR_FIXED = 10,	    /* TYPE, CLASS, TTL, RDLENGTH, RFC 1035 4.1.3 */
	WIRE_OPT_BYTES = 11,	    /* an OPT RR without options, RFC 6891 6.1.2 */
	WIRE_UDP_PLAIN_BYTES = 512, /* RFC 1035 4.2.1: the limit where no OPT says otherwise */
	WIRE_UDP_EDNS_BYTES = 1232, /* DNS flag day 2020: fits an IPv6 minimum MTU unfragmented */
	WIRE_MESSAGE_MAX_BYTES = 65535,
	WIRE_TTL_MAX = 2147483647,   /* RFC 2181 8 */
	WIRE_QNAME_POINTER = 0xc00c, /* RFC 1035 4.1.4: "the name at offset 12" */
};

/* Offsets into the header. */
enum {
	WIRE_ID = 0,
	WIRE_FLAGS = 2,
	WIRE_QDCOUNT = 4,
	WIRE_ANCOUNT = 6,
	WIRE_NSCOUNT = 8,
	WIRE_ARCOUNT = 10
};

/* The flag word at WIRE_FLAGS, RFC 1035 4.1.1 and RFC 4035 3.2. */
enum {
	WIRE_QR = 0x8000,
	WIRE_OPCODE_MASK = 0x7800,
	WIRE_OPCODE_SHIFT = 11,
	WIRE_AA = 0x0400,
	WIRE_TC = 0x0200,
	WIRE_RD = 0x0100,
	WIRE_RA = 0x0080,
	WIRE_AD = 0x0020,
	WIRE_CD = 0x0010,
	WIRE_RCODE_MASK = 0x000f,
};

/* RFC 6895 2.3; BADVERS is the extended code of RFC 6891 9. */
enum wire_rcode {
	WIRE_NOERROR = 0,
	WIRE_FORMERR = 1,
	WIRE_SERVFAIL = 2,
	WIRE_NXDOMAIN = 3,
	WIRE_NOTIMP = 4,
	WIRE_REFUSED = 5,
	WIRE_YXDOMAIN = 6,
	WIRE_BADVERS = 16,
	WIRE_BADCOOKIE = 23, /* RFC 7873 8 */
};

/* RFC 1035 3.2.2 and 3.2.3, RFC 6891, RFC 1995, RFC 5936. */
enum wire_type {
	WIRE_TYPE_A = 1,
	WIRE_TYPE_NS = 2,
	WIRE_TYPE_CNAME = 5,
	WIRE_TYPE_SOA = 6,
	WIRE_TYPE_PTR = 12,
	WIRE_TYPE_TXT = 16,
	WIRE_TYPE_AAAA = 28,
	WIRE_TYPE_DNAME = 39,
	WIRE_TYPE_OPT = 41,
	WIRE_TYPE_DS = 43,
	WIRE_TYPE_META_FIRST = 128, /* RFC 6895 3.1: 128 to 255 are questions only */
	WIRE_TYPE_IXFR = 251,
	WIRE_TYPE_AXFR = 252,
	WIRE_TYPE_MAILB = 253,
	WIRE_TYPE_MAILA = 254,
	WIRE_TYPE_ANY = 255,
};

enum wire_class { WIRE_CLASS_IN = 1, WIRE_CLASS_CH = 3 };

enum { WIRE_OPCODE_QUERY = 0, WIRE_OPCODE_NOTIFY = 4, WIRE_OPCODE_UPDATE = 5 };

enum { WIRE_EDNS_DO = 0x8000 }; /* RFC 3225 3, in the low half of the OPT's TTL */

static inline uint16_t wire_get16(const uint8_t *p)
{
	uint16_t be;

	memcpy(&be, p, sizeof(be));
	return __builtin_bswap16(be);
}

static inline uint32_t wire_get32(const uint8_t *p)
{
	uint32_t be;

	memcpy(&be, p, sizeof(be));
	return __builtin_bswap32(be);
}

static inline void wire_put16(uint8_t *p, uint16_t value)
{
	uint16_t be = __builtin_bswap16(value);

	memcpy(p, &be, sizeof(be));
}

static inline void wire_put32(uint8_t *p, uint32_t value)
{
	uint32_t be = __builtin_bswap32(value);

	memcpy(p, &be, sizeof(be));
}

static inline uint64_t wire_get64(const uint8_t *p)
{
	uint64_t be;

	memcpy(&be, p, sizeof(be));
	return __builtin_bswap64(be);
}

static inline void wire_put64(uint8_t *p, uint64_t value)
{
	uint64_t be = __builtin_bswap64(value);

	memcpy(p, &be, sizeof(be));
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "arpad is written for little-endian processors (x86-64, AArch64)"
#endif

#endif
