/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "customer.furrow.h"
#include "purchase.furrow.h"

int main(int argc, char **argv)
{
    furrow_engine *engine = NULL;
    furrow_error error;
    if (argc < 2 || furrow_engine_open(&engine, argv[1], &error) != FURROW_OK)
        return 1;
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &my_shop_schema);
    struct customer ada = {.name = "Ada"};
    my_customer_insert(s, &ada);
    struct purchase purchase = {.customer_id = ada.id, .product = "a lamp"};
    my_purchase_insert(s, &purchase);
    furrow_status status = furrow_commit(s);
    printf("%s buys %s: %s\n", ada.name, purchase.product, furrow_status_name(status));
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status != FURROW_OK;
}
