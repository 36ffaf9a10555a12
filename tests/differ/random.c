/* SPDX-License-Identifier: MIT
 *
 * Random numbers. */
#include "differ.h"

/* A step of SplitMix64. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

source source_make(uint64_t seed, uint64_t number, uint64_t part)
{
    return (source){mix(mix(mix(seed) + number) + part)};
}

uint32_t below(source *r, uint32_t limit)
{
    r->state += UINT64_C(0x9E3779B97F4A7C15);
    return limit ? (uint32_t)((mix(r->state) >> 32) % limit) : 0;
}

bool chance(source *r, uint32_t percent)
{
    return below(r, 100) < percent;
}
