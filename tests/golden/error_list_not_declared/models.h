#include <furrow/model.h>

struct author {
    int64_t id FURROW(primary_key);
    struct post_list posts;
};

FURROW_LIST(post);

struct post {
    int64_t id FURROW(primary_key);
    int64_t author_id FURROW(references(author.id));
};
