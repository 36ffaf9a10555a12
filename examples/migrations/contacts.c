/* SPDX-License-Identifier: MIT
 * Upgrades its own database when it starts, and adds a contact: contacts [URL] */
#include <stdio.h>

#include "migrations.furrow.h"
#include "models.furrow.h"

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///contacts.db", &error)) {
        fprintf(stderr, "contacts: %s\n", error.message);
        return 1;
    }
    if (furrow_migrate(engine, &migrations_history, &error) != FURROW_OK) {
        fprintf(stderr, "contacts: %s\n%s\n", error.message, error.hint);
        furrow_engine_close(engine);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    contact_insert(s, &(struct contact){.name = "Ada", .phone = "555 0100"});
    struct contact_list contacts;
    contact_find(s, &contacts, .order_by = {furrow_asc(CONTACT.id)});
    furrow_each (struct contact, c, contacts)
        printf("%s: %s\n", c->name, c->phone ? c->phone : "no phone");
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        fprintf(stderr, "contacts: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
