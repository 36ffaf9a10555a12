/* SPDX-License-Identifier: MIT
 *
 * Evaluates conditions, orders, paths and loads with plain loops over the graph. */
#include "naive.h"

enum { MAX_NODES = 4096 };
static struct node nodes[MAX_NODES];
static int node_count;

void nodes_free(void)
{
    node_count = 0;
}

static int random_shape(enum kind from)
{
    int choices[RELATIONS], count = 0;
    for (int i = 0; i < shape_count; i++)
        if (shapes[i].from == from)
            choices[count++] = i;
    return choices[random_below((uint32_t)count)];
}

static const char *random_text(void)
{
    static const char *const texts[] = {"", "a", "b", "B", "%", "zz", "\xC3\xA9", "_"};
    return texts[random_below(8)];
}

/* Makes a random condition that needs at most *slots slots of the library's list. Subtracts the
 * slots that it needs from *slots. */
static struct node *make_node(enum kind k, int *slots, int depth)
{
    if (node_count == MAX_NODES)
        abort();
    struct node *n = &nodes[node_count++];
    *n = (struct node){.what = random_below(LEAVES), .shape = random_shape(k)};
    n->low = (int32_t)random_below(8) - 2;
    n->high = n->low + (int32_t)random_below(4);
    for (int i = 0; i < 3; i++)
        n->list[i] = (int32_t)random_below(8) - 1;
    n->text = random_text();
    int cost = n->what == N_BETWEEN ? 2 : 1;
    if (depth > 0 && *slots >= 6 && chance(65)) {
        n->what = chance(70) ? HAS + random_below(3) : ANY + random_below(3);
        enum kind inner = n->what >= HAS ? shapes[n->shape].to : k;
        *slots -= 2;
        int wanted = 1 + (int)random_below(3);
        while (n->count < wanted && *slots >= 2)
            n->children[n->count++] = make_node(inner, slots, n->what >= HAS ? depth - 1 : depth);
        return n;
    }
    if (cost > *slots) {
        n->what = N_EQ;
        cost = 1;
    }
    *slots -= cost;
    return n;
}

void filter_make(struct filter *f, enum kind k, int slots, int depth)
{
    int wanted = 1 + (int)random_below(3);
    f->count = 0;
    while (f->count < wanted && slots >= 2)
        f->nodes[f->count++] = make_node(k, &slots, depth);
}

enum truth { FALSE_, UNKNOWN, TRUE_ };

static enum truth of(bool value)
{
    return value ? TRUE_ : FALSE_;
}

static enum truth eval(const struct node *n, const struct world *w, enum kind k, int row);

static enum truth eval_all(struct node *const *children, int count, const struct world *w,
                           enum kind k, int row)
{
    enum truth result = TRUE_;
    for (int i = 0; i < count && result != FALSE_; i++) {
        enum truth one = eval(children[i], w, k, row);
        result = one < result ? one : result;
    }
    return result;
}

static enum truth eval_related(const struct node *n, const struct world *w, int row)
{
    const int *first = w->first[n->shape], *related = w->related[n->shape];
    bool any = false, every = true;
    for (int i = first[2 * row]; i < first[2 * row + 1]; i++) {
        bool is_true = eval_all(n->children, n->count, w, shapes[n->shape].to, related[i]) == TRUE_;
        any |= is_true;
        every &= is_true;
    }
    return of(n->what == HAS ? any : n->what == EVERY ? every : !any);
}

static enum truth eval_leaf(const struct node *n, enum kind k, const void *row)
{
    int32_t value = n_of(k, row), m = 0;
    bool has_m = m_of(k, row, &m);
    const char *t = t_of(k, row);
    bool in = false;
    for (int i = 0; i < 3; i++)
        in |= (n->what == N_IN ? value : m) == n->list[i];
    switch (n->what) {
    case N_EQ:
        return of(value == n->low);
    case N_NE:
        return of(value != n->low);
    case N_LT:
        return of(value < n->low);
    case N_GE:
        return of(value >= n->low);
    case N_BETWEEN:
        return of(value >= n->low && value <= n->high);
    case N_IN:
        return of(in);
    case M_NULL:
        return of(!has_m);
    case M_NOT_NULL:
        return of(has_m);
    case T_NULL:
        return of(!t);
    case M_EQ:
        return has_m ? of(m == n->low) : UNKNOWN;
    case M_LT:
        return has_m ? of(m < n->low) : UNKNOWN;
    case M_GE:
        return has_m ? of(m >= n->low) : UNKNOWN;
    case M_NOT_IN:
        return has_m ? of(!in) : UNKNOWN;
    case T_EQ:
        return t ? of(strcmp(t, n->text) == 0) : UNKNOWN;
    case T_CONTAINS:
        return t ? of(strstr(t, n->text) != NULL) : UNKNOWN;
    default:
        return t ? of(strncmp(t, n->text, strlen(n->text)) == 0) : UNKNOWN;
    }
}

static enum truth eval(const struct node *n, const struct world *w, enum kind k, int row)
{
    enum truth result = FALSE_;
    if (n->what < LEAVES)
        return eval_leaf(n, k, row_at(w, k, row));
    if (n->what >= HAS)
        return eval_related(n, w, row);
    if (n->what == ALL)
        return eval_all(n->children, n->count, w, k, row);
    if (n->what == NOT)
        return (enum truth)(TRUE_ - eval_all(n->children, n->count, w, k, row));
    for (int i = 0; i < n->count && result != TRUE_; i++) {
        enum truth one = eval(n->children[i], w, k, row);
        result = one > result ? one : result;
    }
    return result;
}

bool filter_matches(const struct filter *f, const struct world *w, enum kind k, int row)
{
    return eval_all(f->nodes, f->count, w, k, row) == TRUE_;
}

static void write_node(const struct node *n, enum kind k, furrow_condition **out)
{
    furrow_int32_column nc = kinds[k].n_column, mc = kinds[k].m_column;
    furrow_text_column tc = kinds[k].t_column;
    furrow_relation_ref r = {shapes[n->shape].relation};
    const furrow_condition none = {0};
    const furrow_condition between[] = {furrow_between(nc, n->low, n->high)};
    /* An opening bracket for each kind of group. After the bracket, the conditions of the group are
     * written, and then a closing bracket. */
    const furrow_condition brackets[][3] = {{furrow_any(none)},     {furrow_all(none)},
                                            {furrow_not(none)},     {furrow_has(r, none)},
                                            {furrow_none(r, none)}, {furrow_every(r, none)}};
    if (n->what >= ANY) {
        *(*out)++ = brackets[n->what - ANY][0];
        for (int i = 0; i < n->count; i++)
            write_node(n->children[i], n->what >= HAS ? shapes[n->shape].to : k, out);
        *(*out)++ = brackets[n->what - ANY][2];
        return;
    }
    *(*out)++ = n->what == N_EQ         ? furrow_eq(nc, n->low)
                : n->what == N_NE       ? furrow_ne(nc, n->low)
                : n->what == N_LT       ? furrow_lt(nc, n->low)
                : n->what == N_GE       ? furrow_ge(nc, n->low)
                : n->what == N_IN       ? furrow_in(nc, n->list, 3)
                : n->what == M_EQ       ? furrow_eq(mc, n->low)
                : n->what == M_LT       ? furrow_lt(mc, n->low)
                : n->what == M_GE       ? furrow_ge(mc, n->low)
                : n->what == M_NOT_IN   ? furrow_not_in(mc, n->list, 3)
                : n->what == M_NULL     ? furrow_is_null(mc)
                : n->what == M_NOT_NULL ? furrow_not_null(mc)
                : n->what == T_EQ       ? furrow_eq(tc, n->text)
                : n->what == T_CONTAINS ? furrow_contains(tc, n->text)
                : n->what == T_STARTS   ? furrow_starts_with(tc, n->text)
                : n->what == T_NULL     ? furrow_is_null(tc)
                                        : between[0];
    if (n->what == N_BETWEEN)
        *(*out)++ = between[1];
}

void filter_write(const struct filter *f, enum kind k, furrow_condition *out)
{
    for (int i = 0; i < f->count; i++)
        write_node(f->nodes[i], k, &out);
}

static void print_node(const struct node *n, FILE *out)
{
    static const char *const names[] = {"n=",     "n<>",        "n<",  "n>=",         "n between ",
                                        "n in",   "m=",         "m<",  "m>=",         "m not in",
                                        "m null", "m not null", "t=",  "t contains ", "t starts ",
                                        "t null", "any",        "all", "not",         "has",
                                        "none",   "every"};
    fputs(names[n->what], out);
    if (n->what >= HAS)
        fprintf(out, " %s", shapes[n->shape].name);
    if (n->what < LEAVES) {
        fprintf(out, "[%d %d (%d %d %d) '%s']", n->low, n->high, n->list[0], n->list[1], n->list[2],
                n->text);
        return;
    }
    fputs("(", out);
    for (int i = 0; i < n->count; i++) {
        fputs(i ? ", " : "", out);
        print_node(n->children[i], out);
    }
    fputs(")", out);
}

void filter_print(const struct filter *f, enum kind k, FILE *out)
{
    for (int i = 0; i < f->count; i++) {
        fprintf(out, "%s %s: ", i ? "," : "", kinds[k].name);
        print_node(f->nodes[i], out);
    }
}

void order_make(struct order *o)
{
    *o = (struct order){.count = (int)random_below(3)};
    for (int i = 0; i < o->count; i++) {
        o->column[i] = (int)random_below(3);
        o->descending[i] = chance(50);
    }
}

void order_write(const struct order *o, enum kind k, furrow_ordering *out)
{
    for (int i = 0; i < o->count; i++) {
        const furrow_column *column = o->column[i] == 0   ? FURROW_COLUMN_(kinds[k].n_column)
                                      : o->column[i] == 1 ? FURROW_COLUMN_(kinds[k].m_column)
                                                          : FURROW_COLUMN_(kinds[k].t_column);
        out[i] = furrow_order(column, o->descending[i]);
    }
}

static int compare_column(int column, enum kind k, const void *a, const void *b)
{
    if (column == 0)
        return n_of(k, a) < n_of(k, b) ? -1 : n_of(k, a) > n_of(k, b);
    if (column == 1) {
        int32_t x = 0, y = 0;
        bool has_x = m_of(k, a, &x), has_y = m_of(k, b, &y);
        if (!has_x || !has_y)
            return has_x - has_y; /* NULL is sorted before all values */
        return x < y ? -1 : x > y;
    }
    const char *x = t_of(k, a), *y = t_of(k, b);
    if (!x || !y)
        return (x != NULL) - (y != NULL);
    return strcmp(x, y);
}

static const struct order *sort_order;
static const struct world *sort_world;
static enum kind sort_kind;

static int compare_rows(const void *a, const void *b)
{
    int i = *(const int *)a, j = *(const int *)b;
    for (int c = 0; c < sort_order->count; c++) {
        int order =
            compare_column(sort_order->column[c], sort_kind, row_at(sort_world, sort_kind, i),
                           row_at(sort_world, sort_kind, j));
        if (order)
            return sort_order->descending[c] ? -order : order;
    }
    return sort_world->rank[sort_kind][i] - sort_world->rank[sort_kind][j];
}

void order_rows(const struct order *o, const struct world *w, enum kind k, int *rows, int count)
{
    sort_order = o;
    sort_world = w;
    sort_kind = k;
    if (count)
        qsort(rows, (size_t)count, sizeof *rows, compare_rows);
}

static bool is_plain(const struct path *p)
{
    return !p->where.count && !p->order.count && !p->limit;
}

static bool has_options(const struct path *p, int step)
{
    return step + 1 == p->length && !is_plain(p);
}

/* Returns whether two paths could load the same relationship with different options. The library
 * rejects such paths. */
static bool paths_conflict(const struct path *a, const struct path *b)
{
    bool same = true; /* whether the steps up to i are the same */
    for (int i = 0; i < a->length; i++) {
        same &= i < b->length && a->steps[i] == b->steps[i];
        for (int k = 0; k < b->length; k++)
            if (a->steps[i] == b->steps[k] && (has_options(a, i) || has_options(b, k)) &&
                !(same && i == k && a->length != b->length))
                return true;
    }
    return false;
}

static bool conflicts_with_others(const struct path *paths, int index)
{
    bool conflicts = false;
    for (int p = 0; p < index; p++)
        conflicts |= paths_conflict(&paths[p], &paths[index]);
    return conflicts;
}

int paths_make(struct path *paths, enum kind start)
{
    int count = 1 + (int)random_below(FURROW_MAX_PATHS);
    for (int p = 0; p < count; p++) {
        struct path *path = &paths[p];
        *path = (struct path){.length = 0};
        enum kind at = start;
        int wanted = 1 + (int)random_below(MAX_LENGTH);
        if (p && chance(60)) { /* some paths begin with the same steps as an earlier path */
            const struct path *earlier = &paths[random_below((uint32_t)p)];
            int shared = 1 + (int)random_below((uint32_t)earlier->length);
            for (int i = 0; i < shared; i++)
                path->steps[path->length++] = earlier->steps[i];
            at = shapes[earlier->steps[shared - 1]].to;
        }
        while (path->length < wanted) {
            int step = random_shape(at);
            path->steps[path->length++] = step;
            at = shapes[step].to;
        }
        if (chance(45)) {
            at = shapes[path->steps[path->length - 1]].to;
            if (chance(60))
                filter_make(&path->where, at, FURROW_MAX_PATH_CONDITIONS, 1);
            if (chance(60))
                order_make(&path->order);
            if (chance(50))
                path->limit = 1 + (int)random_below(4);
        }
        if (conflicts_with_others(paths, p)) {
            memset(&path->where, 0, sizeof path->where);
            memset(&path->order, 0, sizeof path->order);
            path->limit = 0;
        }
        if (conflicts_with_others(paths, p))
            return p;
    }
    return count;
}

void path_write(const struct path *p, furrow_path *out)
{
    enum kind last = shapes[p->steps[p->length - 1]].to;
    for (int i = 0; i < p->length; i++)
        out->steps[i].relation = shapes[p->steps[i]].relation;
    filter_write(&p->where, last, out->where);
    order_write(&p->order, last, out->order_by);
    out->limit = p->limit;
}

void path_print(const struct path *p, FILE *out)
{
    fputs("  path", out);
    for (int i = 0; i < p->length; i++)
        fprintf(out, " %s", shapes[p->steps[i]].name);
    filter_print(&p->where, shapes[p->steps[p->length - 1]].to, out);
    for (int i = 0; i < p->order.count; i++)
        fprintf(out, " by %c%s", "nmt"[p->order.column[i]],
                p -> order.descending[i] ? " desc" : "");
    fprintf(out, " limit %d\n", p->limit);
}

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

void rows_add(struct rows *r, int row)
{
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? r->capacity * 2 : 8;
        r->items = realloc(r->items, (size_t)r->capacity * sizeof *r->items);
        if (!r->items)
            abort();
    }
    r->items[r->count++] = row;
}

void loaded_start(struct loaded *l, const struct world *w)
{
    *l = (struct loaded){.w = w};
    for (int k = 0; k < KINDS; k++)
        l->seen[k] = zeroed((size_t)w->count[k], sizeof(bool));
    for (int i = 0; i < shape_count; i++) {
        l->lists[i] = zeroed((size_t)w->count[shapes[i].from], sizeof(struct rows *));
        l->filtered[i] = zeroed((size_t)w->count[shapes[i].from], sizeof(bool));
    }
}

static void forget_list(struct loaded *l, int shape, int row)
{
    if (l->lists[shape][row])
        free(l->lists[shape][row]->items);
    free(l->lists[shape][row]);
    l->lists[shape][row] = NULL;
}

void loaded_end(struct loaded *l)
{
    for (int k = 0; k < KINDS; k++)
        free(l->seen[k]);
    for (int i = 0; i < shape_count; i++) {
        for (int r = 0; r < l->w->count[shapes[i].from]; r++)
            forget_list(l, i, r);
        free(l->lists[i]);
        free(l->filtered[i]);
    }
}

/* Returns whether the load of this step needs a statement. A to-one relationship without conditions
 * does not need a statement if all its target rows were loaded before. */
static bool must_ask(const struct loaded *l, const struct shape *shape, int shape_index,
                     const struct rows *rows, bool has_filter)
{
    const int *first = l->w->first[shape_index], *related = l->w->related[shape_index];
    for (int i = 0; i < rows->count; i++) {
        int row = rows->items[i];
        bool has = first[2 * row] < first[2 * row + 1];
        if (shape->how != ONE)
            return true; /* the key of the parent is never NULL, so a statement is always needed */
        if (has && (has_filter || !l->seen[shape->to][related[first[2 * row]]]))
            return true;
    }
    return false;
}

void loaded_step(struct loaded *l, int shape_index, const struct rows *rows,
                 const struct path *some, struct rows *children)
{
    static const struct path everything;
    const struct shape *shape = &shapes[shape_index];
    const struct world *w = l->w;
    const int *first = w->first[shape_index], *related = w->related[shape_index];
    some = some ? some : &everything;
    bool *added = zeroed((size_t)w->count[shape->to], sizeof(bool));
    l->statements += must_ask(l, shape, shape_index, rows, some->where.count > 0);
    for (int i = 0; i < rows->count; i++) {
        int row = rows->items[i];
        forget_list(l, shape_index, row);
        struct rows *list = l->lists[shape_index][row] = zeroed(1, sizeof *list);
        for (int k = first[2 * row]; k < first[2 * row + 1]; k++)
            if (filter_matches(&some->where, w, shape->to, related[k]))
                rows_add(list, related[k]);
        order_rows(&some->order, w, shape->to, list->items, list->count);
        if (some->limit && list->count > some->limit)
            list->count = some->limit;
        l->filtered[shape_index][row] = some->where.count > 0;
        for (int k = 0; k < list->count; k++)
            if (!added[list->items[k]]) {
                added[list->items[k]] = l->seen[shape->to][list->items[k]] = true;
                rows_add(children, list->items[k]);
            }
    }
    free(added);
}

/* Returns the last path before path `index` that has the same first `length` steps as path `index`,
 * or NONE. */
static int loaded_by(const struct path *paths, int index, int length)
{
    for (int p = index - 1; p >= 0; p--) {
        if (paths[p].length < length)
            continue;
        bool same = true;
        for (int i = 0; i < length; i++)
            same &= paths[p].steps[i] == paths[index].steps[i];
        if (same)
            return p;
    }
    return NONE;
}

void loaded_paths(struct loaded *l, enum kind start, const struct rows *rows,
                  const struct path *paths, int count)
{
    struct rows after[FURROW_MAX_PATHS][MAX_LENGTH];
    memset(after, 0, sizeof after);
    for (int i = 0; i < rows->count; i++)
        l->seen[start][rows->items[i]] = true;
    for (int p = 0; p < count; p++)
        for (int i = 0; i < paths[p].length; i++) {
            bool is_last = i + 1 == paths[p].length;
            int earlier = loaded_by(paths, p, i + 1);
            if (earlier != NONE && (!is_last || is_plain(&paths[p]))) {
                for (int k = 0; k < after[earlier][i].count; k++)
                    rows_add(&after[p][i], after[earlier][i].items[k]);
                continue;
            }
            loaded_step(l, paths[p].steps[i], i ? &after[p][i - 1] : rows,
                        is_last ? &paths[p] : NULL, &after[p][i]);
        }
    for (int p = 0; p < count; p++)
        for (int i = 0; i < MAX_LENGTH; i++)
            free(after[p][i].items);
}
