"""Judging of order documents on every core.

The work is Python's, so it takes processes. They are started as programs of their own, and not through
multiprocessing, which would run the script of whoever calls `load_paths` a second time.
"""

import os
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

import pyarrow as pa

from coco_warehouse.load.documents import judge_chunk
from coco_warehouse.load.errors import LoadError

# A chunk is its first line's number, its length and its bytes; the answer its length and an Arrow stream.
_QUESTION = struct.Struct("<QQ")
_ANSWER = struct.Struct("<Q")
MAX_PROCESSES = 4


class JudgePool:
    """Processes that judge chunks of lines; a context manager that ends them."""

    def __init__(self) -> None:
        """Start one process a core."""
        self._size = min(os.cpu_count() or 1, MAX_PROCESSES)
        # The package is found by the processes wherever it was found here.
        search_path = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, search_path))}
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-c", "from coco_warehouse.load.judge import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )
            for _ in range(self._size)
        ]
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(self._size)

    def __enter__(self) -> "JudgePool":
        """Use the processes."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the processes."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.communicate()

    def judge(self, chunks: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Judge chunks, a few ahead of the one that is waited for.

        Args:
            chunks: the number of a chunk's first line, and its bytes; see `judge_chunk`.

        Yields:
            The length of each chunk, in bytes, and its batch, in the order of the chunks.

        Raises:
            LoadError: a process ended before its answer.
        """
        waiting: deque[tuple[int, Future[pa.RecordBatch]]] = deque()
        for first_row, chunk in chunks:
            waiting.append((len(chunk), self._threads.submit(self._ask, first_row, chunk)))
            if len(waiting) > self._size:
                length, answer = waiting.popleft()
                yield length, answer.result()
        for length, answer in waiting:
            yield length, answer.result()

    def _ask(self, first_row: int, chunk: bytes) -> pa.RecordBatch:
        process = self._idle.get()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(_QUESTION.pack(first_row, len(chunk)))
            process.stdin.write(chunk)
            process.stdin.flush()
            (length,) = _ANSWER.unpack(process.stdout.read(_ANSWER.size))
            answer = process.stdout.read(length)
        except (OSError, struct.error) as error:
            raise LoadError(
                "A process that judges order documents ended, perhaps for lack of memory; nothing was landed."
            ) from error
        finally:
            self._idle.put(process)
        with pa.ipc.open_stream(answer) as stream:
            return stream.read_next_batch()


def serve() -> None:
    """Answer the questions of a JudgePool, from standard input to standard output, until there are no more."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while header := questions.read(_QUESTION.size):
        first_row, length = _QUESTION.unpack(header)
        batch = judge_chunk(questions.read(length), first_row)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        answer = sink.getvalue()
        answers.write(_ANSWER.pack(answer.size))
        answers.write(answer)
        answers.flush()
