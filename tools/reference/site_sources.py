# SPDX-License-Identifier: MIT
"""Write the sources of the web site, for Sphinx with MyST: the manuals of docs/ and the pages of the reference."""
import html
import os
import re
import subprocess

import man
import pages

THEME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")

CONFIGURATION = '''# Written by tools/reference.
project = "furrow"
copyright = "the authors of furrow"
version = release = "%(version)s"
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4
html_theme = "alabaster"
html_theme_options = {"description": "plain C structs in, rows out", "show_powered_by": False,
                      "footer_text": "#666", "anchor": "#707070", "narrow_sidebar_bg": "#EEE", "narrow_sidebar_link": "#444"}
html_sidebars = {"**": ["about.html", "menu.html"]}
html_static_path = ["_static"]
html_css_files = ["custom.css"]
templates_path = ["_templates"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
# Code in manuals may leave lines out with an ellipsis, which is not valid C.
suppress_warnings = ["misc.highlighting_failure"]
'''


def anchored(page, name, text):
    """A link to the description of a name. MyST has no anchors that keep capital letters apart."""
    return '<a class="reference internal" href="%s.html#%s"><code>%s</code></a>' % (page, name, html.escape(text))


def outside_code(text, change):
    """Applies a change to the parts of the text that are not blocks of code."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
    return "".join(re.sub(r"^```(\S*)[^\n]*", r"```\1", part) if i % 2 else change(part)
                   for i, part in enumerate(parts))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Links:
    """Makes the links of a file of the project links of the site."""

    def __init__(self, root):
        self.titles = {name: part_of(root, "docs/%s.md" % name, r"\A# (.*?)\n") for name, _ in man.manuals(root)}

    def link(self, match):
        text, target = match.groups()
        target = re.sub(r"^docs/(?=[\w-]+\.md)", "", target)
        if target.startswith(("http", "#")):
            return match.group(0)
        if re.match(r"[\w-]+\.md(#.*)?$", target):
            # A link to a whole manual that is named after its file is named after its title instead.
            text = self.titles.get(target[:-3], text) if os.path.basename(text) == target else text
            return "[%s](%s)" % (text, target.replace("README.md", "index.md"))
        example = re.match(r"(?:\.\./)?(examples\b.*)", target)
        # The examples are installed next to the site. Another file of the project is not part of either.
        return "`share/doc/furrow/%s`" % example.group(1) if example else text

    def apply(self, text):
        return outside_code(text, lambda part: re.sub(r"\[([^\]\n]*)\]\(([^)\s]*)\)", self.link, part))


def part_of(root, path, pattern):
    """The part of a file of the project that the pattern describes with its group."""
    found = re.search(pattern, read(os.path.join(root, path)), re.M | re.S)
    if not found:
        raise SystemExit("reference: %s does not match \"%s\"" % (path, pattern))
    return found.group(1).strip()


INDEX = """# furrow

%(what)s

Begin with [%(first)s](getting-started.md), or look up a name in the [reference](reference/index.md), which describes every
function, option and verb.

## An example

%(example)s

## Install

Run these commands in furrow's source folder. The last two need root.

%(install)s

[%(first)s](getting-started.md#install) lists the packages that the build needs, and shows how to make Debian packages of furrow
and how to use it with Make, CMake and Meson.

## Manuals

%(manuals)s

```{toctree}
:hidden:
:titlesonly:

%(pages)s
reference/index
```
"""


def index(root, links):
    """The first page: the beginning of README.md, and docs/README.md."""
    parts = {"what": part_of(root, "README.md", r"^# furrow\n\n(.*?)\n\n"),
             "example": part_of(root, "README.md", r"^# furrow\n\n.*?\n\n(.*?)^\[docs/getting-started"),
             "install": part_of(root, "docs/getting-started.md", r"(^```text\nmeson setup.*?^```$)"),
             "manuals": part_of(root, "docs/README.md", r"^# Manuals\n(.*)"),
             "first": links.titles["getting-started"], "pages": "\n".join(links.titles)}
    return INDEX % {name: links.apply(part) for name, part in parts.items()}


def names_of(text):
    """Each name that a page describes, and the line where its anchor belongs."""
    out, heading = {}, 0
    for i, line in enumerate(text.splitlines()):
        if line.startswith("### "):
            heading = i
            for name in line[4:].split(", "):
                if re.fullmatch(r"(?:furrow|FURROW)\w*", name):
                    out.setdefault(name, i)
        elif heading and re.match(r"    FURROW_\w+( = .*)?,$", line):
            out.setdefault(re.match(r"    (\w+)", line).group(1), heading)
    return out


class Reference:
    def __init__(self, root, command):
        self.commands = list(pages.command_pages(root, command))
        self.library = [(name, text) for name, text, _ in pages.library_pages(root, command)]
        self.texts = dict(self.commands + self.library)
        self.manuals = {"furrow-" + name: "../%s.md" % name for name, _ in man.manuals(root)}
        self.places = {}
        for name, text in self.library:
            lines, anchors = text.splitlines(), {}
            for what, line in names_of(text).items():
                if what not in self.places:
                    self.places[what] = name
                    anchors.setdefault(line, []).append('<span id="%s"></span>' % what)
            for line in sorted(anchors, reverse=True):
                lines.insert(line, "".join(anchors[line]) + "\n")
            self.texts[name] = "\n".join(lines) + "\n"

    def page_link(self, match):
        name, section = match.groups()
        target = self.manuals.get(name) if section == "7" else name + ".md" if name in self.texts else None
        return "[%s(%s)](%s)" % (name, section, target) if target else match.group(0)

    def name_link(self, match):
        name = match.group(1)
        if name not in self.places:
            return match.group(0)
        return anchored(self.places[name], name, name + (match.group(2) or ""))

    def linked(self, part):
        part = re.sub(r"\[([^\]\n]*)\]\(([\w-]+\.md(?:#[\w-]*)?)\)", r"[\1](../\2)", part)
        part = re.sub(r"\*\*(furrow[\w-]*)\*\*\((\d)\)", self.page_link, part)
        return re.sub(r"(?<!\[)`((?:furrow|FURROW)_\w+)(\([^`\[\]]*\))?`", self.name_link, part)

    def page(self, name):
        text = outside_code(self.texts[name], self.linked)
        names = [what for what, where in self.places.items() if where == name]
        if names:
            # The search does not look into blocks of code and links, but into this list.
            text += "\n## NAMES\n\n%s\n" % ", ".join("`%s`" % what for what in sorted(names))
        return text

    def index(self, root):
        with_summary = [(name, re.search(r"^## NAME\n\n\S+ - (.*)$", text, re.M).group(1))
                        for name, text in self.texts.items()]
        out = ["# Reference", "The manual pages of the command and of the library.", "| page | what it describes |\n|---|---|\n" +
               "\n".join("| [%s](%s.md) | %s |" % (name, name, summary) for name, summary in with_summary),
               "## Names", "Every name of the public headers."]
        names = sorted(self.places, key=lambda n: (n.lower(), n))
        out.append("\n".join("- " + anchored(self.places[n], n, n) for n in names))
        out.append("```{toctree}\n:hidden:\n:titlesonly:\n\n%s\n```" % "\n".join(self.texts))
        return "\n\n".join(out) + "\n"


def write(root, command, folder):
    reference, links = Reference(root, command), Links(root)
    files = {"conf.py": CONFIGURATION % {"version": man.version(root)}, "index.md": index(root, links)}
    for name in links.titles:
        files[name + ".md"] = links.apply(read(os.path.join(root, "docs", name + ".md")))
    files["reference/index.md"] = reference.index(root)
    for name in reference.texts:
        files["reference/%s.md" % name] = reference.page(name)
    for name in os.listdir(THEME):
        where = "_static/" if name.endswith(".css") else "_templates/"
        files[where + name] = read(os.path.join(THEME, name))
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        man.update(path, text)


def build(root, command, sphinx, work, folder):
    """Builds the site in a folder. Sphinx keeps its sources and what it has read in the folder `work`."""
    sources = os.path.join(work, "site-sources")
    write(root, command, sources)
    subprocess.run([sphinx, "-q", "-a", "-W", "--keep-going", "-b", "html", "-d", os.path.join(work, "site-doctrees"),
                    sources, folder], check=True)
    os.utime(folder)
