# SPDX-License-Identifier: MIT
"""Reads Markdown: fenced blocks, headings, links. Finds blocks in files of the examples."""
import os
import re

# A line of a block that stands for any number of lines of the file.
SKIP = re.compile(r"\s*(\.\.\.|…|/\* … \*/|// …|# …|-- …)\s*")


class Block:
    """A fenced block: its language, the other words of its first line, and its lines."""

    def __init__(self, manual, line, info):
        self.manual = manual
        self.line = line
        words = info.split()
        self.language = words[0] if words else ""
        self.words = words[1:]
        self.lines = []

    def place(self):
        return f"{self.manual}:{self.line}"


def scan(text):
    """Yields each line as (number, kind, line): "prose", "open" and "close" for fences, or "block"."""
    fence = None
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r" *(```+|~~~+)(.*)$", line)
        if fence is None and found:
            fence = found.group(1)
            yield number, "open", found.group(2)
        elif fence is not None and found and found.group(1) == fence and not found.group(2).strip():
            fence = None
            yield number, "close", line
        else:
            yield number, "prose" if fence is None else "block", line


def blocks_of(manual, text):
    """The fenced blocks of a manual, in their order."""
    blocks = []
    for number, kind, line in scan(text):
        if kind == "open":
            blocks.append(Block(manual, number, line))
        elif kind == "block":
            blocks[-1].lines.append(line)
    return blocks


def prose_of(text):
    """The text in which fenced blocks are empty lines; line numbers stay."""
    return "\n".join(line if kind == "prose" else "" for _, kind, line in scan(text))


def anchors_of(text):
    """The anchors that headings of this Markdown text have, as on GitHub."""
    anchors = set()
    for heading in re.findall(r"^#{1,6} +(.+?)\s*$", prose_of(text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        base = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        anchor, count = base, 0
        while anchor in anchors:
            count += 1
            anchor = f"{base}-{count}"
        anchors.add(anchor)
    return anchors


def links_of(text):
    """Each link outside blocks and code, as (line, target)."""
    prose = re.sub(r"`[^`\n]*`", lambda m: "`" + " " * (len(m.group(0)) - 2) + "`", prose_of(text))
    for found in re.finditer(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s+(\S+)", prose, re.M):
        yield prose.count("\n", 0, found.start()) + 1, found.group(1) or found.group(2)


def without_common_indentation(lines):
    filled = [line for line in lines if line.strip()]
    width = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    return [line[width:].rstrip() for line in lines]


def parts_of(lines):
    """The runs of lines between lines that stand for any lines, without blank lines at their ends."""
    parts = [[]]
    for line in without_common_indentation(lines):
        if SKIP.fullmatch(line):
            parts.append([])
        else:
            parts[-1].append(line)
    for part in parts:
        while part and not part[0]:
            part.pop(0)
        while part and not part[-1]:
            part.pop()
    return [part for part in parts if part]


def indentation_at(part, lines, start):
    """The blanks that the file has before each line of `part` from line `start` on, or None."""
    first = lines[start]
    if not first.endswith(part[0]) or first[:len(first) - len(part[0])].strip():
        return None
    blanks = first[:len(first) - len(part[0])]
    for offset, line in enumerate(part):
        if lines[start + offset] != (blanks + line if line else ""):
            return None
    return blanks


def find_lines(block_lines, text):
    """Finds the lines of a block in the text of a file. Returns the numbers of these lines, or None."""
    parts = parts_of(block_lines)
    lines = [line.rstrip() for line in text.split("\n")]
    starts = range(len(lines) - len(parts[0]) + 1) if parts else []
    for start in starts:
        blanks = indentation_at(parts[0], lines, start)
        numbers = None if blanks is None else find_rest(parts, lines, start, blanks)
        if numbers:
            return numbers
    return None


def find_rest(parts, lines, start, blanks):
    numbers = list(range(start + 1, start + 1 + len(parts[0])))
    for part in parts[1:]:
        after = numbers[-1]
        found = [at for at in range(after, len(lines) - len(part) + 1)
                 if indentation_at(part, lines, at) == blanks]
        if not found:
            return None
        numbers += range(found[0] + 1, found[0] + 1 + len(part))
    return numbers


def files_below(folder):
    """The text files below a folder, without those that a build has made."""
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "build", "__")))
        for name in sorted(names):
            full = os.path.join(path, name)
            if not is_made(full):
                yield full


def is_made(path):
    if re.search(r"\.furrow\.[ch]$|\.(o|d|db|db-wal|db-shm)$", path):
        return True
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"
