# SPDX-License-Identifier: MIT
"""Write the reference from the public headers and the help of the command.

  python3 tools/reference pages FURROW FOLDER        the pages as Markdown
  python3 tools/reference man FURROW PANDOC FOLDER   manual pages, in FOLDER/man1, man3 and man7
  python3 tools/reference completion FURROW FOLDER   completion for bash, zsh and fish
  python3 tools/reference site FURROW FOLDER         the sources of the web site, for Sphinx
  python3 tools/reference html FURROW SPHINX WORK FOLDER   the web site

FURROW is the built command. WORK is a folder for what Sphinx reads.
"""
import os
import sys

sys.dont_write_bytecode = True
import completion
import man
import pages
import site_sources

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def write_pages(command, folder):
    os.makedirs(folder, exist_ok=True)
    for name, text, *_ in [*pages.command_pages(ROOT, command), *pages.library_pages(ROOT, command)]:
        with open(os.path.join(folder, name + ".md"), "w", encoding="utf-8") as file:
            file.write(text)


def main(arguments):
    actions = {"pages": (write_pages, 2), "man": (lambda *a: man.write(ROOT, *a), 3),
               "completion": (completion.write, 2), "site": (lambda *a: site_sources.write(ROOT, *a), 2),
               "html": (lambda *a: site_sources.build(ROOT, *a), 4)}
    action, count = actions.get(arguments[0] if arguments else "", (None, 0))
    if not action or len(arguments) != count + 1:
        sys.exit(__doc__.strip())
    action(*arguments[1:])


main(sys.argv[1:])
