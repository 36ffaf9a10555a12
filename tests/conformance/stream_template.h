/* SPDX-License-Identifier: MIT
 *
 * Streams of one model that are read while the session writes. stream_test.c includes this file
 * once for each model, after it has defined MODEL and COLUMNS (item, ITEM). For each shape of a
 * stream and each verb, the stream must return what a find returned when the stream began.
 *
 * The file has no include guard, because it is included more than once.
 */
#define VERB(verb) JOIN(MODEL, verb)
#define TABLE TEXT_OF(MODEL)
#define LIST struct JOIN(MODEL, _list)
#define CURSOR struct JOIN(MODEL, _cursor)
#define FIND struct JOIN(MODEL, _find_options)
#define STREAM struct JOIN(MODEL, _stream_options)

static void VERB(_fill)(furrow_session *s)
{
    struct MODEL rows[ROWS];
    char names[ROWS][16], codes[ROWS][16];
    for (int i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof *names, "name %d", i % 50);
        snprintf(codes[i], sizeof *codes, "code %d", i);
        rows[i] = (struct MODEL){.shop_id = i % SHOPS + 1,
                                 .price = i * 7 % ROWS,
                                 .plain = i * 11 % ROWS,
                                 .name = names[i],
                                 .code = codes[i]};
    }
    assert_ok(s, VERB(_insert_many)(s, rows, ROWS));
}

static bool VERB(_is)(const struct MODEL *a, const struct MODEL *b)
{
    return a->id == b->id && a->shop_id == b->shop_id && a->price == b->price &&
           a->plain == b->plain && !strcmp(a->name, b->name) && !strcmp(a->code, b->code);
}

/* The options of a stream. Each function sets some of them. */
#define SHAPE(name, ...)                                                                           \
    static void JOIN(VERB(_shape_), name)(FIND * o)                                                \
    {                                                                                              \
        FIND wanted = {__VA_ARGS__};                                                               \
        *o = wanted;                                                                               \
    }
SHAPES
#undef SHAPE

/* What the program does at a row of the stream. `step` counts the calls, starting at 0. */
#define CHANGE(name, ...)                                                                          \
    static void JOIN(VERB(_change_), name)(furrow_session * s, const struct MODEL *row, int step)  \
    {                                                                                              \
        struct MODEL next = *row;                                                                  \
        char code[32];                                                                             \
        snprintf(code, sizeof code, "new %d", step);                                               \
        (void)next;                                                                                \
        __VA_ARGS__                                                                                \
    }
CHANGES
#undef CHANGE

struct VERB(_shape) {
    const char *name;
    void (*set)(FIND *);
};
struct VERB(_change) {
    const char *name;
    void (*run)(furrow_session *, const struct MODEL *, int);
};

/* Returns the index of the row in `list` that equals `row`. If the shape has an order, only the row
 * at index `at` is compared; otherwise, all rows are. Returns the number of rows if no row is
 * equal. */
static size_t VERB(_position)(const LIST *list, const struct MODEL *row, size_t at, bool is_ordered)
{
    size_t first = is_ordered ? at : 0, end = is_ordered ? at + 1 : list->count;
    for (size_t i = first; i < end && i < list->count; i++)
        if (VERB(_is)(row, list->items[i]))
            return i;
    return list->count;
}

/* The rows that a stream must return, and those that it has returned. */
struct VERB(_progress) {
    LIST wanted;
    bool seen[ROWS];
    size_t count;
    bool is_ordered;
};

/* Returns whether this row may be the next row of the stream. If so, records it as seen. */
static bool VERB(_is_next)(struct VERB(_progress) * p, const struct MODEL *row)
{
    size_t at = VERB(_position)(&p->wanted, row, p->count, p->is_ordered);
    if (at == p->wanted.count || p->seen[at])
        return false;
    p->seen[at] = true;
    p->count++;
    return true;
}

static struct VERB(_progress) VERB(_find_all)(furrow_session *s, const struct VERB(_shape) * shape)
{
    struct VERB(_progress) p = {0};
    FIND options;
    shape->set(&options);
    options.s = s;
    options.out = &p.wanted;
    p.is_ordered = options.order_by[0].used;
    assert_ok(s, VERB(_find_using)(&options));
    assert_in_range(p.wanted.count, 200, ROWS);
    return p;
}

static CURSOR *VERB(_open)(furrow_session *s, const struct VERB(_shape) * shape)
{
    CURSOR *cursor = NULL;
    FIND find;
    STREAM options;
    shape->set(&find);
    memcpy(&options, &find, sizeof options);
    options.s = s;
    options.out = &cursor;
    assert_ok(s, VERB(_stream_using)(&options));
    return cursor;
}

static void VERB(_try)(const struct VERB(_shape) * shape, const struct VERB(_change) * change)
{
    furrow_session *s = open_session();
    struct VERB(_progress) p = VERB(_find_all)(s, shape);
    CURSOR *cursor = VERB(_open)(s, shape);
    int step = 0;
    for (const struct MODEL *row; (row = VERB(_next)(cursor));) {
        if (!VERB(_is_next)(&p, row))
            fail_msg("%s, %s: row %zu of %zu is wrong", shape->name, change->name, p.count + 1,
                     p.wanted.count);
        if ((p.count - 1) % 37 == 0)
            change->run(s, row, step++);
        if (furrow_session_status(s))
            fail_msg("%s, %s: %s", shape->name, change->name, furrow_session_error(s)->message);
    }
    if (p.count != p.wanted.count || furrow_session_status(s))
        fail_msg("%s, %s: %zu of %zu rows, %s", shape->name, change->name, p.count, p.wanted.count,
                 furrow_status_name(furrow_session_status(s)));
    close_session(s);
}

static void JOIN(JOIN(test_, MODEL), _stream__does_not_see_changes)(void **state)
{
    (void)state;
#define SHAPE(name, ...) {#name, JOIN(VERB(_shape_), name)},
    static const struct VERB(_shape) shapes[] = {SHAPES};
#undef SHAPE
#define CHANGE(name, ...) {#name, JOIN(VERB(_change_), name)},
    static const struct VERB(_change) changes[] = {CHANGES};
#undef CHANGE
    create_once();
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t k = 0; k < sizeof changes / sizeof *changes; k++)
            VERB(_try)(&shapes[i], &changes[k]);
}

/* Opens a stream of each shape, one after the other, and writes before each is opened. Each stream
 * must return the rows as they were when it was opened. */
static void JOIN(JOIN(test_, MODEL), _stream__sees_the_changes_before_it)(void **state)
{
    (void)state;
#define SHAPE(name, ...) {#name, JOIN(VERB(_shape_), name)},
    static const struct VERB(_shape) shapes[] = {SHAPES};
#undef SHAPE
    enum { COUNT = sizeof shapes / sizeof *shapes };
    struct VERB(_progress) all[COUNT];
    CURSOR *cursors[COUNT];
    create_once();
    furrow_session *s = open_session();
    for (size_t i = 0; i < COUNT; i++) {
        assert_ok(s, VERB(_update_where)(s,
                                         .set = {furrow_increment(COLUMNS.price, 1),
                                                 furrow_increment(COLUMNS.plain, 3)},
                                         .all_rows = true));
        all[i] = VERB(_find_all)(s, &shapes[i]);
        cursors[i] = VERB(_open)(s, &shapes[i]);
        for (size_t k = 0; k < i; k++)
            assert_true(VERB(_is_next)(&all[i], VERB(_next)(cursors[i])));
    }
    for (size_t open = COUNT; open;) {
        open = 0;
        for (size_t i = 0; i < COUNT; i++) {
            const struct MODEL *row = cursors[i] ? VERB(_next)(cursors[i]) : NULL;
            if (!row) {
                cursors[i] = NULL;
                continue;
            }
            assert_true(VERB(_is_next)(&all[i], row));
            open++;
            if (i == 0 && all[i].count % 50 == 0)
                assert_ok(s,
                          VERB(_delete_where)(s, .where = {furrow_le(COLUMNS.id, all[i].count)}));
        }
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(all[i].count, all[i].wanted.count);
    assert_ok(s, furrow_session_status(s));
    close_session(s);
}

#undef VERB
#undef TABLE
#undef LIST
#undef CURSOR
#undef FIND
#undef STREAM
#undef MODEL
#undef COLUMNS
