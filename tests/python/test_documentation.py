"""The documentation names what is there: every class, every page, every command."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml
from click import Context
from warehouses import PROJECT

from coco_warehouse import journal_export
from coco_warehouse.cli import main
from coco_warehouse.workbook import columns

PAGES = sorted(PROJECT.glob("docs/*.md"))
README = PROJECT / "README.md"
EXPOSURES = PROJECT / "models" / "exposures" / "_finance.yml"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_class_has_its_section_with_an_example_and_what_to_do() -> None:
    with (PROJECT / "seeds" / "break_classes.csv").open(encoding="utf-8", newline="") as file:
        classes = [(row["code"], row["break_class"], row["handling"] == "accept") for row in csv.DictReader(file)]
    heading = r"^### (\w+) `(\w+)`( \(accepted\))?\n(.*?)(?=^#|\Z)"
    sections = re.findall(heading, read(PROJECT / "docs" / "finance.md"), flags=re.MULTILINE | re.DOTALL)
    assert [(code, name, bool(accepted)) for code, name, accepted, _ in sections] == classes
    for code, name, _, text in sections:
        example, _, steps = text.partition("**Do:**")
        assert re.search(r"[+\u2212][0-9]", example), f"{code} {name} has no example in cents"
        assert len(steps.split()) > 0, f"{code} {name} does not say what to do"


def test_the_readme_lists_every_page() -> None:
    linked = set(re.findall(r"\]\((docs/[a-z_]+\.md)\)", read(README)))
    assert linked == {f"docs/{page.name}" for page in PAGES}


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(page))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_commands_that_are_named_are_there(page: Path) -> None:
    text = read(page)
    blocks = re.findall(r"^(?: *|[0-9]+\. +)```\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
    named = "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])
    targets = set(re.findall(r"^([a-z]+):", read(PROJECT / "Makefile"), flags=re.MULTILINE))
    commands = set(re.findall(r"(?:^|&& )\s*coco ([a-z]+)", named, flags=re.MULTILINE))
    made = set(re.findall(r"(?:^|&& )\s*make ([a-z]+)", named, flags=re.MULTILINE))
    assert commands <= set(main.list_commands(Context(main)))
    assert made <= targets


def read_tables(queries: list[str]) -> set[str]:
    return {name for query in queries for name in re.findall(r"(?:from|join) \{(?:marts|reference)\}\.(\w+)", query)}


def test_exposures_name_every_table_that_finance_reads() -> None:
    exposures = {exposure["name"]: exposure for exposure in yaml.safe_load(read(EXPOSURES))["exposures"]}
    named = {
        name: set(re.findall(r"ref\('(\w+)'\)", " ".join(exposure["depends_on"])))
        for name, exposure in exposures.items()
    }
    journal = [journal_export.LINES, journal_export.MONTHS, journal_export.TAX_RATES]
    assert named == {
        "month_workbook": read_tables([plan.query for plan in columns.SHEETS]),
        "general_ledger_import": read_tables(journal),
    }
