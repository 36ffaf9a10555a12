/* SPDX-License-Identifier: MIT
 *
 * Models for tests of inserts with relationships: a tree, links between rows of the same model, two
 * references to the same model, and a one-to-one relationship.
 */
#ifndef TREES_H
#define TREES_H

#include <furrow/model.h>

FURROW_LIST(node);
FURROW_LIST(article);
FURROW_LIST(word);

struct node {
    int64_t id FURROW(primary_key);
    const char *name;
    furrow_opt(int64_t) parent_id FURROW(references(node.id));
    struct node *parent FURROW(via(parent_id));
    struct node_list children FURROW(via(parent_id));
    struct node_list to FURROW(through(edge, from_id, to_id));
    struct node_list from FURROW(through(edge, to_id, from_id));
};

struct edge {
    int64_t from_id FURROW(primary_key, references(node.id));
    int64_t to_id FURROW(primary_key, references(node.id));
};

struct editor {
    int64_t id FURROW(primary_key);
    const char *name;
    struct article_list written FURROW(via(author_id));
    struct article_list checked FURROW(via(checker_id));
    struct badge *badge;
};

struct badge {
    int64_t id FURROW(primary_key);
    int64_t editor_id FURROW(unique, references(editor.id));
    int32_t number FURROW(unique);
    struct editor *editor;
};

struct article {
    int64_t id FURROW(primary_key);
    const char *title;
    int64_t author_id FURROW(references(editor.id));
    furrow_opt(int64_t) checker_id FURROW(references(editor.id));
    struct editor *author FURROW(via(author_id));
    struct editor *checker FURROW(via(checker_id));
    struct word_list words FURROW(through(article_word));
};

struct word {
    const char *text FURROW(primary_key);
    struct article_list articles FURROW(through(article_word));
};

struct article_word {
    int64_t article_id FURROW(primary_key, references(article.id));
    const char *word FURROW(primary_key, references(word.text));
};

/* A model whose key has two columns, one of which is text. */
struct pair {
    const char *a FURROW(primary_key);
    int64_t b FURROW(primary_key);
    int32_t value;
};

#endif
