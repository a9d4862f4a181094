/* SPDX-License-Identifier: BSD-3-Clause */
/* Just enough of the pcap file format to feed DPDK's net_pcap and to read what it wrote. */
#ifndef ARPAD_TESTS_EAL_PCAP_H
#define ARPAD_TESTS_EAL_PCAP_H

#include <stdint.h>
#include <stdio.h>

/* A file open for pcap_put; fails the test when it cannot be written. */
FILE *pcap_create(const char *path);
void pcap_put(FILE *file, const uint8_t *frame, uint32_t length);

/* A file open for pcap_get, past its header. */
FILE *pcap_open(const char *path);

/* The next frame's length, 0 at the end; fails the test when it exceeds `capacity`. */
uint32_t pcap_get(FILE *file, uint8_t *frame, uint32_t capacity);

#endif
