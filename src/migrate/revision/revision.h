/* SPDX-License-Identifier: MIT
 *
 * Revision files, the graph that they form, and furrow.sum. Pure: whoever reads the folder (or has
 * it compiled in) hands over names and texts. The file's form is in docs/migrations.md.
 */
#ifndef FURROW_MIGRATE_REVISION_REVISION_H
#define FURROW_MIGRATE_REVISION_REVISION_H

#include "migrate/revision/change.h"
#include "migrate/revision/ddl.h"

enum {
    FURROW__REVISION_ID_SIZE = 13,         /* 12 hex digits and NUL */
    FURROW__REVISION_FILE_SIZE = 16 << 20, /* bytes */
    FURROW__REVISIONS = 10000,
    FURROW__REVISION_PARENTS = 16,
    FURROW__MESSAGE_SIZE = 200, /* bytes of a revision's message */
};

typedef struct furrow__history furrow__history;

typedef struct furrow__revision {
    const char *file; /* its name in the folder */
    const char *id;
    const char *parents[FURROW__REVISION_PARENTS];
    size_t parent_count;                              /* 0: a base; 2 and more: a merge */
    uint32_t parent_places[FURROW__REVISION_PARENTS]; /* in the history, once it is linked */
    const char **children;                            /* ids; known once linked */
    size_t child_count;
    const char *message;
    const char *before, *after; /* fingerprints */
    bool irreversible;          /* has no downgrade, and says so */
    bool no_transaction;        /* its statements are committed one by one */
    /* Those in whose place a base stands, which are no files any more: first the one behind which
     * the schema is its own, then its ancestors in any order. */
    const char *const *squashes;
    size_t squash_count;
    const furrow__history *history; /* set by linking */
    furrow__change_list upgrade, downgrade;
    const char *hash; /* of the text: 32 hex digits */
    const char *text; /* the file's, with \r\n as \n, without a byte order mark */
    size_t size;
} furrow__revision;

/* A mistake in a revision file that made a call fail. */
typedef struct furrow__revision_failure {
    const furrow__revision *revision; /* NULL: the last call did not fail because of a file */
    furrow__file_location location;   /* line 0: the file as a whole */
    furrow_error error;               /* without the location */
} furrow__revision_failure;

struct furrow__history {
    furrow_arena *arena;
    furrow__revision_failure *failure; /* set by the calls that apply revisions; may be NULL */
    furrow__revision **items;          /* once linked: parents before children; then by id */
    size_t count, capacity;
    furrow__revision **superseded; /* once linked: files that are there, though one squashes them */
    size_t superseded_count, superseded_capacity;
};

/* Read one file and add it. FURROW_INVALID: *place is where; error->message and ->hint say the
 * rest, without file and place. */
furrow_status furrow__history_add(furrow__history *history, const furrow__source_text *source,
                                  furrow__file_location *place, furrow_error *error);
/* The same, with all mistakes; texts are in the history's arena. */
furrow_status furrow__history_add_all(furrow__history *history, const furrow__source_text *source,
                                      furrow__problem_list *problems, furrow_error *error);
/* Sort and check: a parent that is not there, an id twice, a circle. What another squashes is taken
 * out, and is the other wherever it is a parent. */
furrow_status furrow__history_link(furrow__history *history, furrow_error *error);
furrow__revision *furrow__history_find(const furrow__history *history, const char *id,
                                       furrow_error *error); /* also by a unique beginning */
/* The revision that squashes this id, or NULL. */
const furrow__revision *furrow__history_squash_of(const furrow__history *history, const char *id);
/* Those that are nobody's parent. */
size_t furrow__history_heads(const furrow__history *history, furrow__revision **out, size_t room);

/* The schema once a set of revisions is applied: `applied` holds one bool a revision, in the
 * history's order, and every parent of one applied must be. Checks each fingerprint on the way. */
furrow_status furrow__history_replay(furrow__catalog *out, const furrow__history *history,
                                     const bool *applied, furrow_arena *arena, furrow_error *error);

/* Apply one section to the schema before it, and check that both sides of each foreign key are of
 * one type behind it. FURROW_INVALID: "file:line:column: message". */
furrow_status furrow__revision_apply(furrow__catalog *catalog, const furrow__revision *revision,
                                     bool down, furrow_error *error);

/* The schema that a revision stands on: its ancestors', without checks. */
furrow_status furrow__history_before(furrow__catalog *out, const furrow__history *history,
                                     size_t place, furrow_arena *arena, furrow_error *error);

/* Does one revision lead from the schema before it to the one behind it, and back, as its header
 * says? FURROW_INVALID says what does not. */
furrow_status furrow__history_check(const furrow__history *history, size_t place,
                                    furrow_error *error);

/* A step: one revision, up or down. */
typedef struct furrow__revision_step {
    const furrow__revision *revision;
    bool down;
    const furrow__catalog *before, *after; /* logical */
} furrow__revision_step;

typedef struct furrow__revision_steps {
    furrow__revision_step *items;
    size_t count;
} furrow__revision_steps;

/* Where to go, and from where. */
typedef struct furrow__history_target {
    const bool *applied; /* one for each revision, in the history's order */
    const char *name;    /* "head", "heads", "base", "+2", "-1", an id or its beginning */
    bool down;           /* undo revisions; otherwise apply them */
} furrow__history_target;

/* The steps to a target. FURROW_INVALID if there is no such target; the hint lists the forms. */
furrow_status furrow__history_route(furrow__revision_steps *out, const furrow__history *history,
                                    const furrow__history_target *target, furrow_arena *arena,
                                    furrow_error *error);

/* A revision's place in the history's order, or SIZE_MAX. */
size_t furrow__history_place(const furrow__history *history, const char *id);
/* Mark its ancestors, itself too, in one bool a revision; how many there are. */
size_t furrow__history_ancestors(const furrow__history *history, size_t place, bool *marks);

/* The hash of a file's bytes: 32 hex digits. */
void furrow__revision_hash(char out[FURROW__FINGERPRINT_SIZE], const char *bytes, size_t size);
/* Write a file's text. */
void furrow__revision_write(furrow__buffer *out, const furrow__revision *revision,
                            const furrow__catalog *before, const furrow__catalog *after);

/* ---- furrow.sum ---- */

/* A line a revision: id, hash of the file, hash of what it renders to on each engine. */
furrow_status furrow__sum_write(furrow__buffer *out, const furrow__history *history,
                                furrow_error *error);
/* FURROW_INVALID names the first revision that is not as it was: edited, rendered otherwise by this
 * version, missing, or not yet in the sum; and the way to accept it: *differs says that this is
 * what is wrong, and not that the comparison could not be made. */
furrow_status furrow__sum_check(const furrow__history *history, const char *text, size_t size,
                                bool *differs, furrow_error *error);
/* The first line that is none of furrow.sum's, such as what a merge leaves behind, from 1; *error
 * says what it is. 0: there is none. furrow__sum_check refuses such a text, too. */
size_t furrow__sum_wrong_line(const char *text, size_t size, furrow_error *error);

#endif
