#include <furrow/model.h>

struct post {
    int64_t         id   FURROW(primary_key);
    struct tag_list tags;
};

struct tag {
    int64_t id FURROW(primary_key);
};

struct post_tags {
    int64_t post_id FURROW(primary_key, references(post.id));
    int64_t tag_id  FURROW(primary_key, references(tag.id));
};
