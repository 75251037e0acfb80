"""The project parses without a warning under the parser of dbt v2, so that its users can move the day they like."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from warehouses import PROJECT

V2_PACKAGES = PROJECT / ".venv-v2"


def parse(project: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Parse a project with dbt's v2 parser, which stands beside the environment."""
    shutil.copy(PROJECT / "profiles.example.yml", folder / "profiles.yml")
    command = ["parse", "--use-v2-parser", "--no-partial-parse", "--profiles-dir", str(folder)]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--no-use-colors"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(V2_PACKAGES),
        "PATH": f"{V2_PACKAGES / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "COCO_TARGET": "dev",
        "COCO_DUCKDB_PATH": str(folder / "parsed.duckdb"),
    }
    return subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def complaints(output: str) -> list[str]:
    return re.findall(r"^\[?(?:error|warning)\b.*", output, flags=re.MULTILINE | re.IGNORECASE)


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    assert (V2_PACKAGES / "bin").is_dir(), "dbt's v2 parser is not installed: make .venv-v2/.installed"


def test_the_project_parses_without_a_warning(tmp_path: Path) -> None:
    run = parse(PROJECT, tmp_path)
    assert "v2 parser completed" in run.stdout, run.stdout + run.stderr
    assert complaints(run.stdout + run.stderr) == []
    assert run.returncode == 0


def test_what_v2_does_not_know_is_seen(tmp_path: Path) -> None:
    """What the test above looks for, it finds: a setting where dbt v2 knows none."""
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(PROJECT / "dbt_project.yml", project)
    for name in ("models", "macros", "seeds", "tests", "analyses", "snapshots"):
        shutil.copytree(PROJECT / name, project / name)
    sources = project / "models" / "staging" / "bank" / "_sources.yml"
    text = sources.read_text(encoding="utf-8")
    misplaced = text.replace("    tables:\n", "    loaded_at_field: loaded_at\n    tables:\n", 1)
    sources.write_text(misplaced, encoding="utf-8")
    run = parse(project, tmp_path)
    assert any("loaded_at_field" in line for line in complaints(run.stdout + run.stderr)), run.stdout
