/* SPDX-License-Identifier: MIT
 * The models of the history in this folder. */
#include <furrow/model.h>

enum state { DRAFT = 1, SENT, PAID };

struct client {
    furrow_uuid id FURROW(primary_key);
    const char *name FURROW(max_length(80));
    bool active;
    furrow_date joined;
    furrow_json profile FURROW(nullable);
};
struct invoice {
    int64_t id FURROW(primary_key);
    furrow_uuid client_id FURROW(references(client.id), index);
    enum state state;
    furrow_decimal total FURROW(decimal(12, 2));
    int32_t lines;
    furrow_time made FURROW(renamed_from("created"), default(now));
    furrow_opt(furrow_date) due;
    furrow_opt(furrow_time) paid FURROW(index);
    furrow_opt(float) discount FURROW(default(0.1), check("discount < 0.7"));
    furrow_opt(double) rate FURROW(default(0.3));
};
