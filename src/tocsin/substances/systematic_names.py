"""Systematic names read by OPSIN, where Java and the extra ``curate`` are installed."""

import importlib.util
import queue
import shutil
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from tocsin.science.names import write_plainly

SECONDS_FOR_A_NAME = 1.5
SECONDS_FOR_THE_START = 20.0

_PACKAGE = "py2opsin"
_JAR = "opsin-cli-*.jar"
_FIRST_NAME = "ethane"
_JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")
_OPSIN_OPTIONS = ("-osmi", "-n", "-v")


def find_opsin() -> list[str] | None:
    """Find how OPSIN is started on this machine; None without Java or the extra ``curate``."""
    java = shutil.which("java")
    package = importlib.util.find_spec(_PACKAGE)
    if java is None or package is None or package.origin is None:
        return None
    jars = sorted(Path(package.origin).parent.glob(_JAR))
    if not jars:
        return None
    return [java, *_JAVA_OPTIONS, "-jar", str(jars[-1]), *_OPSIN_OPTIONS]


class SystematicNameReader:
    """One OPSIN process that reads names, started at the first name and again after a failure.

    command: from find_opsin; None makes a reader that can read no name.
    A name that OPSIN calls ambiguous is not read: "fluoroamphetamine" would be taken as N-fluoro.
    Not for several threads.
    """

    def __init__(self, command: Sequence[str] | None) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reading: threading.Thread | None = None
        self._is_ready = False

    def __enter__(self) -> "SystematicNameReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the process in the background, so that the first name need not wait for it."""
        if self._command is None or self._process is not None:
            return
        self._lines = queue.SimpleQueue()
        self._is_ready = False
        self._process = subprocess.Popen(  # noqa: S603  (the command is find_opsin's)
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self._reading = threading.Thread(
            target=_pass_lines, args=(self._process, self._lines), daemon=True
        )
        self._reading.start()
        self._write(_FIRST_NAME)

    def close(self) -> None:
        """End the process; a later name starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if self._reading is not None:
            self._reading.join()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def read(self, text: str) -> str | None:
        """Return the SMILES that a systematic name spells without doubt; None for any other."""
        name = write_plainly(text)
        if self._command is None or not name.isascii() or not name.isprintable() or not name:
            return None
        self.start()
        if not self._is_ready:
            self._is_ready = self._ask(None, SECONDS_FOR_THE_START) is not None
        answer = self._ask(name, SECONDS_FOR_A_NAME) if self._is_ready else None
        if answer is None:
            self.close()
        return answer or None

    def _ask(self, name: str | None, seconds: float) -> str | None:
        """Return the SMILES, "" where the name cannot be read surely, None without an answer."""
        if name is not None and not self._write(name):
            return None
        remarks = 0
        while True:
            try:
                line = self._lines.get(timeout=seconds)
            except queue.Empty:
                return None
            if line is None:
                return None
            smiles, tab, echo = line.partition("\t")
            if tab and echo == (name or _FIRST_NAME):
                return "" if remarks else smiles
            remarks += name is not None

    def _write(self, name: str) -> bool:
        process = self._process
        if process is None or process.stdin is None:
            return False
        try:
            process.stdin.write(name + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return False
        return True


def _pass_lines(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str | None]") -> None:
    for line in process.stdout or ():
        lines.put(line.rstrip("\r\n"))
    lines.put(None)
