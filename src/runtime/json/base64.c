/* SPDX-License-Identifier: MIT
 * Base64: RFC 4648, section 4. */
#include <string.h>

#include "runtime/json/json.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool furrow__base64_write(furrow__buffer *out, furrow_blob blob)
{
    const uint8_t *bytes = blob.bytes;
    if (!bytes && blob.size)
        return false;
    for (size_t i = 0; i < blob.size; i += 3) {
        size_t left = blob.size - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        char text[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        furrow__buffer_add(out, text, sizeof text);
    }
    return true;
}

/* Returns the number of a digit, or -1. */
static int digit_of(char c)
{
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

bool furrow__base64_read(const char *text, furrow_arena *arena, furrow_blob *out)
{
    size_t length = strlen(text), padding = 0;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    size_t size = length / 4 * 3;
    if (length % 4 != 0 || size < padding)
        return false;
    *out = (furrow_blob){.bytes = NULL, .size = size - padding};
    uint8_t *bytes = furrow__arena_aligned(arena, size ? size : 1, 8);
    out->bytes = bytes;
    for (size_t i = 0; bytes && i < length; i += 4) {
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int digit = i + k >= length - padding ? 0 : digit_of(text[i + k]);
            if (digit < 0)
                return false;
            group = group << 6 | (uint32_t)digit;
        }
        bytes[i / 4 * 3] = (uint8_t)(group >> 16);
        bytes[i / 4 * 3 + 1] = (uint8_t)(group >> 8);
        bytes[i / 4 * 3 + 2] = (uint8_t)group;
    }
    /* The unused bits of the last digit must be 0, so that a value has one text. */
    return !bytes || !padding ||
           (padding == 1 ? digit_of(text[length - 2]) % 4 == 0
                         : digit_of(text[length - 3]) % 16 == 0);
}
