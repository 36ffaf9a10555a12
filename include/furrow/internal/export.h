/* SPDX-License-Identifier: MIT
 *
 * Defines FURROW_API, which marks the library's public symbols in their declarations. Every header
 * includes this file, except model.h and schema.h.
 *
 * Headers that define macros contain `#pragma GCC system_header`, as do generated headers. gcc then
 * reports a mistake in a macro's arguments at the line in the program, and not at a line inside the
 * macro. Warnings about the program's own code are not affected.
 */
#ifndef FURROW_INTERNAL_EXPORT_H
#define FURROW_INTERNAL_EXPORT_H

#ifdef __cplusplus
#error "furrow's headers are C only; of them, a C++ file can include <furrow/model.h>"
#endif

#if defined __GNUC__
#define FURROW_API __attribute__((visibility("default")))
#else
#define FURROW_API
#endif

#endif
