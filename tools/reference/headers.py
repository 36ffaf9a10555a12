# SPDX-License-Identifier: MIT
"""Read the comments and declarations of C headers that are formatted as those of include/furrow.

A header is a list of sections. A comment that is followed by an empty line begins a section or, if it is
long, is text of the section. Any other comment describes the declarations that follow it.
"""
import re

NAME = r"[A-Za-z_]\w*"


class Entry:
    """Declarations and the comment that describes them; `text` only, if there are no declarations."""

    def __init__(self, text):
        self.text = text
        self.declarations = []  # of the source, without comments of members

    def names(self):
        return [d.name for d in self.declarations if not d.name.endswith("_")]


class Declaration:
    def __init__(self, kind, name, source):
        self.kind = kind  # "function", "macro", "type", "enum", "variable"
        self.name = name
        self.source = source
        self.members = []  # (heading or None, declaration, name, comment)


class Section:
    def __init__(self, title):
        self.title = title
        self.entries = []


def comment_text(comment):
    """The text of a comment: its lines without the marks, relative to their indentation."""
    lines = comment[2:-2].split("\n")
    lines = [lines[0].strip()] + [re.sub(r"^\s*\* ?", "", line).rstrip() for line in lines[1:]]
    return "\n".join(lines).strip("\n").rstrip()


def joined(comment):
    """The text of a comment at the end of a line, which is one paragraph."""
    return " ".join(comment[2:-2].replace("\n", " ").split())


def chunks(text):
    """Comments and declarations of the outermost level, and "" for each empty line between them."""
    at = 0
    while at < len(text):
        if text[at] == "\n":
            end = at + 1
            while end < len(text) and text[end] == "\n":
                end += 1
                yield ""
            at = end
        elif text.startswith("/*", at):
            end = text.index("*/", at) + 2
            yield text[at:end]
            at = end
        elif text[at] == "#":
            end = at
            while True:
                end = text.find("\n", end)
                if end < 0 or text[end - 1] != "\\":
                    break
                end += 1
            end = len(text) if end < 0 else end
            yield text[at:end]
            at = end
        else:
            end = declaration_end(text, at)
            yield text[at:end].strip()
            at = end


def declaration_end(text, at):
    depth, begin = 0, at
    while at < len(text):
        if text.startswith("/*", at):
            at = text.index("*/", at)
        elif text[at] == '"':
            at = text.index('"', at + 1)
        elif text[at] in "({[":
            depth += 1
        elif text[at] in ")}]":
            depth -= 1
            is_body = text[at] == "}" and re.match(r"static inline", text[begin:])
            if depth == 0 and is_body:
                return at + 1
        elif text[at] == ";" and depth == 0:
            end = at + 1
            # A comment on the same line belongs to the declaration.
            trailing = re.match(r"[ \t]*/\*.*?\*/", text[end:], re.S)
            return end + trailing.end() if trailing else end
        at += 1
    return at


def without_comments(text):
    return re.sub(r"[ \t]*/\*.*?\*/", "", text, flags=re.S)


def tidy_spaces(text):
    return re.sub(r"\s+", " ", text).strip()


def parse_macro(source):
    found = re.match(r"#define (%s)(\([^)]*\))?" % NAME, source)
    name, parameters = found.group(1), found.group(2)
    if parameters is None:
        value = source[found.end():].strip()
        shown = "#define %s" % name + (" " + value if value and "\n" not in value and "_(" not in value else "")
        return Declaration("macro", name, shown.strip())
    plain = ", ".join(p.strip().rstrip("_") for p in parameters[1:-1].split(","))
    return Declaration("macro", name, "%s(%s)" % (name, plain.replace("...", "…")))


def members_of(body):
    """The members of a struct or the enumerators of an enum, and the comments between them."""
    out, heading, at = [], None, 0
    pattern = re.compile(r"\s*(?:(/\*.*?\*/)|((?:[^;,{}()/\[\]]|\([^)]*\)|\[[^\]]*\]|/(?!\*))+)(;|,|$))", re.S)
    is_struct = ";" in without_comments(body)
    if is_struct:
        pattern = re.compile(r"\s*(?:(/\*.*?\*/)|((?:[^;/]|/(?!\*))+)(;|$))", re.S)
    while at < len(body):
        found = pattern.match(body, at)
        if not found:
            if body[at:].strip():
                # A comment inside a declaration: between two names of one declaration, for example.
                rest = re.sub(r"/\*.*?\*/", "", body[at:], count=1, flags=re.S)
                body, at = rest, 0
                continue
            break
        comment, code = found.group(1), found.group(2)
        if comment:
            line_start = body.rfind("\n", 0, found.start(1))
            before = body[line_start + 1:found.start(1)].strip()
            if before and out:
                out[-1][3] = joined(comment)
            else:
                heading = joined(comment)
        elif code and code.strip():
            code = tidy_spaces(code)
            names = member_names(code) if is_struct else [code.split()[0]]
            out.append([heading, code, names, ""])
            heading = None
        at = found.end()
    return out


def member_names(code):
    pointer = re.search(r"\(\*(%s)\)" % NAME, code)
    if pointer:
        return [pointer.group(1)]
    if re.fullmatch(r"[A-Z_]+_(ARGUMENTS|WHERE)?_?", code):
        return [code]
    return [re.search(r"(%s)(\[[^\]]*\])?$" % NAME, part.strip()).group(1) for part in code.split(",")]


def parse_declaration(source):
    plain = without_comments(source)
    found = re.match(r"(?:typedef )?(struct|enum)\b\s*(%s)?\s*\{" % NAME, plain)
    if found:
        name = re.search(r"\}\s*(%s)?\s*;" % NAME, plain).group(1) or found.group(2) or ""
        declaration = Declaration("type" if found.group(1) == "struct" else "enum", name, "")
        body = source[source.index("{") + 1:source.rindex("}")]
        declaration.members = members_of(body)
        declaration.keyword = ("%s %s" % (found.group(1), found.group(2) or "")).strip()
        declaration.typedef = plain.startswith("typedef")
        return declaration
    if plain.startswith("static inline"):
        plain = plain[len("static inline"):plain.index("{")].strip() + ";"
    is_public = plain.startswith("FURROW_API")
    plain = tidy_spaces(plain.replace("FURROW_API ", ""))
    if plain.startswith("typedef") and "(" in plain:
        return Declaration("type", re.search(r"(%s)\(" % NAME, plain).group(1), plain)
    if plain.startswith("typedef"):
        return Declaration("type", re.search(r"(%s);$" % NAME, plain).group(1), plain)
    if "(" in plain:
        return Declaration("function", re.search(r"(%s)\(" % NAME, plain).group(1), plain)
    kind = "variable" if is_public or plain.startswith("extern") else "type"
    return Declaration(kind, re.search(r"(%s);$" % NAME, plain).group(1), plain)


def read(path):
    """Returns the text at the top of a header, and its sections."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return parse(text)


def expand_arguments(text):
    """Replaces the macros that hold the members of structs of options by these members."""
    bodies = {m.group(1): m.group(2).replace("\\\n", "\n")
              for m in re.finditer(r"#define (FURROW_\w+_ARGUMENTS_|FURROW_WHERE_)\b((?:.*\\\n)*.*)", text)}
    text = re.sub(r"#define (FURROW_\w+_ARGUMENTS_|FURROW_WHERE_)\b((?:.*\\\n)*.*)\n", "", text)
    for name in list(bodies) + ["FURROW_WHERE_"]:
        if name in bodies:
            text = re.sub(r"\b%s\b" % name, lambda _, name=name: bodies[name].strip(), text)
    return text


def parse(text):
    text = expand_arguments(text)
    parts = list(chunks(text))
    # The first line is the licence.
    title = comment_text(parts[0]).partition("\n\n")[2] if parts[0].startswith("/*") else ""
    sections, entry = [Section("")], None
    for i, part in enumerate(parts[1:], 1):
        following = parts[i + 1] if i + 1 < len(parts) else ""
        if part == "":
            entry = None
        elif part.startswith("/*"):
            body = comment_text(part)
            if following == "" and "\n" not in body and len(body) < 100:
                sections.append(Section(body))
            else:
                entry = Entry(body)
                sections[-1].entries.append(entry)
                if following == "":
                    entry = None
        elif part.startswith("#"):
            if part.startswith("#define") and not re.match(r"#define \w+_H$", part):
                entry = add(sections, entry, parse_macro(part))
        else:
            entry = add(sections, entry, parse_declaration(part))
    return title, sections


def add(sections, entry, declaration):
    if entry is None:
        entry = Entry("")
        sections[-1].entries.append(entry)
    entry.declarations.append(declaration)
    return entry
