/* SPDX-License-Identifier: MIT
 * Computes SipHash-2-4 with a result of 128 bits, which is used as an authentication tag for short
 * strings: without the key, the tag cannot be computed. Sources: Aumasson and Bernstein, "SipHash:
 * a fast short-input PRF", 2012, and the 128-bit variant by the same authors. */
#ifndef FURROW_BASE_SIPHASH_H
#define FURROW_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { FURROW__SIPHASH_SIZE = 16 }; /* size of a key and of a tag, in bytes */

void furrow__siphash(uint8_t tag[FURROW__SIPHASH_SIZE], const uint8_t key[FURROW__SIPHASH_SIZE],
                     const void *bytes, size_t size);

#endif
