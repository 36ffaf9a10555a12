# SPDX-License-Identifier: MIT
"""Write the sources of the web site, for Sphinx with MyST: the manuals of docs/ and the pages of the reference."""
import html
import os
import re
import subprocess

import man
import pages

CONFIGURATION = '''# Written by tools/reference.
project = "furrow"
copyright = "the authors of furrow"
version = release = "%(version)s"
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4
html_theme = "alabaster"
html_theme_options = {"description": "plain C structs in, rows out", "page_width": "1100px",
                      "fixed_sidebar": True, "show_powered_by": False}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
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


def manual_link(match):
    """A link to a file that is not part of the site becomes text."""
    text, target = match.groups()
    if target.startswith(("http", "#")) or re.match(r"[\w-]+\.md(#.*)?$", target):
        return match.group(0).replace("README.md", "index.md")
    return text


def manual(root, name):
    with open(os.path.join(root, "docs", name + ".md"), encoding="utf-8") as file:
        return outside_code(file.read(), lambda part: re.sub(r"\[([^\]\n]*)\]\(([^)\s]*)\)", manual_link, part))


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
    reference = Reference(root, command)
    files = {"conf.py": CONFIGURATION % {"version": man.version(root)}}
    names = [name for name, _ in man.manuals(root)]
    for name in names:
        files[name + ".md"] = manual(root, name)
    files["index.md"] = "%s\nThe [reference](reference/index.md) describes every function, option and verb.\n\n%s\n" % (
        manual(root, "README"),
        "```{toctree}\n:hidden:\n:titlesonly:\n\n%s\nreference/index\n```" % "\n".join(names))
    files["index.md"] = files["index.md"].replace("# Manuals\n", "# furrow\n", 1)
    files["reference/index.md"] = reference.index(root)
    for name in reference.texts:
        files["reference/%s.md" % name] = reference.page(name)
    os.makedirs(os.path.join(folder, "reference"), exist_ok=True)
    for name, text in files.items():
        man.update(os.path.join(folder, name), text)


def build(root, command, sphinx, work, folder):
    """Builds the site in a folder. Sphinx keeps its sources and what it has read in the folder `work`."""
    sources = os.path.join(work, "site-sources")
    write(root, command, sources)
    subprocess.run([sphinx, "-q", "-W", "--keep-going", "-b", "html", "-d", os.path.join(work, "site-doctrees"),
                    sources, folder], check=True)
    os.utime(folder)
