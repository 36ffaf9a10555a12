# SPDX-License-Identifier: MIT
"""Runs the console blocks of a manual in one shell, and compares what the commands print."""
import os
import re
import signal
import subprocess

SECONDS_PER_COMMAND = 240


class Command:
    """A command of a console block, and the lines that it must print."""

    def __init__(self, line, text):
        self.line = line
        self.text = text
        self.output = []


def commands_of(block):
    """The commands of a console block. Fails if the block does not begin with one."""
    commands = []
    continued = False
    for number, line in enumerate(block.lines, block.line + 1):
        if continued:
            commands[-1].text += "\n" + line
        elif line.startswith("$ "):
            commands.append(Command(number, line[2:]))
        elif commands:
            commands[-1].output.append(line)
            continue
        else:
            raise ValueError(f"{block.manual}:{number}: a console block begins with \"$ \" and a command")
        continued = line.endswith("\\")
    return commands


def pattern_of(lines):
    """A regular expression for these lines; … stands for any text, and alone for any lines."""
    parts = []
    for line in lines:
        if line.strip() == "…":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(r"[^\n]*".join(re.escape(text) for text in line.rstrip().split("…")) + r"[ \t]*\n")
    return re.compile("".join(parts))


def matches(expected_lines, printed):
    if printed and not printed.endswith("\n"):
        printed += "\n"
    return pattern_of(expected_lines).fullmatch(printed) is not None


def difference(expected_lines, printed):
    """What a failed comparison shows."""
    show = [f"    expected | {line}" for line in expected_lines] or ["    expected nothing"]
    show += [f"    printed  | {line}" for line in printed.rstrip("\n").split("\n")] if printed else \
        ["    printed nothing"]
    return "\n".join(show)


class Shell:
    """A shell that runs one command after the other, in a folder of its own."""

    def __init__(self, folder, environment):
        self.files = folder + ".shell"
        os.mkdir(self.files)
        self.process = subprocess.Popen(["sh"], cwd=folder, env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        start_new_session=True)

    def run(self, text):
        """Runs a command; returns what it prints, or None if it does not finish."""
        script, output = os.path.join(self.files, "command"), os.path.join(self.files, "output")
        with open(script, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        try:
            self.process.stdin.write(f". '{script}' >'{output}' 2>&1 </dev/null\necho done\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        signal.signal(signal.SIGALRM, lambda *_: self.stop())
        signal.alarm(SECONDS_PER_COMMAND)
        finished = self.process.stdout.readline() == "done\n"
        signal.alarm(0)
        if not finished:
            return None
        with open(output, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self):
        self.stop()
        self.process.communicate()
