/* SPDX-License-Identifier: MIT
 * Must not compile: code that furrow 0.1 generated. A static assertion must reject it.
 * Error: generate again */
#include <furrow/furrow.h>

_Static_assert(FURROW_FORMAT_VERSION == 1, "generate again: this furrow has another format");
