# SPDX-License-Identifier: MIT
"""Convert the pages of the reference and the manuals of docs/ to manual pages, with pandoc."""
import concurrent.futures
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
    text = re.sub(r"^\|.*\n\|[-| :]+\|\n(?:\|.*\n)+", widen, text, flags=re.M)
    # The info strings of code blocks are for the tests.
    text = re.sub(r"^```[^\n`]+$", "```", text, flags=re.M)
    out = subprocess.run(
        [pandoc, "-f", FORMAT, "-t", "man", "-s", "--shift-heading-level-by=-1", "-M", "title=" + title,
         "-V", "section=" + section, "-V", "footer=furrow " + version(root), "-V", "adjusting=l",
         "-M", "hyphenate=false"],
        input=text, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    # Names are bold, as is usual; not every terminal has a fixed-width font.
    out = re.sub(r"^\\f\[[CV]\]$", r"\\f[R]", out, flags=re.M)
    out = re.sub(r"\\f\[[CV]B?\]", r"\\f[B]", out)
    return re.sub(r"^\.\\\" Automatically generated.*\n\.\\\"\n", "", out, flags=re.M)


def widen(match):
    """Gives the columns of a table widths that fit their contents."""
    rows = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in match.group(0).strip().split("\n")]
    count = len(rows[1])
    widths = [max(4, min(44, max(len(row[i].strip()) for row in rows if i < len(row) and row is not rows[1])))
              for i in range(count)]
    lines = match.group(0).split("\n")
    lines[1] = "|%s|" % "|".join("-" * width for width in widths)
    return "\n".join(lines)


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
    os.makedirs(sources, exist_ok=True)
    for section in "137":
        os.makedirs(os.path.join(folder, "man" + section), exist_ok=True)

    def one(item):
        section, name, text = item
        path = os.path.join(folder, "man" + section, "%s.%s" % (name, section))
        source = os.path.join(sources, "%s.%s.md" % (name, section))
        if update(source, text) or not os.path.exists(path):
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
