/* SPDX-License-Identifier: MIT
 * SipHash-2-4 with a result of 128 bits: a short text's tag under a key, which nobody without the
 * key can make (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and the 128-bit
 * variant of its authors). */
#ifndef FURROW_BASE_SIPHASH_H
#define FURROW_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { FURROW__SIPHASH_SIZE = 16 }; /* bytes of a key and of a tag */

void furrow__siphash(uint8_t tag[FURROW__SIPHASH_SIZE], const uint8_t key[FURROW__SIPHASH_SIZE],
                     const void *bytes, size_t size);

#endif
