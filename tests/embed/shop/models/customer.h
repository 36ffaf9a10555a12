/* SPDX-License-Identifier: MIT */
#ifndef CUSTOMER_H
#define CUSTOMER_H

#include <furrow/model.h>

struct customer {
    int64_t     id   FURROW(primary_key);
    const char *name FURROW(unique);
};

#endif
