/* SPDX-License-Identifier: MIT
 * Checks of a program that counts them instead of ending at the first failure. */
#ifndef FURROW_TESTS_FAULTS_CHECK_H
#define FURROW_TESTS_FAULTS_CHECK_H

#include <stdbool.h>
#include <stdio.h>

static int passed, failed;

#define CHECK(what, condition)                                                                     \
    do {                                                                                           \
        bool holds_ = (condition);                                                                 \
        passed += holds_;                                                                          \
        failed += !holds_;                                                                         \
        if (!holds_)                                                                               \
            fprintf(stderr, "FAILED %s (line %d)\n", (what), __LINE__);                            \
    } while (0)

#endif
