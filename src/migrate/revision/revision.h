/* SPDX-License-Identifier: MIT
 *
 * Revision files, the graph that they form, and furrow.sum. Nothing here does I/O: the caller
 * passes the names and contents of the files. docs/migrations.md describes the format of a file.
 */
#ifndef FURROW_MIGRATE_REVISION_REVISION_H
#define FURROW_MIGRATE_REVISION_REVISION_H

#include "migrate/revision/change.h"
#include "migrate/revision/ddl.h"

enum {
    FURROW__REVISION_ID_SIZE = 13,         /* size of an id in bytes: 12 hexadecimal digits and a
                                              NUL */
    FURROW__REVISION_FILE_SIZE = 16 << 20, /* largest size of a revision file, in bytes */
    FURROW__REVISIONS = 10000,
    FURROW__REVISION_PARENTS = 16,
    FURROW__MESSAGE_SIZE = 200, /* largest size of a revision's message, in bytes */
};

typedef struct furrow__history furrow__history;

typedef struct furrow__revision {
    const char *file; /* name of the file in its folder */
    const char *id;
    const char *parents[FURROW__REVISION_PARENTS];
    size_t parent_count;                              /* number of parents: 0 for a base, 2 or more
                                                         for a merge */
    uint32_t parent_places[FURROW__REVISION_PARENTS]; /* indexes of the parents in history->items;
                                                         set by furrow__history_link */
    const char **children;                            /* ids of the children; set by
                                                         furrow__history_link */
    size_t child_count;
    const char *message;
    const char *before, *after; /* fingerprints of the schema before and after the upgrade */
    int storage;                /* the storage version of the schema after the upgrade */
    int storage_before;         /* the storage version of the schema before the upgrade, which is
                                   the latest version of all parents; set by furrow__history_link */
    furrow__file_location storage_place; /* the location of the line that states the storage
                                            version; storage_place.line is 0 if the file has no such
                                            line */
    bool irreversible;                   /* the file declares that there is no downgrade */
    bool no_transaction;                 /* each statement is committed separately */
    /* Ids of the revisions that this base replaces; their files were removed. The first id is the
     * last of these revisions: after it, the schema was the same as after the base. Its ancestors
     * follow in any order. */
    const char *const *squashes;
    size_t squash_count;
    const furrow__history *history; /* the history that contains the revision; set by
                                       furrow__history_link */
    furrow__change_list upgrade, downgrade;
    const char *hash; /* hash of the text, 32 hexadecimal digits */
    const char *text; /* text of the file, with \n instead of \r\n and without a byte order mark */
    size_t size;
} furrow__revision;

/* A mistake in a revision file that caused a call to fail. */
typedef struct furrow__revision_failure {
    const furrow__revision *revision; /* NULL if the last call did not fail, or failed for another
                                         reason */
    furrow__file_location location;   /* location.line is 0 if a mistake concerns the whole file */
    furrow_error error;               /* the error; its message does not contain the location */
} furrow__revision_failure;

/* Makes the message of an error begin with "file:line:column: error: ", or with "file: error: " if
 * the line is 0. */
void furrow__error_locate(furrow_error *error, furrow__file_location at);
/* Fails with the error `own`, which has no location, and sets *error to this error with a location.
 * The location is in the first line of the revision's file that begins with `line`, the beginning
 * of a header line such as "-- parent: ". If there is no such line, or `line` is "", the mistake
 * concerns the whole file. */
furrow_status furrow__revision_fail(const furrow__revision *revision, const char *line,
                                    const furrow_error *own, furrow_error *error);

struct furrow__history {
    furrow_arena *arena;
    furrow__revision_failure *failure; /* can be NULL; a call that fails because of a revision file
                                          fills it in */
    furrow__revision **items;          /* furrow__history_link sorts them: parents come before their
                                          children */
    size_t count, capacity;
    furrow__revision **superseded; /* set by furrow__history_link: revisions that another revision
                                      squashes, but whose files still exist */
    size_t superseded_count, superseded_capacity;
};

/* Reads one file and adds it to the history. source->location.file is its name. If the file has a
 * mistake, returns FURROW_INVALID and sets *place to the location of the first mistake. The message
 * in *error contains neither the file's name nor the location. */
furrow_status furrow__history_add(furrow__history *history, const furrow__source_text *source,
                                  furrow__file_location *place, furrow_error *error);
/* Reads one file like furrow__history_add, but returns all mistakes. The strings of the mistakes
 * belong to the history's arena. */
furrow_status furrow__history_add_all(furrow__history *history, const furrow__source_text *source,
                                      furrow__problem_list *problems, furrow_error *error);
/* Sorts the revisions and links parents and children. Returns FURROW_INVALID if a parent is
 * missing, if two files have the same id, or if a revision is its own ancestor. Squashed revisions
 * are removed. If one of them was a parent, the revision that squashes it becomes the parent. */
furrow_status furrow__history_link(furrow__history *history, furrow_error *error);
/* Finds a revision by its id or by the beginning of its id. Returns NULL and fills in *error if no
 * revision matches, or if several match. */
furrow__revision *furrow__history_find(const furrow__history *history, const char *id,
                                       furrow_error *error);
/* Returns the revision that squashes the revision `id`; NULL if there is none. */
const furrow__revision *furrow__history_squash_of(const furrow__history *history, const char *id);
/* Stores the heads, which are the revisions without children, in `out`, which has space for `room`
 * of them. Returns the number of all heads. */
size_t furrow__history_heads(const furrow__history *history, furrow__revision **out, size_t room);

/* Computes the schema after a set of revisions. `applied` has one element for each revision, in the
 * history's order. If a revision is in the set, its parents must be in it, too. All fingerprints
 * are checked. */
furrow_status furrow__history_replay(furrow__catalog *out, const furrow__history *history,
                                     const bool *applied, furrow_arena *arena, furrow_error *error);

/* Applies the upgrade or the downgrade of a revision to a schema, and checks that both sides of
 * each foreign key have the same types. Returns FURROW_INVALID if a change cannot be applied or the
 * check fails; the message has the form "file:line:column: message". */
furrow_status furrow__revision_apply(furrow__catalog *catalog, const furrow__revision *revision,
                                     bool down, furrow_error *error);

/* Computes the schema before a revision by applying its ancestors. Fingerprints are not checked. */
furrow_status furrow__history_before(furrow__catalog *out, const furrow__history *history,
                                     size_t place, furrow_arena *arena, furrow_error *error);

/* Checks that a revision's upgrade leads to the schema of its fingerprint `after`, and that its
 * downgrade leads back to the schema of its fingerprint `before`. Returns FURROW_INVALID if not. */
furrow_status furrow__history_check(const furrow__history *history, size_t place,
                                    furrow_error *error);

/* The upgrade or the downgrade of one revision. */
typedef struct furrow__revision_step {
    const furrow__revision *revision;
    bool down;
    const furrow__catalog *before, *after; /* logical schemas before and after the step */
} furrow__revision_step;

/* Returns the changes of a step. Their storage version is the version of the schema after the step.
 * Another branch may have raised this version. */
furrow__change_list furrow__step_changes(const furrow__revision_step *step);

typedef struct furrow__revision_steps {
    furrow__revision_step *items;
    size_t count;
} furrow__revision_steps;

/* The input of furrow__history_route: a target, and the revisions that are applied now. */
typedef struct furrow__history_target {
    const bool *applied; /* one element for each revision, in the history's order */
    const char *name;    /* "head", "heads", "base", "+2", "-1", an id or the beginning of an id */
    bool down;           /* true: the steps undo revisions; false: the steps apply revisions */
} furrow__history_target;

/* Computes the steps to a target. Returns FURROW_INVALID if there is no such target; the hint lists
 * the forms of a target. */
furrow_status furrow__history_route(furrow__revision_steps *out, const furrow__history *history,
                                    const furrow__history_target *target, furrow_arena *arena,
                                    furrow_error *error);

/* Returns the storage version of the schema after a set of revisions, which is the latest version
 * in the set. `applied` has one element for each revision. */
int furrow__history_storage(const furrow__history *history, const bool *applied);
/* Returns the index of a revision in the history; SIZE_MAX if it is not in the history. */
size_t furrow__history_place(const furrow__history *history, const char *id);
/* Marks a revision and its ancestors in `marks`, which has one element for each revision of the
 * history. Returns the number of marked revisions. */
size_t furrow__history_ancestors(const furrow__history *history, size_t place, bool *marks);

/* Computes the hash of a file's contents, as 32 hexadecimal digits. */
void furrow__revision_hash(char out[FURROW__FINGERPRINT_SIZE], const char *bytes, size_t size);
/* Writes a revision as the text of its file. */
void furrow__revision_write(furrow__buffer *out, const furrow__revision *revision,
                            const furrow__catalog *before, const furrow__catalog *after);

/* Writes furrow.sum. It has one line for each revision: the id, the hash of the file, and for each
 * engine the hash of the statements. */
furrow_status furrow__sum_write(furrow__buffer *out, const furrow__history *history,
                                furrow_error *error);
/* Compares a history with the text of furrow.sum. Returns FURROW_INVALID if a revision was edited,
 * is missing, is not in the text yet, or now results in different statements. The message names the
 * first such revision, and the hint explains how to accept the change. *differs is false if the
 * comparison itself failed. */
furrow_status furrow__sum_check(const furrow__history *history, const char *text, size_t size,
                                bool *differs, furrow_error *error);
/* Finds the first line that does not belong in furrow.sum, such as a merge conflict marker. Returns
 * the number of the line and describes it in *error. Returns 0 if there is no such line.
 * furrow__sum_check rejects a furrow.sum with such a line. */
size_t furrow__sum_wrong_line(const char *text, size_t size, furrow_error *error);

#endif
