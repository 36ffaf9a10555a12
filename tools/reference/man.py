# SPDX-License-Identifier: MIT
"""Convert the pages of the reference and the manuals of docs/ to manual pages, with pandoc."""
import concurrent.futures
import hashlib
import os
import re
import subprocess

import pages

FORMAT = "commonmark+pipe_tables+definition_lists"


def version(root):
    with open(os.path.join(root, "meson.build"), encoding="utf-8") as file:
        return re.search(r"version: '([\d.]+)'", file.read()).group(1)


def manuals(root):
    """The manuals of docs/, and what docs/README.md says about each."""
    with open(os.path.join(root, "docs", "README.md"), encoding="utf-8") as file:
        return re.findall(r"^\| \[([\w-]+)\.md\]\([^)]*\) \| (.*?) \|$", file.read(), re.M)


def link(match):
    """A link as text: manual pages have no links to files."""
    text, target = match.groups()
    found = re.match(r"([\w-]+)\.md(?:#.*)?$", target)
    if found and found.group(1) != "README":
        return "**furrow-%s**(7)" % found.group(1)
    return text if not target.startswith("http") else "%s (<%s>)" % (text, target)


def manual_page(root, name, summary):
    with open(os.path.join(root, "docs", name + ".md"), encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"\[([^\]\n]*)\]\(([^)\s]*)\)", link, text)
    _, _, body = text.partition("\n")
    return ("# furrow-%s(7)\n\n## NAME\n\nfurrow-%s - %s\n\n## DESCRIPTION\n%s\n\n## SEE ALSO\n\n**furrow**(1)\n"
            % (name, name, summary, body))


def convert(root, pandoc, text, section):
    """The manual page of a page in Markdown. The title becomes part of the first line."""
    title = re.match(r"# (.*)\(\d\)\n", text).group(1)
    text = re.sub(r"\[([^\]\n]*)\]\(([^)\s]*)\)", link, text) if section == "3" else text
    tables = re.findall(r"^\|.*\n\|[-| :]+\|\n(?:\|.*\n)+", text, re.M)
    # The info strings of code blocks are for the tests.
    text = re.sub(r"^```[^\n`]+$", "```", text, flags=re.M)
    out = subprocess.run(
        [pandoc, "-f", FORMAT, "-t", "man", "-s", "--shift-heading-level-by=-1", "-M", "title=" + title,
         "-V", "section=" + section, "-V", "footer=furrow " + version(root), "-V", "adjusting=l",
         "-M", "hyphenate=false"],
        input=text, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    # Names are bold, as is usual; not every terminal has a fixed-width font.
    out = re.sub(r"^\\f\[[CV]\]$", r"\\f[R]", out, flags=re.M)
    out = set_widths(out, tables)
    out = re.sub(r"\\f\[[CV]B?\]", r"\\f[B]", out)
    return re.sub(r"^\.\\\" Automatically generated.*\n\.\\\"\n", "", out, flags=re.M)


PAGE_WIDTH = 70  # of text in 80 columns


def column_widths(table, breaks=r"\s+"):
    """Widths of the columns of a table that fit their contents, and at least their longest word. Returns None if
    the words are too long."""
    lines = table.strip().split("\n")
    rows = [[shown(cell) for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
            for line in lines[:1] + lines[2:]]
    columns = [[row[i] for row in rows if i < len(row)] for i in range(len(rows[0]))]
    needs = [max(len(word) for cell in column for word in re.split(breaks, cell)) for column in columns]
    wishes = [max(len(cell) for cell in column) for column in columns]
    # Three blanks separate two columns. What the longest words leave is divided by what the columns would
    # like to have.
    room = PAGE_WIDTH - 3 * (len(columns) - 1) - sum(needs)
    more = [wish - need for wish, need in zip(wishes, needs)]
    if sum(more) <= room:
        return wishes
    return None if room < 0 else [need + room * extra // sum(more) for need, extra in zip(needs, more)]


BREAK = r"(?<=[_(/])(?=\w)"


def set_widths(out, tables):
    """pandoc makes all columns equally wide, or as wide as their contents."""
    sources = iter(tables)

    def replaced(match):
        source, body = next(sources), match.group(2)
        widths = column_widths(source)
        if not widths:
            # Long names may be broken at these places.
            widths = column_widths(source, r"\s+|" + BREAK)
            body = "\n".join(line if line.startswith(".") else re.sub(BREAK, r"\\:", line)
                             for line in body.split("\n"))
        return match.group(1) + " ".join("lw(%dn)" % max(4, w) for w in widths or [10]) + "." + body

    return re.sub(r"(^\.TS\n(?:[^\n]*;\n)?)l[^\n]*\.$(.*?^\.TE$)", replaced, out, flags=re.M | re.S)


def shown(cell):
    return re.sub(r"[`*]|\\(?=\W)", "", cell).replace("…", "...").strip()


def update(path, text):
    """Writes a file unless it has this text already."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return False
    except OSError:
        pass
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def write(root, command, pandoc, folder):
    sources = os.path.join(folder, "markdown")
    wanted = []  # section, name, Markdown
    aliases = []
    for name, text in pages.command_pages(root, command):
        wanted.append(("1", name, text))
    for name, text, names in pages.library_pages(root, command):
        wanted.append(("3", name, text))
        aliases += [("3", alias, name) for alias in names]
    wanted += [("7", "furrow-" + name, manual_page(root, name, summary)) for name, summary in manuals(root)]
    files = set()
    with open(__file__, "rb") as file:
        converter = "<!-- %s %s -->\n" % (hashlib.sha256(file.read()).hexdigest(), version(root))
    os.makedirs(sources, exist_ok=True)
    for section in "137":
        os.makedirs(os.path.join(folder, "man" + section), exist_ok=True)

    def one(item):
        section, name, text = item
        path = os.path.join(folder, "man" + section, "%s.%s" % (name, section))
        source = os.path.join(sources, "%s.%s.md" % (name, section))
        if update(source, converter + text) or not os.path.exists(path):
            update(path, convert(root, pandoc, text, section))

    # pandoc takes a while for each page, so only changed pages are converted again.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, wanted))
    for section, name, _ in wanted:
        files.add((section, name))
    for section, alias, name in aliases:
        if (section, alias) not in files:
            files.add((section, alias))
            update(os.path.join(folder, "man" + section, "%s.%s" % (alias, section)),
                   ".so man%s/%s.%s\n" % (section, name, section))
    for section in "137":
        where = os.path.join(folder, "man" + section)
        for name in os.listdir(where):
            if (section, name[:-2]) not in files:
                os.remove(os.path.join(where, name))
        os.utime(where)
