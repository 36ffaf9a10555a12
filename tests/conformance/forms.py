#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the models and the cases of the suite `forms`: forms.h and forms_cases.h.

A case is a type, a default as a model writes it, and the same value in C. The default is often
written in another form than the one that is stored.

usage: forms.py OUTPUT_FOLDER
"""
import sys

# Some machines evaluate a decimal constant as a double and round it again. The hexadecimal constant is the
# float that is nearest to its default.
FLOATS = [
    ("0.1", "0.1f"), ("-0.1", "-0.1f"), ("0.5", "0.5f"), ("16777217", "16777217.0f"),
    ("-33554433.5", "-33554433.5f"), ("1e-40", "1e-40f"), ("1.4e-45", "FLT_TRUE_MIN"),
    ("-1.17549435e-38", "-FLT_MIN"), ("3.40282347e+38", "FLT_MAX"), ("3.4028235e38", "FLT_MAX"),
    ("7.038531e-26", "0x1.5c87fap-84f"), ("1.00000017881393432617187499", "1.00000011920928955078125f"),
    ("1e10", "1e10f"), ("-0.0", "0.0f"),
]
DOUBLES = [
    ("0.1", "0.1"), ("-2.5", "-2.5"), ("3", "3.0"), ("9007199254740993", "9007199254740992.0"),
    ("0.1234567890123456789012345", "0.1234567890123456789012345"), ("1e300", "1e300"),
    ("9.87654321e307", "9.87654321e307"), ("1e-300", "1e-300"), ("5.0e-5", "5.0e-5"),
    ("123456789012345678.9", "123456789012345678.9"), ("-0.0", "0.0"),
    ("1.234567e-300", "1.234567e-300"), ("9007199254740993.00000001", "9007199254740994.0"),
]
TIME = "2001-02-03T04:05:06"
TIMES = [
    ('"%sZ"' % TIME, "{981173106000000}"), ('"%s.789012Z"' % TIME, "{981173106789012}"),
    ('"%s.7Z"' % TIME, "{981173106700000}"), ('"%s+02:30"' % TIME, "{981164106000000}"),
    ('"2001-02-03 04:05:06Z"', "{981173106000000}"), ('"0001-01-01T00:00:00Z"', "{-62135596800000000}"),
    ('"9999-12-31T23:59:59.999999Z"', "{253402300799999999}"),
]
UUID = "{{0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99}}"
# name, type in C, further annotation, can be a key, can be compared, is a number, cases
KINDS = [
    ("float", "float", "", False, True, True, FLOATS),
    ("double", "double", "", False, True, True, DOUBLES),
    ("int16", "int16_t", "", True, True, True, [("-32768", "INT16_MIN"), ("7", "7")]),
    ("int32", "int32_t", "", True, True, True, [("2147483647", "INT32_MAX"), ("-1", "-1")]),
    ("int64", "int64_t", "", True, True, True, [("9223372036854775807", "INT64_MAX")]),
    ("bool", "bool", "", False, True, False, [("true", "true")]),
    ("text", "text", "", True, True, False, [('"it\'s"', '"it\'s"'), ('"1.0"', '"1.0"'), ('"0x1"', '"0x1"')]),
    ("time", "furrow_time", "", True, True, False, TIMES),
    ("date", "furrow_date", "", True, True, False, [('"2001-02-03"', "{11356}"), ('"9999-12-31"', "{2932896}")]),
    ("uuid", "furrow_uuid", "", True, True, False, [
        ('"AABBCCDD-EEFF-0011-2233-445566778899"', UUID), ('"aabbccdd-eeff-0011-2233-445566778899"', UUID)]),
    ("decimal", "furrow_decimal", "decimal(18, 4)", True, True, True, [
        ("1.5", "{15000, 4}"), ("-3", "{-30000, 4}"),
        ("99999999999999.9999", "{999999999999999999, 4}")]),
    ("decimal", "furrow_decimal", "decimal(5, 0)", True, True, True, [("12", "{12, 0}")]),
    ("mood", "enum mood", "", True, True, False, [("MOOD_HIGH", "MOOD_HIGH")]),
    ("json", "furrow_json", "", False, False, False, [
        ('"{\\"a\\": [1, null]}"', '{"{\\"a\\": [1, null]}"}')]),
]

MODELS = """struct f{n} {{
    int64_t id FURROW(primary_key);
    {field} d FURROW({nullable}{more}default({default}));
    {field} c{other};
}};
"""
UNIQUE = """struct u{n} {{
    int64_t id FURROW(primary_key);
    {field} d FURROW({nullable}{more}default({default}), unique);
}};
"""
KEYS = """FURROW_LIST(k{n});
FURROW_LIST(q{n});
struct p{n} {{
    {key} key FURROW({more}primary_key);
    struct k{n}_list kids;
    struct q{n}_list friends FURROW(through(l{n}));
}};
struct q{n} {{
    {key} key FURROW({more}primary_key);
}};
struct l{n} {{
    {key} p_key FURROW({more}primary_key, references(p{n}.key));
    {key} q_key FURROW({more}primary_key, references(q{n}.key));
    {field} d FURROW({nullable}{more}default({default}));
}};
struct k{n} {{
    int64_t id FURROW(primary_key);
    {field} d FURROW({nullable}{more}default({default}), references(p{n}.key));
    struct p{n} *parent FURROW(via(d));
}};
"""


def model(kind, n, default):
    _, c_type, annotation, is_key, is_ordered, _, _ = kind
    pointer = c_type in ("text", "furrow_json")
    key = "const char *" if c_type == "text" else c_type
    words = {
        "n": n, "default": default, "key": key,
        "field": key if pointer else "furrow_opt(%s)" % c_type,
        "nullable": "nullable, " if pointer else "",
        "more": annotation + ", " if annotation else "",
    }
    other = [w for w in ("nullable" if pointer else "", annotation) if w]
    words["other"] = " FURROW(%s)" % ", ".join(other) if other else ""
    text = MODELS.format(**words)
    if is_ordered:
        text += UNIQUE.format(**words)
    return text + (KEYS.format(**words) if is_key else "")


def case(kind, n, default, value):
    name, c_type, _, is_key, is_ordered, is_number, _ = kind
    is_struct = value.startswith("{")
    shown = "((%s)%s)" % (c_type, value) if is_struct else "(%s)" % value
    lines = [("NUMBER_OF_CASE", n), ("T", "form_text" if c_type == "text" else c_type), ("VALUE", shown),
             ("SAME", "same_%s" % name), ("IS_KEY", int(is_key)), ("IS_ORDERED", int(is_ordered)),
             ("IS_NUMBER", int(is_number)), ("IS_TEXT", int(c_type == "text")),
             ("IS_POINTER", int(c_type in ("text", "furrow_json"))),
             ("IS_ADDED", int(is_number and default != "-0.0"))]
    text = "/* %s: %s */\n" % (name, default)
    text += "".join("#define %s %s\n" % line for line in lines)
    text += '#include "form_template.h"\n'
    return text + "".join("#undef %s\n" % line[0] for line in lines)


def main():
    folder = sys.argv[1]
    models, cases, tests = "", "", ""
    n = 0
    for kind in KINDS:
        for default, value in kind[-1]:
            n += 1
            models += model(kind, n, default)
            cases += case(kind, n, default, value)
            tests += "    TESTS_OF_CASE(%d, %d, %d) \\\n" % (n, kind[4], kind[3])
    with open(folder + "/forms.h", "w") as out:
        out.write("#ifndef FORMS_H\n#define FORMS_H\n#include <furrow/model.h>\n"
                  "enum mood { MOOD_LOW = -1, MOOD_NONE = 0, MOOD_HIGH = 7 };\n" + models + "#endif\n")
    with open(folder + "/forms_cases.h", "w") as out:
        out.write(cases + "#define ALL_TESTS \\\n" + tests + "\n")


main()
