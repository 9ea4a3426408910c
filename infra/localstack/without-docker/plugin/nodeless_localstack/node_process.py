"""One Node child process that runs one Lambda function, one invocation at a time.

Two channels lead to the child:

* a socket pair that carries one JSON message a line. Child to parent: {"type": "ready"},
  {"type": "init-error", "error": ...}, {"type": "result", "id": ..., "payload": "..."} and
  {"type": "error", "id": ..., "error": ...}. Parent to child: one invocation a line;
* a pipe with the child's stdout and stderr, which become the function's log. When an invocation is over the child
  writes a marker line into that pipe, so that the parent knows where the log of the invocation ends.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

BOOTSTRAP = Path(__file__).with_name("bootstrap.cjs")
MARKER = b"\0end "


class ChildExited(Exception):
    """The child closed its end: it crashed, called process.exit() or was killed."""


class NodeProcess:
    def __init__(self, node: str, flags: list[str], env: dict[str, str], cwd: str) -> None:
        self._socket, child_socket = socket.socketpair()
        self.initialised = False  # kept by the executor: the handler has been loaded
        self._received = b""
        self._log: list[bytes] = []
        self._log_changed = threading.Condition()
        try:
            self._child = subprocess.Popen(
                [node, *flags, str(BOOTSTRAP), str(child_socket.fileno())],
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[child_socket.fileno()],
                # An own process group, so that kill() also ends what the function started.
                start_new_session=True,
            )
        finally:
            child_socket.close()
        self._log_reader = threading.Thread(
            target=self._read_log, name=f"lambda-log-{self._child.pid}", daemon=True
        )
        self._log_reader.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def is_alive(self) -> bool:
        return self._child.poll() is None

    def send(self, message: dict) -> None:
        try:
            self._socket.settimeout(None)
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise ChildExited(self._exit_reason()) from error

    def receive(self, timeout: float) -> dict:
        """The next message. Raises TimeoutError after `timeout` seconds and ChildExited if none can come."""
        deadline = time.monotonic() + timeout
        chunks = [self._received]
        while b"\n" not in chunks[-1]:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                chunk = self._socket.recv(1 << 18)
            except TimeoutError:
                self._received = b"".join(chunks)
                raise
            except OSError:
                chunk = b""
            if not chunk:
                raise ChildExited(self._exit_reason())
            chunks.append(chunk)
        line, _, self._received = b"".join(chunks).partition(b"\n")
        return json.loads(line)

    def take_log(self, until: str | None = None, wait: float = 1.0) -> str:
        """Removes and returns what was logged: up to the marker `until`, or everything if that does not come."""
        marker = MARKER + (until or "").encode() + b"\n"

        def complete() -> bool:
            return until is None or marker in self._log or not self._log_reader.is_alive()

        with self._log_changed:
            self._log_changed.wait_for(complete, timeout=wait)
            end = self._log.index(marker) + 1 if until and marker in self._log else len(self._log)
            taken, self._log = self._log[:end], self._log[end:]
        return b"".join(line for line in taken if not line.startswith(MARKER)).decode(errors="replace")

    def pause(self) -> None:
        self._signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_group(signal.SIGCONT)

    def kill(self) -> None:
        self._signal_group(signal.SIGKILL)
        self._child.wait()
        self._socket.close()
        # A grandchild that left the group may hold the pipe open: do not wait for it.
        self._log_reader.join(timeout=1)

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)

    def _exit_reason(self) -> str:
        try:
            status = self._child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "closed its channel"
        return f"exit status {status}" if status >= 0 else f"signal: {signal.Signals(-status).name}"

    def _read_log(self) -> None:
        for line in self._child.stdout:
            # The marker follows without a line break if the function's last output did not end with one.
            text, marker, rest = line.partition(MARKER)
            with self._log_changed:
                self._log.extend(part for part in (text, marker + rest) if part)
                self._log_changed.notify_all()
        with self._log_changed:
            self._log_changed.notify_all()
