/* SPDX-License-Identifier: MIT
 * Computes lines and columns: see location.h. */
#include "scan/location.h"

furrow__locator furrow__locator_begin(const char *text, furrow__file_location origin)
{
    return (furrow__locator){.text = text, .origin = origin, .location = origin};
}

furrow__file_location furrow__locate(furrow__locator *l, size_t offset)
{
    if (offset < l->offset) {
        l->offset = 0;
        l->location = l->origin;
    }
    for (; l->offset < offset; l->offset++) {
        l->location.column++;
        if (l->text[l->offset] == '\n') {
            l->location.line++;
            l->location.column = 1;
        }
    }
    return l->location;
}
