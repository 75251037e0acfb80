"""The SQL is written as .sqlfluff says, Jinja and all, judged by sqlfluff with its templater for dbt."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from warehouses import PROJECT

LINTED = ("models", "analyses", "snapshots", "tests/laws", "tests/macros", "tests/seeds")

# Reading a document's leaves takes thousands of lines of generated SQL, which the linter parses for minutes and then
# says nothing of, since it judges what is written in a file. In their place it is given the columns that they yield.
PLAIN_LEAVES = """
{% macro plain_leaves(from_relation, keys, document, leaves) %}
{%- set not_needed = varargs %}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    {%- for leaf in leaves %}
    "{{ leaf_column(leaf[0]) }}",
    {%- endfor %}
    rejecting_findings,
    other_findings
from {{ from_relation }}
{% endmacro %}
"""


def copy_of_project(folder: Path) -> Path:
    """The project with plain_leaves instead of what reads the leaves of documents."""
    for part in (*LINTED, "macros", "seeds", "tests/generic"):
        shutil.copytree(PROJECT / part, folder / part)
    for file in ("dbt_project.yml", ".sqlfluff"):
        shutil.copy(PROJECT / file, folder)
    shutil.copy(PROJECT / "profiles.example.yml", folder / "profiles.yml")
    macros = folder / "macros" / "documents" / "parse_leaves.sql"
    dispatched = r"adapter\.dispatch\('parse_\w*leaves', 'coco_warehouse'\)"
    text, replaced = re.subn(dispatched, "plain_leaves", macros.read_text())
    assert replaced == 3
    macros.write_text(text + PLAIN_LEAVES)
    return folder


def test_the_sql_is_clean(tmp_path):
    project = copy_of_project(tmp_path)
    linted = subprocess.run(
        [Path(sys.executable).parent / "sqlfluff", "lint", "--disable-progress-bar", "--processes", "2", *LINTED],
        cwd=project,
        env={**os.environ, "COCO_TARGET": "dev", "COCO_DUCKDB_PATH": ":memory:"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
