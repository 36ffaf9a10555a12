/* SPDX-License-Identifier: MIT
 * Implements SipHash-2-4: see siphash.h. All 64-bit words are little-endian. */
#include "base/siphash.h"

typedef struct state {
    uint64_t v0, v1, v2, v3;
} state;

static uint64_t load(const uint8_t *bytes, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void store(uint8_t *bytes, uint64_t word)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(word >> (8 * i));
}

static uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(state *s, int rounds)
{
    while (rounds--) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 = rotate(s->v2, 32);
    }
}

static void absorb(state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s, 2);
    s->v0 ^= word;
}

void furrow__siphash(uint8_t tag[FURROW__SIPHASH_SIZE], const uint8_t key[FURROW__SIPHASH_SIZE],
                     const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t k0 = load(key, 8), k1 = load(key + 8, 8);
    state s = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
               k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
    s.v1 ^= 0xee; /* selects the variant of SipHash with a result of 128 bits */
    size_t left = size;
    for (; left >= 8; left -= 8, at += 8)
        absorb(&s, load(at, 8));
    absorb(&s, load(at, left) | (uint64_t)(size & 0xff) << 56);
    s.v2 ^= 0xee;
    mix(&s, 4);
    store(tag, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
    s.v1 ^= 0xdd;
    mix(&s, 4);
    store(tag + 8, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
}
