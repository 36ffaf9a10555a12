#include <furrow/model.h>

struct thing {
    furrow_json doc FURROW(primary_key);
    furrow_json other FURROW(unique);
};
