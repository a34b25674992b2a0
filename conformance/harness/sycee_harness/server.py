"""A Sycee of our own: started on a free port with fresh data, stopped with SIGTERM, then audited."""

import collections
import os
import pathlib
import queue
import re
import signal
import subprocess
import tempfile
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("SYCEE_BIN", REPOSITORY / "target/debug/sycee")).resolve()
READY_WITHIN_SECONDS = 60
# The contract says 10 s; the rest is for a machine that is busy building.
STOPPED_WITHIN_SECONDS = 20
KEPT_LOG_LINES = 60


class Server:
    """A running server; `base_url` is where it listens.

    `options` are further ones of `serve`. A server that is to be killed and started again is given its `directory` and a
    port to `listen` on that it has each time."""

    def __init__(self, *options, listen="127.0.0.1:0", directory=None):
        self._temporary = None if directory else tempfile.TemporaryDirectory(prefix="sycee-conformance-")
        self._directory = directory or self._temporary.name
        self._log = collections.deque(maxlen=KEPT_LOG_LINES)
        self._addresses = queue.Queue()
        command = [BINARY, "serve", "--sandbox", "--listen", listen, "--data", self._directory, *options]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        for stream in (self._process.stdout, self._process.stderr):
            threading.Thread(target=self._listen, args=(stream,), daemon=True).start()
        try:
            self.base_url = self._addresses.get(timeout=READY_WITHIN_SECONDS)
        except queue.Empty:
            self.kill()
            raise AssertionError(f'no "listening on" line:\n{self.log()}') from None
        if self.base_url is None:
            self.kill()
            raise AssertionError(f"the server ended before it was ready:\n{self.log()}")

    def _listen(self, stream):
        for line in stream:
            self._log.append(line.rstrip())
            found = re.search(r"listening on (http://\S+)", line)
            if found and stream is self._process.stdout:
                self._addresses.put(found.group(1).rstrip("/"))
        if stream is self._process.stdout:
            self._addresses.put(None)

    def log(self):
        """The last lines the server said."""
        return "\n".join(self._log)

    def kill(self):
        """Ends the server at once (SIGKILL): in the middle of what it does, or when a test run breaks off."""
        self._process.kill()
        self._process.wait()

    def stop_and_audit(self):
        """Asks the server to stop, expects exit status 0, then expects the audit of its data to hold."""
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(timeout=STOPPED_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not stop on SIGTERM:\n{self.log()}") from None
        assert status == 0, f"exit status {status} after SIGTERM:\n{self.log()}"
        audit = subprocess.run(
            [BINARY, "audit", "--data", self._directory], capture_output=True, text=True, check=False
        )
        assert audit.returncode == 0, f"sycee audit: {audit.returncode}\n{audit.stdout}\n{audit.stderr}"
        if self._temporary:
            self._temporary.cleanup()
