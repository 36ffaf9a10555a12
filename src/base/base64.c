/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <string.h>

static const char *const alphabets[] = {
    [FURROW__BASE64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [FURROW__BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

size_t furrow__base64_write(furrow__base64_form form, const void *bytes, size_t size, char *text)
{
    const char *digits = alphabets[form];
    const uint8_t *from = bytes;
    char *at = text;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t word = (uint32_t)from[i] << 16 | (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) |
                        (left > 2 ? from[i + 2] : 0);
        *at++ = digits[word >> 18];
        *at++ = digits[word >> 12 & 63];
        if (left > 1)
            *at++ = digits[word >> 6 & 63];
        if (left > 2)
            *at++ = digits[word & 63];
    }
    while (form == FURROW__BASE64 && (at - text) % 4)
        *at++ = '=';
    *at = '\0';
    return (size_t)(at - text);
}

static int digit_of(furrow__base64_form form, char c)
{
    const char *at = c ? strchr(alphabets[form], c) : NULL;
    return at ? (int)(at - alphabets[form]) : -1;
}

bool furrow__base64_read(furrow__base64_form form, const char *text, size_t size, uint8_t *bytes,
                         size_t *out_size)
{
    uint32_t word = 0;
    int bits = 0;
    *out_size = 0;
    if (form == FURROW__BASE64 && size % 4)
        return false;
    for (int i = 0; form == FURROW__BASE64 && i < 2 && size && text[size - 1] == '='; i++)
        size--;
    for (size_t i = 0; i < size; i++) {
        int digit = digit_of(form, text[i]);
        if (digit < 0)
            return false;
        word = (word << 6 | (uint32_t)digit) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[(*out_size)++] = (uint8_t)(word >> bits);
        }
    }
    return bits < 6 && !(word & ((1u << bits) - 1));
}
