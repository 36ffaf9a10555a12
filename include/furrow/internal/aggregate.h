/* SPDX-License-Identifier: MIT
 *
 * Aggregates in generated code: the type of the result follows from the type of the column.
 */
#ifndef FURROW_INTERNAL_AGGREGATE_H
#define FURROW_INTERNAL_AGGREGATE_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/internal/value.h>

/* _Generic selects this object if the type of the result does not match the column. */
extern const struct furrow_result_does_not_fit_column furrow_result_does_not_fit_column;

typedef enum furrow_aggregate {
    FURROW_AGGREGATE_SUM = 1,
    FURROW_AGGREGATE_MIN,
    FURROW_AGGREGATE_MAX,
    FURROW_AGGREGATE_AVG,
} furrow_aggregate;
static inline size_t furrow_result_fits_(size_t size)
{
    return size;
}
#define FURROW_NO_RESULT_                                                                          \
    default:                                                                                       \
        furrow_result_does_not_fit_column
#define FURROW_RESULT_OF_(out_, T) _Generic((out_), T * : furrow_result_fits_, FURROW_NO_RESULT_)
#define FURROW_RESULT_INT64_(out_)                                                                 \
    _Generic((out_), long *: furrow_result_fits_, long long *: furrow_result_fits_,                \
        FURROW_NO_RESULT_)
/* A pointer to an enum is compatible with a pointer to int or to unsigned int, depending on the
 * compiler. */
#define FURROW_RESULT_ENUM_(out_)                                                                  \
    _Generic((out_), int *: furrow_result_fits_, unsigned int *: furrow_result_fits_,              \
        FURROW_NO_RESULT_)
#define FURROW_SUM_FITS_(out_, column_)                                                            \
    _Generic((column_), furrow_int16_column                                                        \
             : FURROW_RESULT_INT64_(out_), furrow_int32_column                                     \
             : FURROW_RESULT_INT64_(out_), furrow_int64_column                                     \
             : FURROW_RESULT_INT64_(out_), furrow_float_column                                     \
             : FURROW_RESULT_OF_(out_, double), furrow_double_column                               \
             : FURROW_RESULT_OF_(out_, double), furrow_decimal_column                              \
             : FURROW_RESULT_OF_(out_, furrow_decimal), FURROW_NO_RESULT_)
#define FURROW_AVG_FITS_(out_, column_)                                                            \
    _Generic((column_), furrow_int16_column                                                        \
             : FURROW_RESULT_OF_(out_, double), furrow_int32_column                                \
             : FURROW_RESULT_OF_(out_, double), furrow_int64_column                                \
             : FURROW_RESULT_OF_(out_, double), furrow_float_column                                \
             : FURROW_RESULT_OF_(out_, double), furrow_double_column                               \
             : FURROW_RESULT_OF_(out_, double), furrow_decimal_column                              \
             : FURROW_RESULT_OF_(out_, double), FURROW_NO_RESULT_)
#define FURROW_MIN_FITS_(out_, column_)                                                            \
    _Generic((column_), furrow_int16_column                                                        \
             : FURROW_RESULT_OF_(out_, int16_t), furrow_int32_column                               \
             : FURROW_RESULT_OF_(out_, int32_t), furrow_int64_column                               \
             : FURROW_RESULT_INT64_(out_), furrow_float_column                                     \
             : FURROW_RESULT_OF_(out_, float), furrow_double_column                                \
             : FURROW_RESULT_OF_(out_, double), furrow_decimal_column                              \
             : FURROW_RESULT_OF_(out_, furrow_decimal), furrow_text_column                         \
             : FURROW_RESULT_OF_(out_, const char *), furrow_time_column                           \
             : FURROW_RESULT_OF_(out_, furrow_time), furrow_date_column                            \
             : FURROW_RESULT_OF_(out_, furrow_date), furrow_enum_column                            \
             : FURROW_RESULT_ENUM_(out_), FURROW_NO_RESULT_)
#define FURROW_MAX_FITS_ FURROW_MIN_FITS_

#endif
