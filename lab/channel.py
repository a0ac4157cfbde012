"""Messages between the lab's own processes, and the starting of those.

A message is pickled; its large arrays travel beside it, straight from and into their memory. A read-only array that
was sent lately is not sent again: its identity is its version (see lab.scene), so an unchanged triangle list or
target costs nothing, and arrives as the very same object again.

Both ends belong to this program and share a private socket pair, so pickle is safe here; files never come this way.
"""

from __future__ import annotations

import ctypes
import io
import os
import pickle
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from pathlib import Path
from typing import Any

import numpy as np

from lab.scene import Array

_OUT_OF_BAND = 512  # bytes; smaller arrays travel inside the pickle
_MEMORY_COUNT = 64  # arrays that both ends remember, ...
_MEMORY_BYTES = 256 << 20  # ... and their bytes
_HEADER = struct.Struct("<QQ")
_ROOT = Path(__file__).resolve().parent.parent


class ChannelClosed(EOFError):
    """The other end is gone."""


class _Memory:
    """The arrays sent lately, oldest first. Both ends make the same calls, so they always remember the same ones."""

    def __init__(self) -> None:
        self._arrays: OrderedDict[int, Array] = OrderedDict()
        self._bytes = 0
        self._next = 0

    def add(self, array: Array) -> int:
        number = self._next
        self._next += 1
        self._arrays[number] = array
        self._bytes += array.nbytes
        while len(self._arrays) > _MEMORY_COUNT or self._bytes > _MEMORY_BYTES:
            _, oldest = self._arrays.popitem(last=False)
            self._bytes -= oldest.nbytes
        return number

    def use(self, number: int) -> Array:
        self._arrays.move_to_end(number)
        return self._arrays[number]

    def find(self, array: Array) -> int | None:
        return next((number for number, known in self._arrays.items() if known is array), None)


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, memory: _Memory) -> None:
        super().__init__(file, protocol=5)
        self._memory = memory
        self.arrays: list[Array] = []

    def persistent_id(self, obj: Any) -> Any:
        if type(obj) is not np.ndarray or obj.nbytes < _OUT_OF_BAND or obj.dtype.hasobject:
            return None
        if not obj.flags.writeable:
            number = self._memory.find(obj)
            if number is not None:
                self._memory.use(number)
                return ("known", number)
        array = obj if obj.flags.c_contiguous else np.ascontiguousarray(obj)
        self.arrays.append(array)
        if not obj.flags.writeable:
            self._memory.add(obj)
            return ("new", len(self.arrays) - 1)
        return ("once", len(self.arrays) - 1)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, memory: _Memory, arrays: list[Array]) -> None:
        super().__init__(file)
        self._memory = memory
        self._arrays = arrays

    def persistent_load(self, pid: Any) -> Array:
        kind, number = pid
        if kind == "known":
            return self._memory.use(number)
        array = self._arrays[number]
        if kind == "new":
            array.flags.writeable = False
            self._memory.add(array)
        return array


class Channel:
    """One end of a two-way message channel over a connected stream socket. Sending is thread-safe, receiving is not."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sending = threading.Lock()
        self._sent = _Memory()
        self._received = _Memory()

    def send(self, message: Any) -> None:
        """Send one message; blocks while the other end does not read. Raises ChannelClosed."""
        with self._sending:
            file = io.BytesIO()
            pickler = _Pickler(file, self._sent)
            pickler.dump(message)
            body = file.getbuffer()
            table = pickle.dumps([(a.dtype.str, a.shape) for a in pickler.arrays])
            try:
                self._socket.sendall(_HEADER.pack(len(table), len(body)) + table)
                for array in pickler.arrays:
                    self._socket.sendall(array.reshape(-1).view(np.uint8))
                self._socket.sendall(body)
            except OSError as error:
                raise ChannelClosed(str(error)) from error

    def receive(self) -> Any:
        """The next message; blocks until it is there. Raises ChannelClosed when the other end is gone."""
        table_size, body_size = _HEADER.unpack(self._read(bytearray(_HEADER.size)))
        arrays = [np.empty(shape, dtype) for dtype, shape in pickle.loads(self._read(bytearray(table_size)))]
        for array in arrays:
            self._read(array.reshape(-1).view(np.uint8))
        return _Unpickler(io.BytesIO(self._read(bytearray(body_size))), self._received, arrays).load()

    def _read(self, target: Any) -> Any:
        view = memoryview(target).cast("B")
        done = 0
        while done < len(view):
            try:
                count = self._socket.recv_into(view[done:], len(view) - done)
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            if count == 0:
                raise ChannelClosed("the other process closed the channel")
            done += count
        return target

    def close(self) -> None:
        """Close this end; the other end's receive, and a receive blocked here, raise ChannelClosed."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:  # already disconnected by the other end
            self._socket.close()
            return
        self._socket.close()


class Outbox:
    """Sends from a thread of its own, so that the caller (the UI thread) never waits for a pipe."""

    def __init__(self, channel: Channel) -> None:
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._channel = channel
        threading.Thread(target=self._work, name="outbox", daemon=True).start()

    def post(self, message: Any) -> None:
        """Queue a message; dropped silently once the channel is closed (its receiver reports the death)."""
        self._queue.put(message)

    def close(self) -> None:
        """Send what is queued, then end the thread."""
        self._queue.put(None)

    def _work(self) -> None:
        while (message := self._queue.get()) is not None:
            try:
                self._channel.send(message)
            except ChannelClosed:
                return


class Child:
    """A process of the lab: ``python -m module`` at the other end of a channel.

    Its standard error goes to ours and its last lines are kept, for the report of a crash. It dies with us.
    """

    def __init__(self, module: str, *, nice: int = 0, env: dict[str, str] | None = None) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, str(theirs.fileno()), str(nice)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=_ROOT,
                env={**os.environ, **(env or {})},
                start_new_session=True,  # Ctrl-C in the terminal is for the parent, which ends its children itself
            )
        self.channel = Channel(ours)
        self._tail: deque[str] = deque(maxlen=40)
        self._reader = threading.Thread(target=self._read_errors, name=f"{module} stderr", daemon=True)
        self._reader.start()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                self._tail.append(line.decode(errors="replace").rstrip())

    def errors(self) -> str:
        """The last lines that the process wrote to standard error; after its death, all of them."""
        if self.process.poll() is not None:
            self._reader.join(timeout=1.0)
        return "\n".join(self._tail)

    def close(self, grace: float = 2.0) -> int:
        """Close the channel, wait ``grace`` seconds, then kill. Returns the exit status."""
        self.channel.close()
        try:
            return self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def child_channel() -> Channel:
    """In the child: its end of the channel, from the command line; also sets its priority and ties its life to ours."""
    if sys.platform == "linux":
        set_death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
    os.nice(int(sys.argv[2]))
    return Channel(socket.socket(fileno=int(sys.argv[1])))
