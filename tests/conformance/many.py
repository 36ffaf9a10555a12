# SPDX-License-Identifier: MIT
"""Prints a model header whose enum has as many enumerators as an enum can have. The order of the
names is the reverse of the order of the values."""
COUNT = 1000

print("/* SPDX-License-Identifier: MIT */\n#ifndef MANY_H\n#define MANY_H\n\n#include <furrow/model.h>\n")
print(f"enum {{ MEMBER_COUNT = {COUNT} }};\n\nenum member {{")
for i in range(COUNT):
    print(f"    MEMBER_{COUNT - i:04}_{'X' * 48} = {i},")
print("""};

struct crowd {
    int64_t id FURROW(primary_key);
    enum member member FURROW(index);
    furrow_opt(enum member) friend;
};

#endif""")
