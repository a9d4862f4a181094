/* SPDX-License-Identifier: BSD-3-Clause */
/* CRC-32C (Castagnoli; RFC 3720, appendix B.4): what tells written octets from damaged ones. */
#ifndef ARPAD_CONTROL_CRC32C_H
#define ARPAD_CONTROL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of `bytes` octets behind those that gave `crc`; 0 before the first. Any thread. */
uint32_t crc32c(uint32_t crc, const void *octets, size_t bytes);

#endif
