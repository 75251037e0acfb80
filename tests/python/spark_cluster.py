"""A standalone Spark cluster on this machine, for the tests: a master and two workers, on the loopback address."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from warehouses import PROJECT

SPARK_ENVIRONMENT = PROJECT / ".venv-spark"
LOOPBACK = "127.0.0.1"
WORKERS = 2
START_SECONDS = 120

# For a sample: Spark's own defaults compile each query, then its code once more, and plan it anew between its stages,
# for millions of rows.
SMALL_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
DEFAULTS = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.defaultJavaOptions": SMALL_JAVA,
    "spark.executor.defaultJavaOptions": SMALL_JAVA,
    "spark.driver.memory": "1g",
    "spark.executor.memory": "1g",
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.eventLog.rolling.enabled": "false",
}


@dataclass(frozen=True)
class SparkCluster:
    """A running cluster: `folder` holds its logs and settings, `environment` is what Spark's programs start with."""

    folder: Path
    url: str
    environment: Mapping[str, str]

    def run(self, script: Path, *arguments: str, seconds: float, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a Python script in the environment .venv-spark, with this cluster as its master."""
        return subprocess.run(
            [str(SPARK_ENVIRONMENT / "bin" / "python"), str(script), *arguments],
            cwd=self.folder,
            env={**self.environment, "COCO_SPARK_MASTER": self.url, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def tasks_by_worker(self) -> Counter[str]:
        """Count the tasks that each worker has ended, by the id that it has at the master."""
        workers: dict[str, str] = {}
        tasks: Counter[str] = Counter()
        for log in (self.folder / "events").iterdir():
            for line in log.open(encoding="utf-8"):
                event = json.loads(line)
                if event["Event"] == "SparkListenerExecutorAdded":
                    attributes = event["Executor Info"]["Log Urls"]["stdout"]
                    workers[event["Executor ID"]] = attributes.split("/logPage")[0]
                elif event["Event"] == "SparkListenerTaskEnd":
                    tasks[workers[event["Task Info"]["Executor ID"]]] += 1
        return tasks


@contextmanager
def running_cluster(folder: Path) -> Iterator[SparkCluster]:
    """Start a master and two workers of one core and 1 GB each; stop them, and what they started, in the end."""
    spark_home = _spark_home()
    settings = folder / "conf"
    shutil.copytree(spark_home / "conf", settings)
    (folder / "events").mkdir()
    defaults = {**DEFAULTS, "spark.eventLog.dir": (folder / "events").as_uri()}
    lines = [f"{name} {value}\n" for name, value in defaults.items()]
    (settings / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
    environment = {**os.environ, "SPARK_CONF_DIR": str(settings), "SPARK_LOCAL_IP": LOOPBACK}
    port = _free_port()
    cluster = SparkCluster(folder, f"spark://{LOOPBACK}:{port}", environment)

    processes: list[subprocess.Popen[bytes]] = []
    try:
        master = ("--host", LOOPBACK, "--port", str(port), "--webui-port", "0")
        processes.append(_start(spark_home, "master.Master", master, folder / "master.log", environment))
        _await_port(port, processes[0], folder / "master.log")
        for number in range(1, WORKERS + 1):
            worker = ("--host", LOOPBACK, "--webui-port", "0", "--cores", "1", "--memory", "1g")
            worker = (*worker, "--work-dir", str(folder / f"worker_{number}"), cluster.url)
            processes.append(_start(spark_home, "worker.Worker", worker, folder / f"worker_{number}.log", environment))
        yield cluster
    finally:
        for process in reversed(processes):
            _stop(process)


def _spark_home() -> Path:
    found = list(SPARK_ENVIRONMENT.glob("lib/python*/site-packages/pyspark"))
    assert found, "The environment of the target spark is not there: make spark"
    return found[0]


def _start(
    spark_home: Path, program: str, arguments: Sequence[str], log: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    command = [str(spark_home / "bin" / "spark-class"), f"org.apache.spark.deploy.{program}", *arguments]
    with log.open("wb") as output:
        # A group of its own, so that what a worker starts can be stopped with it.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**environment, "SPARK_HOME": str(spark_home)},
            start_new_session=True,
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        time.sleep(0.2)
    raise AssertionError(f"Spark's master did not start in {START_SECONDS} s:\n{log.read_text(encoding='utf-8')}")
