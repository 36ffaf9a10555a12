# SPDX-License-Identifier: MIT
"""Read the table of verbs and their help texts from the command itself: furrow --help, furrow VERB --help."""
import re
import subprocess

NAMES = []  # of all verbs, after read()


class Option:
    """An option of a verb, or one of its arguments, such as TARGET."""

    def __init__(self, term, text):
        self.term, self.text = term, text
        found = re.match(r"(?:(-\w), )?(--[\w-]+)(?: (.+))?$", term)
        self.letter, self.name, self.value = found.groups() if found else (None, None, None)


class Verb:
    def __init__(self, name, summary):
        self.name, self.summary = name, summary
        self.usage, self.paragraphs, self.options, self.example = "", [], [], ""


class Group:
    def __init__(self, title):
        self.title, self.verbs = title, []


class Table:
    def __init__(self):
        self.groups, self.options, self.exit_codes, self.example = [], [], "", ""


def help_of(command, *arguments):
    return subprocess.run([command, *arguments, "--help"], check=True, stdout=subprocess.PIPE,
                          encoding="utf-8").stdout


def dedent(lines):
    return "\n".join(line[2:] if line.startswith("  ") else line for line in lines).strip("\n")


TERM = re.compile(r"  ((?:-\w, )?--[\w-]+(?: [A-Z][A-Z.,]*)?|[A-Z]+(?=  ))\s+(.*)$")


def read_verb(verb, text):
    text, _, example = text.partition("\nexample:\n")
    verb.example = dedent(example.rstrip("\n").split("\n"))
    usage, *blocks = text.split("\n\n")
    verb.usage = usage.replace("usage: ", "")
    for block in blocks:
        if not block.startswith("  "):
            verb.paragraphs.append(" ".join(block.split()))
            continue
        for line in block.rstrip("\n").split("\n"):
            found = TERM.match(line)
            if found:
                verb.options.append(Option(found.group(1), found.group(2).strip()))
            elif verb.options and line.startswith("     "):
                verb.options[-1].text += " " + line.strip()
            else:
                raise SystemExit("reference: furrow %s --help: cannot read \"%s\"" % (verb.name, line))


def read(command):
    table = Table()
    text, _, example = help_of(command).partition("\nexample:\n")
    table.example = dedent(example.rstrip("\n").split("\n"))
    for block in text.split("\n\n")[2:]:
        title, _, rest = block.partition("\n")
        if title.startswith("exit codes:"):
            table.exit_codes = " ".join(block.split())
        elif title.endswith(":"):
            table.groups.append(Group(title[:-1]))
            for line in rest.rstrip("\n").split("\n"):
                name, summary = line.split(None, 1)
                table.groups[-1].verbs.append(Verb(name, summary))
        else:
            table.options += [tuple(line.split(None, 1)) for line in block.split("\n")]
    for group in table.groups:
        for verb in group.verbs:
            read_verb(verb, help_of(command, verb.name))
    NAMES[:] = [v.name for g in table.groups for v in g.verbs]
    return table
