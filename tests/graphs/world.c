/* SPDX-License-Identifier: MIT
 *
 * Makes a random graph of rows and inserts it. */
#include "world.h"

#include <unistd.h>

struct shape shapes[RELATIONS];
int shape_count;
struct kind_facts kinds[KINDS];
uint64_t random_state;

uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return limit ? (uint32_t)((random_state >> 16) % limit) : 0;
}

bool chance(uint32_t percent)
{
    return random_below(100) < percent;
}

bool m_of(enum kind k, const void *row, int32_t *m)
{
    furrow_opt(int32_t) value;
    memcpy(&value, (const char *)row + kinds[k].m, sizeof value);
    *m = value.value;
    return value.has;
}

#define COMPARE(a, b) return (a) < (b) ? -1 : (a) > (b)
#define BY_ID(model_)                                                                              \
    static int compare_##model_(const void *a, const void *b)                                      \
    {                                                                                              \
        COMPARE(((const struct model_ *)a)->id, ((const struct model_ *)b)->id);                   \
    }
BY_ID(person)
BY_ID(membership)
BY_ID(event)
BY_ID(remark)

static int compare_passport(const void *a, const void *b)
{
    return strcmp(((const struct passport *)a)->number, ((const struct passport *)b)->number);
}

static int compare_paper(const void *a, const void *b)
{
    return memcmp(((const struct paper *)a)->id.bytes, ((const struct paper *)b)->id.bytes, 16);
}

static int compare_label(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->code, ((const struct label *)b)->code);
}

static int compare_paper_label(const void *a, const void *b)
{
    const struct paper_label *x = a, *y = b;
    int order = memcmp(x->paper_id.bytes, y->paper_id.bytes, 16);
    return order ? order : strcmp(x->label_code, y->label_code);
}

static int compare_club(const void *a, const void *b)
{
    const struct club *x = a, *y = b;
    int order = strcmp(x->city, y->city);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static int compare_follow(const void *a, const void *b)
{
    const struct follow *x = a, *y = b;
    if (x->from_id != y->from_id)
        return x->from_id < y->from_id ? -1 : 1;
    COMPARE(x->to_id, y->to_id);
}

#define KIND(kind_, model_, TABLE)                                                                 \
    kinds[kind_] = (struct kind_facts)                                                             \
    {                                                                                              \
#model_, &model_##_model, sizeof(struct model_), offsetof(struct model_, n),               \
            offsetof(struct model_, m), offsetof(struct model_, t), TABLE.n, TABLE.m, TABLE.t,     \
            compare_##model_                                                                       \
    }
#define SHAPE(TABLE, model_, member, from_, to_, ...)                                              \
    shapes[shape_count++] = (struct shape)                                                         \
    {                                                                                              \
        .name = #model_ "." #member, .from = from_, .to = to_,                                     \
        .offset = offsetof(struct model_, member), .relation = TABLE.member.relation, __VA_ARGS__  \
    }
#define TO_ONE(TABLE, model_, member, from_, to_, key)                                             \
    SHAPE(TABLE, model_, member, from_, to_, .how = ONE, .reference = key)
#define TO_MANY(TABLE, model_, member, from_, to_, key)                                            \
    SHAPE(TABLE, model_, member, from_, to_, .how = MANY, .reference = key)
#define LINKED(TABLE, model_, member, from_, to_, key, other)                                      \
    SHAPE(TABLE, model_, member, from_, to_, .how = THROUGH, .reference = key, .second = other)

void start_kinds(void)
{
    KIND(PEOPLE, person, PERSON);
    KIND(PASSPORTS, passport, PASSPORT);
    KIND(PAPERS, paper, PAPER);
    KIND(LABELS, label, LABEL);
    KIND(PAPER_LABELS, paper_label, PAPER_LABEL);
    KIND(CLUBS, club, CLUB);
    KIND(MEMBERSHIPS, membership, MEMBERSHIP);
    KIND(FOLLOWS, follow, FOLLOW);
    KIND(EVENTS, event, EVENT);
    KIND(REMARKS, remark, REMARK);

    TO_ONE(PERSON, person, boss, PEOPLE, PEOPLE, PERSON_BOSS);
    TO_MANY(PERSON, person, reports, PEOPLE, PEOPLE, PERSON_BOSS);
    SHAPE(PERSON, person, passport, PEOPLE, PASSPORTS, .how = ONE_BACK,
          .reference = PASSPORT_PERSON);
    TO_MANY(PERSON, person, written, PEOPLE, PAPERS, PAPER_AUTHOR);
    TO_MANY(PERSON, person, reviewed, PEOPLE, PAPERS, PAPER_REVIEWER);
    LINKED(PERSON, person, follows, PEOPLE, PEOPLE, FOLLOW_FROM, FOLLOW_TO);
    LINKED(PERSON, person, followers, PEOPLE, PEOPLE, FOLLOW_TO, FOLLOW_FROM);
    TO_MANY(PERSON, person, follow_rows, PEOPLE, FOLLOWS, FOLLOW_FROM);
    LINKED(PERSON, person, clubs, PEOPLE, CLUBS, MEMBERSHIP_PERSON, MEMBERSHIP_CLUB);
    TO_MANY(PERSON, person, memberships, PEOPLE, MEMBERSHIPS, MEMBERSHIP_PERSON);
    TO_ONE(PASSPORT, passport, person, PASSPORTS, PEOPLE, PASSPORT_PERSON);
    TO_ONE(PAPER, paper, author, PAPERS, PEOPLE, PAPER_AUTHOR);
    TO_ONE(PAPER, paper, reviewer, PAPERS, PEOPLE, PAPER_REVIEWER);
    LINKED(PAPER, paper, labels, PAPERS, LABELS, LINK_PAPER, LINK_LABEL);
    TO_MANY(PAPER, paper, paper_labels, PAPERS, PAPER_LABELS, LINK_PAPER);
    TO_MANY(PAPER, paper, remarks, PAPERS, REMARKS, REMARK_PAPER);
    LINKED(LABEL, label, papers, LABELS, PAPERS, LINK_LABEL, LINK_PAPER);
    TO_ONE(PAPER_LABEL, paper_label, paper, PAPER_LABELS, PAPERS, LINK_PAPER);
    TO_ONE(PAPER_LABEL, paper_label, label, PAPER_LABELS, LABELS, LINK_LABEL);
    LINKED(CLUB, club, members, CLUBS, PEOPLE, MEMBERSHIP_CLUB, MEMBERSHIP_PERSON);
    TO_MANY(CLUB, club, memberships, CLUBS, MEMBERSHIPS, MEMBERSHIP_CLUB);
    TO_MANY(CLUB, club, events, CLUBS, EVENTS, EVENT_CLUB);
    TO_ONE(MEMBERSHIP, membership, person, MEMBERSHIPS, PEOPLE, MEMBERSHIP_PERSON);
    TO_ONE(MEMBERSHIP, membership, club, MEMBERSHIPS, CLUBS, MEMBERSHIP_CLUB);
    TO_ONE(FOLLOW, follow, from, FOLLOWS, PEOPLE, FOLLOW_FROM);
    TO_ONE(FOLLOW, follow, to, FOLLOWS, PEOPLE, FOLLOW_TO);
    TO_ONE(EVENT, event, club, EVENTS, CLUBS, EVENT_CLUB);
    TO_ONE(REMARK, remark, paper, REMARKS, PAPERS, REMARK_PAPER);
    TO_ONE(REMARK, remark, parent, REMARKS, REMARKS, REMARK_PARENT);
    TO_MANY(REMARK, remark, replies, REMARKS, REMARKS, REMARK_PARENT);
}

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

/* For each reference: the kind of the rows that have the reference, and the kind of the rows that
 * it refers to. */
static const struct {
    enum kind holder, target;
} references[REFERENCES] = {
    [PERSON_BOSS] = {PEOPLE, PEOPLE},
    [PASSPORT_PERSON] = {PASSPORTS, PEOPLE},
    [PAPER_AUTHOR] = {PAPERS, PEOPLE},
    [PAPER_REVIEWER] = {PAPERS, PEOPLE},
    [LINK_PAPER] = {PAPER_LABELS, PAPERS},
    [LINK_LABEL] = {PAPER_LABELS, LABELS},
    [MEMBERSHIP_PERSON] = {MEMBERSHIPS, PEOPLE},
    [MEMBERSHIP_CLUB] = {MEMBERSHIPS, CLUBS},
    [FOLLOW_FROM] = {FOLLOWS, PEOPLE},
    [FOLLOW_TO] = {FOLLOWS, PEOPLE},
    [EVENT_CLUB] = {EVENTS, CLUBS},
    [REMARK_PAPER] = {REMARKS, PAPERS},
    [REMARK_PARENT] = {REMARKS, REMARKS},
};

static void choose_targets(struct world *w)
{
    for (int r = 0; r < REFERENCES; r++) {
        int count = w->count[references[r].holder], targets = w->count[references[r].target];
        bool is_optional =
            r == PERSON_BOSS || r == PAPER_REVIEWER || r == EVENT_CLUB || r == REMARK_PARENT;
        bool is_tree = references[r].holder == references[r].target;
        w->target[r] = zeroed((size_t)count, sizeof(int));
        int popular = (int)random_below((uint32_t)targets);
        for (int i = 0; i < count; i++) {
            int limit = is_tree ? i + 1 : targets; /* in a tree, a row refers to an earlier row or
                                                      to itself */
            w->target[r][i] = is_optional && chance(30)       ? NONE
                              : chance(25) && popular < limit ? popular
                                                              : (int)random_below((uint32_t)limit);
        }
    }
    for (int i = 0; i < w->count[PASSPORTS]; i++) /* a person has at most one passport */
        w->target[PASSPORT_PERSON][i] = w->count[PEOPLE] - 1 - i;
}

/* Removes duplicates from links whose key consists of the two references, because each pair can
 * occur only once. */
static void drop_repeated(struct world *w, enum kind k, enum reference a, enum reference b)
{
    size_t size = (size_t)w->count[references[a].target] * (size_t)w->count[references[b].target];
    bool *seen = zeroed(size, 1);
    int kept = 0;
    for (int i = 0; i < w->count[k]; i++) {
        bool *pair = &seen[(size_t)w->target[a][i] * (size_t)w->count[references[b].target] +
                           (size_t)w->target[b][i]];
        if (*pair)
            continue;
        *pair = true;
        w->target[a][kept] = w->target[a][i];
        w->target[b][kept++] = w->target[b][i];
    }
    w->count[k] = kept;
    free(seen);
}

/* Returns a number from 1 to 99,991 that is different for each `i`. The numbers are in no
 * particular order. */
static int64_t mixed(int i)
{
    return (int64_t)i * 48271 % 99991 + 1;
}

/* The keys of passports, in memory that lasts as long as the graph. */
static char numbers[100000][16];
static const char *passport_number(int number)
{
    char *text = numbers[number % 100000];
    snprintf(text, sizeof numbers[0], "P%d", number);
    return text;
}

static void fill_common(struct world *w, enum kind k)
{
    static const char *const texts[TEXTS] = {"", "a", "ab", "B", "b%", "zz", "\xC3\xA9", "a_b"};
    for (int i = 0; i < w->count[k]; i++) {
        char *row = w->rows[k] + (size_t)i * kinds[k].size;
        int32_t n = (int32_t)random_below(10) - 2;
        furrow_opt(int32_t) m = {.has = false};
        if (chance(70)) {
            m.has = true;
            m.value = (int32_t)random_below(6);
        }
        const char *t = chance(75) ? texts[random_below(TEXTS)] : NULL;
        memcpy(row + kinds[k].n, &n, sizeof n);
        memcpy(row + kinds[k].m, &m, sizeof m);
        memcpy(row + kinds[k].t, &t, sizeof t);
    }
}

#define ROWS(w, kind_, model_) ((struct model_ *)(void *)(w)->rows[kind_])

static void fill_keys(struct world *w)
{
    static const char *const cities[] = {"Aa", "Bonn", "\xC3\x85rhus", "Ob", "York"};
    for (int i = 0; i < w->count[PEOPLE]; i++)
        ROWS(w, PEOPLE, person)[i].id = mixed(i);
    for (int i = 0; i < w->count[PASSPORTS]; i++)
        ROWS(w, PASSPORTS, passport)[i].number = passport_number((int)mixed(i));
    for (int i = 0; i < w->count[PAPERS]; i++) {
        struct paper *p = &ROWS(w, PAPERS, paper)[i];
        for (int b = 0; b < 16; b++)
            p->id.bytes[b] = (uint8_t)random_below(256);
        p->id.bytes[7] = (uint8_t)i;
        p->id.bytes[8] = (uint8_t)(i >> 8);
    }
    for (int i = 0; i < w->count[LABELS]; i++)
        snprintf(ROWS(w, LABELS, label)[i].code, 8, "L%d", (int)mixed(i));
    for (int i = 0; i < w->count[CLUBS]; i++) {
        ROWS(w, CLUBS, club)[i].city = cities[i % 5];
        ROWS(w, CLUBS, club)[i].number = (int16_t)(i / 5 - 3);
    }
    for (int i = 0; i < w->count[MEMBERSHIPS]; i++)
        ROWS(w, MEMBERSHIPS, membership)[i].id = mixed(i);
    for (int i = 0; i < w->count[EVENTS]; i++)
        ROWS(w, EVENTS, event)[i].id = mixed(i);
    for (int i = 0; i < w->count[REMARKS]; i++)
        ROWS(w, REMARKS, remark)[i].id = mixed(i);
}

static const struct person *person_at(const struct world *w, enum reference r, int i)
{
    int target = w->target[r][i];
    return target == NONE ? NULL : &ROWS(w, PEOPLE, person)[target];
}

static void refer_to_people(struct world *w)
{
    for (int i = 0; i < w->count[PEOPLE]; i++) {
        const struct person *boss = person_at(w, PERSON_BOSS, i);
        if (boss)
            furrow_put(ROWS(w, PEOPLE, person)[i].boss_id, boss->id);
    }
    for (int i = 0; i < w->count[PASSPORTS]; i++)
        ROWS(w, PASSPORTS, passport)[i].person_id = person_at(w, PASSPORT_PERSON, i)->id;
    for (int i = 0; i < w->count[PAPERS]; i++) {
        struct paper *p = &ROWS(w, PAPERS, paper)[i];
        p->author_id = person_at(w, PAPER_AUTHOR, i)->id;
        if (person_at(w, PAPER_REVIEWER, i))
            furrow_put(p->reviewer_id, person_at(w, PAPER_REVIEWER, i)->id);
    }
    for (int i = 0; i < w->count[FOLLOWS]; i++) {
        struct follow *f = &ROWS(w, FOLLOWS, follow)[i];
        f->from_id = person_at(w, FOLLOW_FROM, i)->id;
        f->to_id = person_at(w, FOLLOW_TO, i)->id;
    }
}

static void refer_to_others(struct world *w)
{
    for (int i = 0; i < w->count[PAPER_LABELS]; i++) {
        struct paper_label *l = &ROWS(w, PAPER_LABELS, paper_label)[i];
        l->paper_id = ROWS(w, PAPERS, paper)[w->target[LINK_PAPER][i]].id;
        memcpy(l->label_code, ROWS(w, LABELS, label)[w->target[LINK_LABEL][i]].code, 8);
    }
    for (int i = 0; i < w->count[MEMBERSHIPS]; i++) {
        struct membership *m = &ROWS(w, MEMBERSHIPS, membership)[i];
        const struct club *c = &ROWS(w, CLUBS, club)[w->target[MEMBERSHIP_CLUB][i]];
        m->person_id = person_at(w, MEMBERSHIP_PERSON, i)->id;
        m->club_city = c->city;
        m->club_number = c->number;
    }
    for (int i = 0; i < w->count[EVENTS]; i++) {
        struct event *e = &ROWS(w, EVENTS, event)[i];
        int club = w->target[EVENT_CLUB][i];
        const struct club *c = &ROWS(w, CLUBS, club)[club == NONE ? 0 : club];
        if (club != NONE || chance(30)) /* if one column of the reference is NULL, the event has no
                                           club */
            e->city = c->city;
        if (club != NONE || (!e->city && chance(50)))
            furrow_put(e->number, c->number);
    }
    for (int i = 0; i < w->count[REMARKS]; i++) {
        struct remark *r = &ROWS(w, REMARKS, remark)[i];
        r->paper_id = ROWS(w, PAPERS, paper)[w->target[REMARK_PAPER][i]].id;
        if (w->target[REMARK_PARENT][i] != NONE)
            furrow_put(r->parent_id, ROWS(w, REMARKS, remark)[w->target[REMARK_PARENT][i]].id);
    }
}

static const struct world *sorted_world;
static enum kind sorted_kind;

static int by_key(const void *a, const void *b)
{
    return kinds[sorted_kind].compare(row_at(sorted_world, sorted_kind, *(const int *)a),
                                      row_at(sorted_world, sorted_kind, *(const int *)b));
}

static void rank_rows(struct world *w, enum kind k)
{
    int count = w->count[k];
    int *order = zeroed((size_t)count, sizeof(int));
    w->rank[k] = zeroed((size_t)count, sizeof(int));
    for (int i = 0; i < count; i++)
        order[i] = i;
    sorted_world = w;
    sorted_kind = k;
    qsort(order, (size_t)count, sizeof(int), by_key);
    for (int i = 0; i < count; i++)
        w->rank[k][order[i]] = i;
    free(order);
}

static const int *sorted_rank;
static int by_rank(const void *a, const void *b)
{
    COMPARE(sorted_rank[*(const int *)a], sorted_rank[*(const int *)b]);
}

/* Finds the i-th pair of rows that a relationship connects. Returns false if the reference is NULL.
 */
static bool pair_of(const struct world *w, const struct shape *shape, int i, int *from, int *to)
{
    *from = shape->how == ONE ? i : w->target[shape->reference][i];
    *to = shape->how == ONE       ? w->target[shape->reference][i]
          : shape->how == THROUGH ? w->target[shape->second][i]
                                  : i;
    return *from != NONE && *to != NONE;
}

static void relate(struct world *w, int index)
{
    const struct shape *shape = &shapes[index];
    int pairs = w->count[references[shape->reference].holder], count = w->count[shape->from];
    int from, to, *first = zeroed((size_t)count * 2 + 2, sizeof(int));
    int *related = zeroed((size_t)pairs, sizeof(int));
    int *begin = zeroed((size_t)count + 1, sizeof(int));
    for (int i = 0; i < pairs; i++)
        if (pair_of(w, shape, i, &from, &to))
            begin[from + 1]++;
    for (int i = 0; i < count; i++)
        begin[i + 1] += begin[i];
    for (int i = 0; i < count; i++)
        first[2 * i] = first[2 * i + 1] = begin[i];
    for (int i = 0; i < pairs; i++)
        if (pair_of(w, shape, i, &from, &to))
            related[first[2 * from + 1]++] = to;
    sorted_rank = w->rank[shape->to];
    for (int i = 0; i < count; i++) { /* sort the related rows and remove duplicates */
        int *items = related + first[2 * i], size = first[2 * i + 1] - first[2 * i], kept = 0;
        qsort(items, (size_t)size, sizeof(int), by_rank);
        for (int k = 0; k < size; k++)
            if (!kept || items[kept - 1] != items[k])
                items[kept++] = items[k];
        first[2 * i + 1] = first[2 * i] + kept;
    }
    free(begin);
    w->first[index] = first;
    w->related[index] = related;
}

void world_make(struct world *w, int size)
{
    memset(w, 0, sizeof *w);
    for (int k = 0; k < KINDS; k++)
        w->count[k] = 1 + (int)random_below((uint32_t)size);
    if (w->count[PASSPORTS] > w->count[PEOPLE])
        w->count[PASSPORTS] = w->count[PEOPLE];
    choose_targets(w);
    drop_repeated(w, PAPER_LABELS, LINK_PAPER, LINK_LABEL);
    drop_repeated(w, FOLLOWS, FOLLOW_FROM, FOLLOW_TO);
    for (int k = 0; k < KINDS; k++) {
        w->rows[k] = zeroed((size_t)w->count[k], kinds[k].size);
        fill_common(w, (enum kind)k);
    }
    fill_keys(w);
    refer_to_people(w);
    refer_to_others(w);
    for (int k = 0; k < KINDS; k++)
        rank_rows(w, (enum kind)k);
    for (int i = 0; i < shape_count; i++)
        relate(w, i);
}

void world_free(struct world *w)
{
    for (int k = 0; k < KINDS; k++) {
        free(w->rows[k]);
        free(w->rank[k]);
    }
    for (int r = 0; r < REFERENCES; r++)
        free(w->target[r]);
    for (int i = 0; i < shape_count; i++) {
        free(w->first[i]);
        free(w->related[i]);
    }
}

static char folder[256], file[300], schema[64]; /* the schema that this program uses on PostgreSQL;
                                                   empty on SQLite */

/* Without statistics, PostgreSQL assumes that a table is tiny, and scans the table again and again.
 * With nested conditions, this takes minutes. */
static furrow_status count_on_server(furrow_session *s, const furrow_model *model)
{
    char sql[128];
    furrow_rows *rows = NULL;
    if (!*schema)
        return FURROW_OK;
    snprintf(sql, sizeof sql, "ANALYZE \"%s\"", model->table);
    return furrow_unsafe_sql(s, &rows, sql, NULL, 0);
}

furrow_status world_insert(const struct world *w, furrow_session *s)
{
    static const enum kind order[KINDS] = {PEOPLE, PASSPORTS,   PAPERS,  LABELS, PAPER_LABELS,
                                           CLUBS,  MEMBERSHIPS, FOLLOWS, EVENTS, REMARKS};
    for (int i = 0; i < KINDS; i++) {
        enum kind k = order[i];
        furrow_status status =
            furrow_model_insert_many(s, kinds[k].model, w->rows[k], (size_t)w->count[k]);
        if (status)
            return status;
        status = count_on_server(s, kinds[k].model);
        if (status)
            return status;
    }
    return FURROW_OK;
}

bool must_skip(const char *argument)
{
    return strncmp(argument, "postgresql", 10) == 0 && !getenv("FURROW_TEST_POSTGRESQL");
}

static bool open_engine(furrow_engine **out, const char *url)
{
    furrow_error error = {0};
    if (furrow_engine_open(out, url, &error) == FURROW_OK)
        return true;
    fprintf(stderr, "%s\n", error.message);
    return false;
}

/* Runs a statement on the server. It is used before this program's schema exists, and to drop the
 * schema. */
static bool run_on_server(const char *sql)
{
    furrow_engine *engine;
    if (!open_engine(&engine, getenv("FURROW_TEST_POSTGRESQL")))
        return false;
    furrow_session *s = furrow_session_open(engine);
    furrow_rows *rows = NULL;
    furrow_unsafe_sql(s, &rows, sql, NULL, 0);
    bool worked = furrow_commit(s) == FURROW_OK;
    if (!worked)
        fprintf(stderr, "%s: %s\n", sql, furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return worked;
}

static bool choose_url(char *url, size_t size, const char *argument)
{
    if (strncmp(argument, "postgresql", 10) == 0) {
        const char *server = getenv("FURROW_TEST_POSTGRESQL");
        char sql[128];
        snprintf(schema, sizeof schema, "furrow_graphs_%ld", (long)getpid());
        snprintf(sql, sizeof sql, "CREATE SCHEMA %s", schema);
        snprintf(url, size, "%s%coptions=-csearch_path%%3D%s", server,
                 strchr(server, '?') ? '&' : '?', schema);
        return run_on_server(sql);
    }
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/furrow-graphs-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        return false;
    snprintf(file, sizeof file, "%s/graphs.db", folder);
    snprintf(url, size, "sqlite:///%s", file);
    return true;
}

bool open_database(furrow_engine **out, const char *argument)
{
    char url[1024];
    start_kinds();
    if (!choose_url(url, sizeof url, argument) || !open_engine(out, url))
        return false;
    furrow_session *s = furrow_session_open(*out);
    furrow_create_all(s, &graph_schema);
    bool worked = furrow_commit(s) == FURROW_OK;
    if (!worked)
        fprintf(stderr, "%s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    return worked;
}

void close_database(furrow_engine *engine)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    furrow_engine_close(engine);
    if (*schema) {
        char sql[128];
        snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", schema);
        run_on_server(sql);
    }
    for (int i = 0; i < 3 && *folder; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s%s", file, endings[i]);
        remove(path);
    }
    if (*folder)
        rmdir(folder);
}
