#include <furrow/model.h>

struct author {
    int64_t          id          FURROW(primary_key);
    struct post_list posts       FURROW(via(author_id));
    struct post_list posts_count FURROW(via(editor_id));
};

struct post {
    int64_t id        FURROW(primary_key);
    int64_t author_id FURROW(references(author.id));
    int64_t editor_id FURROW(references(author.id));
};
