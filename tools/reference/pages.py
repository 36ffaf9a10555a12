# SPDX-License-Identifier: MIT
"""Write the pages of the reference as Markdown: a page for the command, for each of its verbs, and for each
public header."""
import os
import re
import subprocess
import tempfile

import headers
import verbs

# Each public header, and what its page describes.
HEADERS = {
    "engine": "a database and its connections",
    "session": "transactions, savepoints, and the memory of rows",
    "query": "conditions, orders, assignments and relationships to load",
    "json": "rows as JSON, and validation",
    "raw": "raw SQL",
    "migrate": "create tables, and run migrations",
    "value": "times, dates, UUIDs, decimals and JSON as text",
    "error": "statuses, and the description of a failure",
    "model": "the types and annotations of models",
    "generated": "the functions that are generated for a model",
    "schema": "models as data",
    "driver": "the interface of drivers",
    "version": "the version of furrow",
}
# Sections of docs/models.md that are part of the page furrow_model.
MODEL_SECTIONS = ["Types of fields", "Annotations of a field", "Annotations of a struct", "Relationships"]

# A small schema that has every kind of generated function.
SAMPLE = """#include <furrow/model.h>
FURROW_LIST(book);
FURROW_LIST(label);
struct writer {
    int64_t id FURROW(primary_key);
    const char *name;
    struct book_list books;
};
struct book {
    int64_t id FURROW(primary_key);
    const char *title;
    int64_t writer_id FURROW(references(writer.id), index);
    struct writer *writer;
    struct label_list labels FURROW(through(labelling));
};
struct label {
    int64_t id FURROW(primary_key);
    const char *name;
};
struct labelling {
    int64_t book_id FURROW(primary_key, references(book.id));
    int64_t label_id FURROW(primary_key, references(label.id));
};
"""


def closing(text, at):
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i + 1
    return at


def code_spans(text):
    """Marks names of furrow and options as code, and escapes the rest for Markdown."""
    out, at = [], 0
    pattern = re.compile(r"`[^`]*`|\bfurrow[\w-]*\([1-8]\)|[&*]?\b(?:furrow_\w+|FURROW(?:_\w+)?)(\*?)|(?<![\w.])\.[a-z]\w+\b|https?://[^\s),]+")
    for found in iter(lambda: pattern.search(text, at), None):
        out.append(escape(text[at:found.start()]))
        at, word = found.end(), found.group(0)
        if re.fullmatch(r"furrow[\w-]*\(\d\)", word):
            out.append("**%s**%s" % (word[:-3], word[-3:]))
            continue
        if word[0] not in "`." and text[at:at + 1] == "(" and "`" not in text[at:closing(text, at)]:
            word, at = word + text[at:closing(text, at)], closing(text, at)
        if word.startswith("http"):
            out.append("<%s>" % word)
        else:
            out.append(word if word[0] == "`" else "`%s`" % word)
    return "".join(out) + escape(text[at:])


def escape(text):
    return re.sub(r"([\\*_<>\[\]#|~$^])", r"\\\1", text)


def paragraphs(text):
    """A comment as Markdown. Indented lines are shown as they are, and so are tables."""
    out = []
    for part in re.split(r"\n\s*\n", text):
        plain, block, is_block = [], [], False
        for line in part.split("\n") + [""]:
            indented = line.startswith("  ")
            if indented != is_block and plain + block:
                out.append(finish(plain, block))
                plain, block = [], []
            is_block = indented
            (block if indented else plain).append(line)
        if any(line.strip() for line in plain + block):
            out.append(finish(plain, block))
    return "\n\n".join(part for part in out if part)


def finish(plain, block):
    if block and all(line.strip().startswith("|") for line in block):
        return table(block)
    if block:
        indent = min(len(line) - len(line.lstrip()) for line in block)
        return "```text\n%s\n```" % "\n".join(line[indent:] for line in block)
    return code_spans(" ".join(" ".join(plain).split()))


def table(lines):
    """A table of a comment, in which a row can take several lines."""
    rows = []
    for line in lines:
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        ends_open = rows and len(rows) > 2 and (not cells[0] or rows[-1][0].endswith(","))
        if ends_open:
            rows[-1] = [" ".join(pair).strip() for pair in zip(rows[-1], cells)]
        else:
            rows.append(cells)
    rows[1] = ["---"] * len(rows[0])
    return "\n".join("| %s |" % " | ".join(cell if i == 1 else escape(cell) for cell in row)
                     for i, row in enumerate(rows))


def prototypes(entry):
    """How the functions and macros of an entry are called, and the text without that line."""
    text, lines = entry.text, []
    first, _, rest = text.partition("\n\n")
    shown = [d for d in entry.declarations if not d.name.endswith("_") and d.kind not in ("enum",)]
    for d in shown:
        if d.kind == "type" and not d.source:
            continue
        if d.kind == "macro" and re.match(d.name + r"[ (]", first) and rest and "\n" not in first:
            lines.append(first.rstrip(";") + ";")
            text = rest
        else:
            lines.append(d.source + (";" if d.kind == "macro" and not d.source.startswith("#") else ""))
    return lines, text


def struct_lines(declaration):
    members = [m for m in declaration.members if not all(n.endswith("_") for n in m[2])]
    mark = "," if declaration.kind == "enum" else ";"
    lines = ["%s%s {" % ("typedef " if declaration.typedef else "", declaration.keyword)]
    lines += ["    %s%s" % (re.sub(r", \w+_$", "", m[1]), mark) for m in members]
    lines.append("}%s;" % (" " + declaration.name if declaration.typedef else ""))
    return lines


def definitions(declaration):
    out, terms = [], []
    for heading, code, names, comment in declaration.members:
        names = [n for n in names if not n.endswith("_")]
        if not names:
            continue
        if heading and "(*" in code and not comment:
            heading, comment = None, heading
        if heading:
            out += terms + [code_spans(heading)]
            terms = []
        if comment:
            terms.append("%s\n:   %s" % (", ".join("`%s`" % n for n in names), code_spans(comment)))
    return "\n\n".join(out + terms)


def render_entry(entry):
    names = [n for n in entry.names() if n]
    constants = [m[2][0] for d in entry.declarations if not d.name for m in d.members]
    if entry.declarations and not names and not constants:
        return "", []
    lines, text = prototypes(entry)
    parts = []
    if names or constants:
        parts.append("### " + ", ".join(unique(names or ["Constants"])))
    structs = [d for d in entry.declarations if d.members and not d.name.endswith("_")]
    code = []
    for d in structs:
        code += struct_lines(d)
    code += lines
    if code:
        parts.append("```c\n%s\n```" % "\n".join(code))
    if text:
        parts.append(paragraphs(text))
    parts += [definitions(d) for d in structs]
    members = [n for d in structs if d.kind == "enum" for m in d.members for n in m[2]
               if not n.endswith("_")]
    return "\n\n".join(p for p in parts if p), unique(names + members)


def unique(items):
    return list(dict.fromkeys(items))


def page(title, section, name, summary, parts, see_also):
    out = ["# %s(%s)" % (title, section), "## NAME", "%s - %s" % (name, summary)]
    out += [p for p in parts if p]
    out += ["## SEE ALSO", ", ".join("**%s**(%s)" % (n, s) for n, s in see_also)]
    return "\n\n".join(out) + "\n"


def section_title(title):
    """The name of a section, and the rest of the comment that introduces it."""
    name, colon, rest = title.partition(": ")
    return name.upper(), (rest[0].upper() + rest[1:] + "." if colon else "")


def header_page(root, name):
    """A page for a public header, and the names that it describes."""
    intro, sections = headers.read(os.path.join(root, "include", "furrow", name + ".h"))
    synopsis, body, names = [], [], []
    for section in sections:
        parts = []
        for entry in section.entries:
            text, found = render_entry(entry)
            parts.append(text)
            names += found
            synopsis += [line for line in prototypes(entry)[0] if not line.startswith("typedef struct")]
        if section.title and any(parts):
            title, rest = section_title(section.title)
            parts = ["## " + title, code_spans(rest)] + parts
        elif any(parts):
            parts = ["## DECLARATIONS"] + parts
        body += parts
    include = {"model": "model", "driver": "driver"}.get(name, "furrow")
    head = ["## SYNOPSIS", "```c\n#include <furrow/%s.h>\n\n%s\n```" % (include, "\n".join(synopsis)),
            "## DESCRIPTION", paragraphs(intro)]
    return head, body, unique(names)


def model_sections(root):
    with open(os.path.join(root, "docs", "models.md"), encoding="utf-8") as file:
        text = file.read()
    out = []
    for title in MODEL_SECTIONS:
        found = re.search(r"^## %s\n(.*?)(?=^## |\Z)" % re.escape(title), text, re.M | re.S)
        if not found:
            raise SystemExit("reference: docs/models.md has no section \"%s\"" % title)
        out += ["## " + title.upper(), found.group(1).strip()]
    return out


def generated_functions(command):
    """The functions of the sample, each kind of function once."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "book.h")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SAMPLE)
        subprocess.run([command, "generate", path], check=True)
        with open(os.path.join(folder, "book.furrow.h"), encoding="utf-8") as file:
            text = file.read()
    text = re.sub(r"^ *FURROW_\w+_ARGUMENTS_\n", "", text, flags=re.M)
    text = re.sub(r"^_Static_assert\(.*?\);\n", "", text, flags=re.M | re.S)
    _, sections = headers.parse(text)
    parts, seen = [], set()
    entries = [e for s in sections for e in s.entries]
    for model in ["book", "writer", "labelling"]:
        for entry in entries:
            names = [n for n in entry.names() if re.match(model + "_", n) and not n.endswith("_options")]
            kinds = {re.sub(r"_(books|labels|writer)\b|_(books|labels|writer)(?=_)", lambda m: "_RELATION_" + m.group(1)
                            if model == "book" and m.group(1) else "_RELATION", n[len(model):]) for n in names}
            if not names or not entry.text or kinds <= seen or names[0].endswith("_model"):
                continue
            seen |= kinds
            entry.declarations = [d for d in entry.declarations if d.name in names and d.kind != "type"]
            text, _ = render_entry(entry)
            parts.append(text)
    return parts


def library_pages(root, command):
    """Yields the name of each page of section 3, its text, and the names that it describes."""
    for name, summary in HEADERS.items():
        head, body, names = header_page(root, name)
        if name == "model":
            body += model_sections(root)
        if name == "query":
            head.insert(1, "For the macro `furrow_query`, which runs a SQL statement, see **furrow_raw**(3).")
        if name == "generated":
            head.append("The functions are shown here for a model `book` with these relationships:")
            head.append("```c\n%s```" % SAMPLE)
            body = ["## FUNCTIONS OF A MODEL"] + generated_functions(command) + \
                ["## FUNCTIONS THAT GENERATED CODE CALLS"] + \
                [re.sub("^## ", "### ", part) if part == "## DECLARATIONS" else part for part in body
                 if part != "## DECLARATIONS"]
        title = "furrow_" + name
        others = [("furrow", "1")] + [("furrow_" + n, "3") for n in HEADERS if n != name]
        yield title, page(title, "3", title, summary, head + body, others), names


def command_pages(root, command):
    """Yields the name and the text of each page of section 1."""
    table_of_verbs = verbs.read(command)
    every = [v for group in table_of_verbs.groups for v in group.verbs]
    parts = ["## SYNOPSIS", "`furrow` *verb* [*options*] [*arguments*]", "## DESCRIPTION",
             "`furrow` generates typed C functions for models, which are structs in ordinary headers, and "
             "writes and runs the migrations of databases. A program that uses the generated functions is "
             "linked with the library: see **furrow_generated**(3)."]
    for group in table_of_verbs.groups:
        parts.append("## VERBS FOR " + group.title.upper())
        parts += ["`%s`\n:   %s. See **furrow-%s**(1)." % (v.name, v.summary[0].upper() + v.summary[1:], v.name)
                  for v in group.verbs]
    parts += ["## OPTIONS"]
    parts += ["`%s`\n:   %s" % (name, code_spans(text)) for name, text in table_of_verbs.options]
    parts += ["## ENVIRONMENT", "`FURROW_URL`\n:   the URL of the database. It overrides `url` in furrow.ini; the "
              "option `--url` overrides both.",
              "`TMPDIR`\n:   the folder for the scratch databases of `furrow prove`; default `/tmp`",
              "## FILES",
              "`furrow.ini`\n:   the project: `models` lists the model headers, `migrations` is the folder of revisions, and "
              "`url` is the URL of the database. `furrow init` writes it.",
              "`migrations/*.sql`\n:   the revisions, one file each. **furrow-migrations**(7) describes them.",
              "`migrations/furrow.sum`\n:   the checksums of the revisions",
              "`*.furrow.h`, `*.furrow.c`\n:   the code that `furrow generate` and `furrow embed` write",
              "## EXIT STATUS", exit_status(table_of_verbs.exit_codes),
              "## EXAMPLES", "```console\n%s\n```" % table_of_verbs.example]
    others = [("furrow-" + v.name, "1") for v in every] + [("furrow_" + n, "3") for n in HEADERS]
    yield "furrow", page("furrow", "1", "furrow", "plain C structs in, rows out", parts, others)
    for verb in every:
        yield "furrow-" + verb.name, verb_page(verb, table_of_verbs)


EXIT_STATUS = [("0", "success; for `check` and `diff`: nothing differs"),
               ("1", "failure; for `check` and `diff`: there is a difference"),
               ("2", "usage error; for `check` and `diff`, also: they could not compare")]


def exit_status(text):
    for code, _ in EXIT_STATUS:
        if not re.search(r"\b%s\b" % code, text):
            raise SystemExit("reference: furrow --help does not describe exit code " + code)
    return "\n\n".join("`%s`\n:   %s" % pair for pair in EXIT_STATUS)


def verb_page(verb, table_of_verbs):
    own = [p for p in verb.paragraphs if not p.startswith("Exit codes: ")]
    codes = [p[len("Exit codes: "):] for p in verb.paragraphs if p.startswith("Exit codes: ")]
    parts = ["## SYNOPSIS", "`%s`" % verb.usage, "## DESCRIPTION"] + [words(p) for p in own]
    parts.append("## OPTIONS")
    parts += ["`%s`\n:   %s" % (o.term, words(o.text)) for o in verb.options]
    if codes:
        codes = [re.match(r"(\d) if (.*?)\.?$", part.strip()).groups() for part in codes[0].split("; ")]
        codes = [(n, "if " + text) for n, text in codes]
    else:
        codes = [("0", "success"), ("1", "failure"), ("2", "usage error: an unknown option, or a missing or invalid argument")]
    parts += ["## EXIT STATUS"] + ["`%s`\n:   %s" % (n, words(text)) for n, text in codes]
    parts += ["## EXAMPLES", "```console\n%s\n```" % verb.example]
    others = [("furrow", "1")] + [("furrow-" + v.name, "1") for g in table_of_verbs.groups for v in g.verbs
                                  if v is not verb and any(v in h.verbs and verb in h.verbs
                                                           for h in table_of_verbs.groups)]
    return page("furrow-" + verb.name, "1", "furrow-" + verb.name, verb.summary, parts, others)


def words(text):
    """Text of a verb's help: options and names of the library are code."""
    parts = re.split(r"((?<![\w-])--?[a-z][\w-]*(?: [A-Z]+)?|\bfurrow (?:%s)\b(?: --?[a-z][\w-]*)*|\bfurrow\.(?:ini|sum)\b|<stem>\S*)"
                     % "|".join(verbs.NAMES), text)
    return "".join("`%s`" % part.rstrip(".:,") + part[len(part.rstrip(".:,")):] if i % 2 else code_spans(part)
                   for i, part in enumerate(parts))
