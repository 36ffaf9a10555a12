/* SPDX-License-Identifier: MIT */
#ifndef PURCHASE_H
#define PURCHASE_H

#include <furrow/model.h>

struct purchase {
    int64_t     id          FURROW(primary_key);
    int64_t     customer_id FURROW(references(customer.id), index);
    const char *product;
};

#endif
