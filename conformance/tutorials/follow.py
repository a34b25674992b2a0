#!/usr/bin/env python3
"""Follows a tutorial of docs/book literally: its commands are run as they stand, its files written as they stand, and what
comes out is compared with what the page shows. Only the standard library.

A page is followed in one shell (bash), which begins in the root of the repository and ends at the first command that fails.

* A block ```sh is run.
* A block ```text behind it is what it prints, both streams, line by line. `…` stands for anything within a line, a line
  that is only `…` for any lines. Without such a block, what it prints is not looked at.
* A block of another language behind a paragraph that ends with "`NAME`:" is the content of the file NAME, in the folder where the
  shell then is.
* `<!-- another terminal, until: TEXT -->` before a block ```sh: it is run in a shell of its own, which stays; the page
  goes on when it has printed a line with TEXT.
* `<!-- not run: REASON -->` before a block: it is left out. A block that is indented is an illustration.
"""

import dataclasses
import os
import pathlib
import queue
import re
import signal
import socket
import subprocess
import sys
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BOOK = REPOSITORY / "docs/book"
# A page is followed if it says so in its first lines.
FOLLOWED = "<!-- followed by conformance/tutorials -->"
PORT = 8080
# The longest that one block may take: one of them may build the server.
BLOCK_SECONDS = 1_800


class Differs(Exception):
    """The page says something else than what happens."""


@dataclasses.dataclass
class Block:
    """A fenced block: its language, its text, its line, the paragraph and the directive before it."""

    language: str
    text: str
    line: int
    paragraph: str
    directive: str


def blocks_of(text):
    """The fenced blocks of a page."""
    found, paragraph, directive, opened = [], "", "", None
    for number, line in enumerate(text.splitlines(), 1):
        if opened is None and line.startswith("```"):
            opened = Block(line[3:].strip(), "", number, paragraph.strip(), directive)
        elif opened is not None and line.startswith("```"):
            found.append(opened)
            opened, paragraph, directive = None, "", ""
        elif opened is not None:
            opened.text += f"{line}\n"
        elif line.startswith("<!--"):
            directive = line.removeprefix("<!--").removesuffix("-->").strip()
        elif line.strip():
            paragraph, directive = f"{paragraph} {line}", ""
        else:
            # The paragraph counts if nothing but blank lines stands between it and the block.
            paragraph = paragraph if paragraph.rstrip().endswith(":") else ""
    if opened is not None:
        raise Differs(f"line {opened.line}: the block has no end")
    return found


def fits(shown, printed):
    """Whether what was printed is what the page shows."""
    pattern = ""
    for line in shown.strip("\n").split("\n"):
        if line == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n"
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


class Shell:
    """A bash that ends at the first command that fails."""

    def __init__(self, folder):
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "*", "no_proxy": "*"}
        self._process = subprocess.Popen(
            ["bash", "--norc", "-euo", "pipefail", "-s"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._lines = queue.Queue()
        self._ends = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self):
        with self._process.stdout as printed:
            for line in printed:
                self._lines.put(line)
        self._lines.put(None)

    def send(self, command):
        """Gives it a command and does not wait."""
        self._process.stdin.write(command)
        self._process.stdin.flush()

    def read_until(self, is_last):
        """What it prints up to a line."""
        printed = ""
        while True:
            try:
                line = self._lines.get(timeout=BLOCK_SECONDS)
            except queue.Empty:
                raise Differs(f"it does not end; it has printed:\n{printed}") from None
            if line is None:
                raise Differs(f"the command failed; it has printed:\n{printed}")
            if is_last(line):
                return printed + line
            printed += line

    def run(self, command):
        """What a command prints."""
        self._ends += 1
        mark = f"@@end of block {self._ends}@@"
        self.send(f"{command}\nprintf '\\n%s\\n' '{mark}'\n")
        printed = self.read_until(lambda line: line.strip() == mark)
        return printed[: printed.rindex(mark)].removesuffix("\n")

    def close(self):
        """Ends it with everything that it has started."""
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(timeout=30)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        self._listener.join(timeout=30)


def follow(text, folder=REPOSITORY):
    """Follows a page from beginning to end and gives how many blocks it ran.

    Raises `Differs` with the line of the block where it is otherwise than the page says."""
    shell, others, ran, printed = Shell(folder), [], 0, None
    try:
        for block in blocks_of(text):
            try:
                if block.directive.startswith("not run:"):
                    continue
                if block.language == "sh":
                    ran += 1
                    until = re.fullmatch(r"another terminal, until: (.+)", block.directive)
                    if until:
                        others.append(Shell(folder))
                        others[-1].send(block.text)
                        printed = others[-1].read_until(lambda line, wanted=until.group(1): wanted in line)
                    else:
                        printed = shell.run(block.text)
                elif block.language == "text":
                    if printed is None:
                        raise Differs("there is no command before what is shown")
                    if not fits(block.text, printed):
                        raise Differs(f"the page shows\n{block.text}\nand it prints\n{printed}")
                    printed = None
                else:
                    name = re.search(r"`([\w.-]+)`:$", block.paragraph)
                    if not name:
                        raise Differs(f"no file name before a block of {block.language or 'nothing'}")
                    here = pathlib.Path(shell.run("pwd").strip())
                    (here / name.group(1)).write_text(block.text)
            except Differs as difference:
                raise Differs(f"line {block.line}: {difference}") from None
        return ran
    finally:
        shell.close()
        for other in others:
            other.close()


def pages():
    """The pages of the book that are to be followed."""
    found = [page for page in sorted(BOOK.glob("*.md")) if FOLLOWED in page.read_text().split("\n\n", 2)[1]]
    if not found:
        raise Differs("no page of the book is to be followed")
    return found


def port_is_free():
    """The pages start a server where it listens unless told otherwise."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return False
        return True


def main(names):
    """Follows the pages that are named, or all; exit status 1 if one differs, 2 if it cannot be tried."""
    if not port_is_free():
        print(f"tutorials: something listens on port {PORT}, where the pages start a server: stop it", file=sys.stderr)
        return 2
    failed = 0
    for page in [pathlib.Path(name) for name in names] or pages():
        try:
            print(f"tutorials: {page.name}: {follow(page.read_text())} blocks of commands, all as the page shows", flush=True)
        except Differs as difference:
            failed += 1
            print(f"tutorials: {page.name}: {difference}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
