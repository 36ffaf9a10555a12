/* SPDX-License-Identifier: MIT
 *
 * Keyset pages: the `.page_size` rows after or before a cursor, and the cursors of the next and the
 * previous page. A cursor is a position between two rows: `next` is the position after the page's
 * last row, `previous` the position before its first row.
 *
 * If a page is empty because its rows were deleted, it still has a cursor that leads back, to a
 * page that includes the row at which the passed cursor was made.
 */
#include "runtime/query/page.h"
#include "runtime/query/select.h"
#include "runtime/session/rows.h"

/* A value that the page is ordered by and that is not a column of the model. */
struct extra {
    bool has;
    union {
        int64_t integer;
        double real;
        const char *text;
        furrow_blob blob;
        furrow_uuid uuid;
        furrow_decimal decimal;
        furrow_time time;
        furrow_date date;
    } value;
};

/* The rows of a page while they are read. */
typedef struct reading {
    furrow__page *page;
    furrow__run run;
    furrow__store store;
    bool more;                           /* there is another row after the page's last row */
    const furrow_column **extra_columns; /* result columns: NULL for each column of the model, then
                                            the extra values */
    furrow_column columns[FURROW__MAX_KEYSET];
    size_t extra_count;
    struct extra first[FURROW__MAX_KEYSET], last[FURROW__MAX_KEYSET];
} reading;

furrow_status furrow__page_refuse(furrow_session *s, const furrow_model *model,
                                  const struct furrow_find_options *o, const char *verb)
{
    if (o->page)
        *o->page = (furrow_page){0};
    if (!o->page_size && !o->after && !o->before && !o->page)
        return FURROW_OK;
    furrow_error error;
    furrow__fail(&error, FURROW_INVALID, "%s of model \"%s\" does not support pages", verb,
                 model->name);
    furrow__hint(&error, "use .page_size, .after, .before and .page with find");
    return furrow__session_fail(s, &error);
}

/* Checks the options of a page. Rejects a cursor without a page size. */
static furrow_status check_arguments(furrow_session *s, const furrow_model *model,
                                     const struct furrow_find_options *o)
{
    if (!o->page_size)
        return furrow__session_failf(s, FURROW_INVALID,
                                     "find of model \"%s\": .%s without .page_size", model->name,
                                     o->after    ? "after"
                                     : o->before ? "before"
                                                 : "page");
    if (o->after && o->before)
        return furrow__session_failf(s, FURROW_INVALID,
                                     "find of model \"%s\": give .after or .before, not both",
                                     model->name);
    return FURROW_OK;
}

/* Sets the order, direction and position of a page. */
static furrow_status prepare(furrow_session *s, furrow__page *page,
                             const struct furrow_find_options *o, const furrow__select *select)
{
    furrow_error error = {0};
    furrow_status status = check_arguments(s, page->model, o);
    if (status)
        return status;
    page->part = (furrow__page_part){.size = o->page_size, .backwards = o->before};
    if (furrow__page_order(select, page->order, &page->count, &error))
        return furrow__session_fail(s, &error);
    for (size_t i = 0; i < page->count; i++)
        if (!page->order[i].column)
            return FURROW_OK; /* an empty column is rejected later, when the ORDER BY is written */
    const char *cursor = o->before ? o->before : o->after;
    return cursor ? furrow__page_decode(s, page, cursor) : FURROW_OK;
}

furrow_status furrow__render_find(furrow_session *s, furrow__sql *sql, const furrow_model *model,
                                  const struct furrow_find_options *o, furrow__page *page)
{
    furrow__select select = furrow__select_of(model, o);
    if (furrow__is_page(o)) {
        page->model = model;
        *sql = (furrow__sql){0};
        furrow_status status = prepare(s, page, o, &select);
        if (status)
            return status;
        select.page = &page->part;
    }
    return furrow__render_select(s, sql, &select);
}

static furrow_column extra_column(const furrow_column *source, size_t place)
{
    furrow_column c = *source;
    size_t at = place * sizeof(struct extra);
    c.offset = (uint32_t)(at + offsetof(struct extra, value));
    c.has_offset = (uint32_t)(at + offsetof(struct extra, has));
    c.min_length = c.max_length = 0;
    c.flags &= FURROW_COLUMN_UNSIGNED;
    c.flags |= FURROW_COLUMN_NULLABLE;
    switch (c.type) {
    case FURROW_TYPE_CHARS:
        c.type = FURROW_TYPE_TEXT;
        c.size = sizeof(char *);
        break;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_BLOB:
        break; /* a NULL pointer means NULL */
    default:
        c.flags |= FURROW_COLUMN_OPT;
    }
    return c;
}

static furrow_status find_extra(furrow_session *s, reading *r)
{
    const furrow_model *model = r->page->model;
    r->extra_count = 0;
    size_t size = (model->column_count + r->page->count) * sizeof(void *);
    r->extra_columns = furrow__arena_aligned(&s->scratch, size, _Alignof(void *));
    if (!r->extra_columns)
        return furrow__session_no_memory(s);
    memset(r->extra_columns, 0, size);
    for (size_t i = 0; i < r->page->count; i++) {
        if (!furrow__page_is_extra(&r->page->order[i]))
            continue;
        furrow_column *c = &r->columns[r->extra_count];
        *c = extra_column(r->page->order[i].column, r->extra_count);
        r->extra_columns[model->column_count + r->extra_count++] = c;
    }
    return FURROW_OK;
}

/* Reads from a row the values that the page is ordered by. */
static void position_of(const reading *r, const void *row, const struct extra *extra,
                        furrow_value *out)
{
    size_t next = 0;
    for (size_t i = 0; i < r->page->count; i++) {
        bool is_extra = furrow__page_is_extra(&r->page->order[i]);
        out[i] = is_extra ? furrow__row_value(&r->columns[next], extra)
                          : furrow__row_value(r->page->order[i].column, row);
        next += is_extra;
    }
}

static furrow_status no_memory(furrow__run *run)
{
    return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
}

static void read_row(reading *r, const furrow_column *const *columns)
{
    furrow__run *run = &r->run;
    furrow_session *s = run->s;
    size_t count = r->page->model->column_count;
    void *row = furrow__store_row(&r->store);
    if (!row) {
        no_memory(run);
        return;
    }
    run->status = s->driver->read_row(run->statement, (furrow_column_list){columns, count}, row,
                                      &s->arena, &run->error);
    if (run->status || !r->extra_count)
        return;
    struct extra *extra = r->store.count == 1 ? r->first : r->last;
    run->status = s->driver->read_row(
        run->statement, (furrow_column_list){r->extra_columns, count + r->extra_count}, extra,
        &s->scratch, &run->error);
    if (r->store.count == 1)
        memcpy(r->last, r->first, sizeof r->last);
}

/* Reads the rows of the page, and finds out whether there is another row. */
static void read_page(reading *r, const furrow_column *const *columns)
{
    furrow__run *run = &r->run;
    furrow__run_execute(run);
    if (run->status)
        return;
    size_t size = (size_t)r->page->part.size, known = run->s->driver->row_count(run->statement);
    furrow__store_start(&r->store, &run->s->arena, r->page->model, known < size ? known : size);
    if (!known)
        furrow__store_start(&r->store, &run->s->arena, r->page->model, size < 64 ? size : 0);
    for (bool more = true; run->status == FURROW_OK;) {
        furrow__run_step(run, &more);
        r->more = more;
        if (!more || run->status || r->store.count == size)
            return;
        read_row(r, columns);
    }
}

/* Makes a list of the rows, in the page's order. */
static furrow_status list_rows(reading *r, furrow__list *list)
{
    furrow__run *run = &r->run;
    size_t count = r->store.count, i = 0;
    if (run->status || !count)
        return run->status;
    list->items =
        furrow__arena_aligned(&run->s->arena, count * sizeof *list->items, _Alignof(void *));
    if (!list->items || !furrow__result_remember(&run->s->results, &r->store, r->page->model))
        return no_memory(run);
    for (const struct furrow__store_block *b = r->store.first; b; b = b->next)
        for (size_t k = 0; k < b->count; k++, i++)
            list->items[r->page->part.backwards ? count - 1 - i : i] =
                b->rows + k * r->store.row_size;
    list->count = count;
    return FURROW_OK;
}

/* Makes the cursor for one end of the page. The cursor is at the first or the last row that was
 * read. */
static furrow_status encode_end(const reading *r, const furrow__list *list, bool first,
                                const char **out)
{
    furrow_value position[FURROW__MAX_KEYSET];
    size_t place = first == !r->page->part.backwards ? 0 : list->count - 1;
    position_of(r, list->items[place], first ? r->first : r->last, position);
    return furrow__page_encode(r->run.s, r->page, position, false, out);
}

static furrow_status make_cursors(const reading *r, const furrow__list *list, furrow_page *out)
{
    const furrow__page_part *part = &r->page->part;
    const char *onward = NULL, *back = NULL;
    furrow_status status = FURROW_OK;
    if (list->count && r->more)
        status = encode_end(r, list, false, &onward);
    if (!status && list->count && part->position)
        status = encode_end(r, list, true, &back);
    if (!status && !list->count && part->position)
        status = furrow__page_encode(r->run.s, r->page, part->position, !part->inclusive, &back);
    out->next = part->backwards ? back : onward;
    out->previous = part->backwards ? onward : back;
    if (status)
        *out = (furrow_page){0};
    return status;
}

furrow_status furrow__find_page(const furrow_model *model, const struct furrow_find_options *o,
                                void *out)
{
    furrow_session *s = o->s;
    furrow__page page = {0};
    furrow__sql sql;
    furrow__list list = {0};
    furrow_status status = furrow__render_find(s, &sql, model, o, &page);
    if (status)
        return status;
    reading r = {.page = &page};
    const furrow_column *const *columns = furrow__all_columns(s, model);
    if (!columns || find_extra(s, &r)) {
        furrow__buffer_done(&sql.text);
        return columns ? s->status : furrow__session_no_memory(s);
    }
    furrow__run_sql(&r.run, s, &sql);
    r.run.model = model;
    read_page(&r, columns);
    list_rows(&r, &list);
    furrow__buffer_done(&sql.text);
    status = furrow__run_end(&r.run);
    if (status == FURROW_OK && o->page)
        status = make_cursors(&r, &list, o->page);
    if (status)
        return status;
    list.loaded = true;
    memcpy(out, &list, sizeof list);
    return FURROW_OK;
}
