/* SPDX-License-Identifier: MIT
 * Implements `furrow models`, which writes a model header for an existing database. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/project.h"
#include "migrate/apply/inspect.h"
#include "migrate/reflect/reflect.h"

static const char help[] =
    "usage: furrow models [-o FILE] [--table NAME,...]\n"
    "\n"
    "Prints a model header for the tables of an existing database. What models cannot express (a\n"
    "type that furrow does not support, an index on an expression, a table without a primary key)\n"
    "becomes a comment in the header. The database is not changed.\n"
    "\n"
    "  -o, --output FILE  write a new file\n"
    "  --force            overwrite the file if it exists\n"
    "  --table NAME,...   only these tables\n"
    "  --no-relations     only columns, without relationships\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow models --url postgresql://app@db/shop -o models.h\n"
    "  furrow revision --autogenerate -m \"as it was\"\n"
    "  furrow stamp head --as-is\n";

typedef struct request {
    const char *output, *tables;
    bool force, no_relations;
} request;

/* Returns the size of the first name in a list such as `a,"b,c"`. A comma in double quotes does not
 * end the name. */
static size_t first_size(const char *list)
{
    size_t size = 0;
    bool quoted = false;
    for (; list[size] && (quoted || list[size] != ','); size++)
        quoted ^= list[size] == '"';
    return size;
}

/* Returns whether a list contains this text. */
static bool has_text(const char *list, const char *text)
{
    while (*list) {
        size_t size = first_size(list);
        if (size == strlen(text) && strncmp(list, text, size) == 0)
            return true;
        list += size + (list[size] == ',');
    }
    return false;
}

/* Returns whether a list contains the name of this table, either plain or in double quotes. */
static bool has_table(const char *list, furrow__table_name name, furrow_arena *arena)
{
    furrow__buffer plain = {0}, quoted = {0};
    if (name.schema) {
        furrow__buffer_format(&plain, "%s.", name.schema);
        furrow__sql_identifier(&quoted, name.schema);
        furrow__buffer_add_char(&quoted, '.');
    }
    furrow__buffer_add_text(&plain, name.name);
    furrow__sql_identifier(&quoted, name.name);
    const char *a = furrow__buffer_take(&plain, arena), *b = furrow__buffer_take(&quoted, arena);
    return a && b && (has_text(list, a) || has_text(list, b));
}

/* Removes all tables that are not in the list. If a listed table does not exist, reports an error
 * and returns false. */
static bool select_tables(furrow__catalog *physical, const char *list)
{
    size_t kept = 0, wanted = 0;
    for (const char *at = list; at; wanted++) {
        size_t size = first_size(at);
        at = at[size] ? at + size + 1 : NULL;
    }
    for (size_t i = 0; i < physical->count; i++)
        if (has_table(list, physical->tables[i]->name, physical->arena))
            physical->tables[kept++] = physical->tables[i];
    physical->count = kept;
    physical->object_count = 0;
    if (kept < wanted)
        furrow__cli_error("separate the names with commas, and write each name as in the database; "
                          "write a name that contains a comma in double quotes",
                          "%zu of %zu tables in --table %s %s", wanted - kept, wanted, list,
                          wanted - kept == 1 ? "does not exist" : "do not exist");
    return kept == wanted;
}

/* Reads the schema of the database in a single transaction, so that the result is consistent. */
static furrow_status inspect(furrow__project *p, furrow__migrator *m, furrow__catalog *out,
                             furrow_error *error)
{
    furrow_connection *connection = furrow__migrator_connection(m);
    furrow_error ignored;
    furrow_status status =
        connection->driver->begin(connection, FURROW_ISOLATION_REPEATABLE_READ, true, error);
    if (status == FURROW_OK)
        status = furrow__inspect(out, connection, p->dialect, &p->arena, error);
    if (status == FURROW_OK)
        status = furrow__reflect_sample(out, connection, error);
    if (connection->in_transaction)
        connection->driver->rollback(connection, &ignored);
    return status;
}

/* Returns whether the header compiles. If the header does not compile and `is_last` is true, prints
 * the compiler's messages. */
static bool compiles(const furrow__buffer *header, bool is_last)
{
    furrow__compiler *c = furrow__compiler_new(NULL, NULL);
    bool is_empty = !strstr(furrow__buffer_text(header), "\nstruct ");
    bool fine =
        c && (is_empty || (furrow__compiler_add(c, "models.h", header->text, header->size) &&
                           furrow__compiler_run(c)));
    const char *messages = c && !fine ? furrow__compiler_messages(c) : NULL;
    if (is_last && messages)
        fputs(messages, stderr);
    furrow__compiler_free(c);
    return fine;
}

/* Writes the header with relationships. If the names of relationships would collide with other
 * names, writes the header without relationships. */
static furrow_status write_header(const furrow__catalog *logical, const char *left_out,
                                  bool has_relations, furrow__buffer *out, furrow_error *error)
{
    furrow__write_models_options options = {has_relations, left_out};
    furrow_status status = furrow__catalog_write_models_with(out, logical, options, error);
    if (status != FURROW_OK || !has_relations || compiles(out, false))
        return status;
    furrow__buffer_clear(out);
    options.has_relations = false;
    return furrow__catalog_write_models_with(out, logical, options, error);
}

static bool put(const request *r, const furrow__buffer *header)
{
    if (!r->output)
        return fwrite(header->text, 1, header->size, stdout) == header->size;
    struct stat status;
    if (!r->force && stat(r->output, &status) == 0 && S_ISREG(status.st_mode) &&
        !furrow__file_holds(r->output, header->text, header->size)) {
        furrow__cli_error("give another name, or overwrite the file with --force",
                          "%s already exists", r->output);
        return false;
    }
    return furrow__file_write(r->output, header->text, header->size);
}

static size_t count_texts(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

static void print_summary(const furrow__catalog *logical, const char *header)
{
    size_t lines = count_texts(header, "\n *   "), structs = count_texts(header, "\nstruct ");
    fprintf(stderr, "furrow: ");
    if (structs < logical->count)
        fprintf(stderr, "%zu of ", structs);
    fprintf(stderr, "%zu table%s", logical->count, logical->count == 1 ? "" : "s");
    if (lines)
        fprintf(stderr, "; %zu comment%s about what models cannot express", lines,
                lines == 1 ? "" : "s");
    fputs("\n", stderr);
}

static bool write_models(furrow__project *p, furrow__migrator *m, const request *r)
{
    furrow__catalog physical, logical;
    furrow__buffer left_out = {0}, header = {0};
    furrow_error error = {0};
    bool fine = false;
    furrow_status status = inspect(p, m, &physical, &error);
    if (status == FURROW_OK && r->tables && !select_tables(&physical, r->tables))
        return false;
    if (status == FURROW_OK)
        status = furrow__reflect_catalog(&logical, &left_out, &physical, &p->arena, &error);
    if (status == FURROW_OK)
        status = write_header(&logical, furrow__buffer_text(&left_out), !r->no_relations, &header,
                              &error);
    if (status != FURROW_OK) {
        furrow__cli_fail(&error);
    } else {
        fine = put(r, &header);
        if (!compiles(&header, true))
            fine = furrow__cli_error("correct the header by hand, and report this as a bug",
                                     "the header does not compile") == FURROW__EXIT_OK;
        print_summary(&logical, header.text);
        if (logical.storage < FURROW__STORAGE_NEWEST)
            fprintf(stderr,
                    "furrow: note: this database has storage version %d: create its first revision "
                    "with --storage %d\n",
                    logical.storage, logical.storage);
    }
    furrow__buffer_done(&left_out);
    furrow__buffer_done(&header);
    return fine;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    request r = {0};
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--output", "-o", &r.output, NULL},
                                   {"--table", NULL, &r.tables, NULL},
                                   {"--force", NULL, NULL, &r.force},
                                   {"--no-relations", NULL, NULL, &r.no_relations}};
    if (!furrow__cli_begin(&furrow__verb_models,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_models, "unexpected argument \"%s\"", argv[1]);
    furrow__project p;
    furrow__migrator *m = NULL;
    furrow__migrator_options connecting = {.lock_timeout_ms = 60000, .read_only = true};
    bool fine = furrow__project_open(&p, &options);
    p.only_reads_database = true;
    fine = fine && furrow__project_connect(&p, &connecting, &m) && write_models(&p, m, &r);
    furrow__migrator_close(m);
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_models = {
    .name = "models", .summary = "write a model header for a database", .help = help, .run = run};
