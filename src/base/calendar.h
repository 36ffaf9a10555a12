/* SPDX-License-Identifier: MIT
 * Defines the limits of times and dates, and the powers of ten. values.c contains the functions
 * that parse and format times, dates and decimals. */
#ifndef FURROW_BASE_CALENDAR_H
#define FURROW_BASE_CALENDAR_H

#include <furrow/model.h>

/* The smallest and the largest time: 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z. */
#define FURROW__TIME_MIN INT64_C(-62135596800000000)
#define FURROW__TIME_MAX INT64_C(253402300799999999)
#define FURROW__DATE_MIN (-719162)
#define FURROW__DATE_MAX 2932896

/* The powers of ten, 10^0 to 10^18. */
extern const int64_t furrow__power10[19];

#endif
