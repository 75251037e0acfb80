"""The project keeps its own conventions: layers, keys, contracts, one text for every engine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import pytest
import yaml
from warehouses import PROJECT, Warehouse, made_once

Node = dict[str, Any]

# What a layer may read, and so may what stands beside the layers; `source` is raw data.
LAYERS = {
    "staging": {"source", "staging"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"staging", "intermediate", "marts", "seed", "snapshot"},
    "snapshot": {"staging"},
    "semantic_model": {"marts"},
    "exposure": {"marts", "seed"},
    "test": {"staging", "intermediate", "marts", "seed", "snapshot"},
    # The queries that the source documents are asked with today stand beside what answers them here.
    "analysis": {"source", "marts"},
}

# How the models of a layer are named, and the schemas that they may lie in.
NAMES = {
    "staging": r"stg_[a-z0-9_]+__[a-z0-9_]+",
    "intermediate": r"int_[a-z0-9_]+",
    "marts": r"(?!stg_|int_)[a-z0-9_]+",
}
RESTRICTED = "coco_restricted"
SCHEMAS = {
    "staging": {"coco_staging"},
    "intermediate": {"coco_intermediate", RESTRICTED},
    "marts": {"coco_marts", RESTRICTED},
}

# What differs between engines lives in macros/: what a model's text must not hold, and what it is.
ENGINE_SPECIFIC = {
    r"->": "a JSON operator",
    r"::": "a cast that not every engine spells so",
}
# The same for its text outside of Jinja, where the names of macros stand.
ENGINE_SPECIFIC_SQL = {
    r"\b(json|jsonb)_\w+\s*\(|\bget_json_object\b|\bfrom_json\b|\bvariant_get\b": "a JSON function",
    r"\btry_\w+\s*\(": "a cast that hides what it could not read",
    r"\bstr[pf]time\b|\bto_(timestamp|date|char)\b|\bdate_format\b": "text to or from time",
    r"\bregexp_\w+|\bsimilar to\b|\brlike\b|\s~\s": "a pattern function",
    r"\bunnest\b|\bexplode\b|\blateral\b|\bgenerate_series\b|\brange\s*\(": "rows made from values",
    r"\b(list|array|struct)_\w+\s*\(": "an array or struct function",
    r"\b(float|double|real)\b": "floating point",
    r"\bqualify\b|\bexclude\s*\(|\bdistinct\s+on\b|\bilike\b": "a clause that some engines lack",
}


@pytest.fixture(scope="module")
def manifest(run_folder: Path, warehouse_at: Callable[[str, Path], Warehouse]) -> Node:
    """The manifest of a parse, which needs no database."""

    def parse(folder: Path) -> None:
        warehouse_at("duckdb", folder).dbt("parse").assert_succeeded()

    return warehouse_at("duckdb", made_once(run_folder / "parsed", parse)).manifest()


@pytest.fixture(scope="module")
def models(manifest: Node) -> list[Node]:
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert found
    return found


def layer_of(node: Node) -> str:
    """The layer of a model (its folder under models/), or what else the node is."""
    return str(node["fqn"][1]) if node["resource_type"] == "model" else str(node["resource_type"])


def without_comments(text: str) -> str:
    return re.sub(r"{#.*?#}|/\*.*?\*/|--[^\n]*", "", text, flags=re.DOTALL)


def without_jinja(text: str) -> str:
    return re.sub(r"{{.*?}}|{%.*?%}", "", text, flags=re.DOTALL)


def assert_none(wrong: Iterable[object]) -> None:
    """Fail with what is wrong, one a line."""
    assert not (lines := [str(line) for line in wrong]), "\n" + "\n".join(lines)


def test_a_model_says_its_grain_first(models):
    assert_none(node["name"] for node in models if not node["description"].startswith("One row per "))


def test_a_model_has_a_primary_key_test(manifest, models):
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "primary_key"
        and node["config"]["severity"].lower() == "error"
        and not node["config"]["where"]
    }
    assert_none(node["name"] for node in models if node["unique_id"] not in tested)


def test_a_model_describes_its_columns(models):
    assert_none(node["name"] for node in models if not node["columns"])
    assert_none(
        f"{node['name']}.{column['name']}"
        for node in models
        for column in node["columns"].values()
        if not column["description"]
    )


def test_a_models_columns_are_those_described(duckdb_warehouse, models):
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in duckdb_warehouse.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
    ):
        found.setdefault((schema, table), []).append(column)
    wrong = []
    for node in models:
        built = found.get((node["schema"], node["name"]), [])
        if sorted(built) != sorted(node["columns"]):
            wrong.append(f"{node['name']}: {sorted(set(built) ^ set(node['columns']))}")
    assert_none(wrong)


def test_a_mart_has_an_enforced_contract(models):
    marts = [node for node in models if layer_of(node) == "marts"]
    assert marts
    assert_none(node["name"] for node in marts if not node["config"]["contract"]["enforced"])
    assert_none(
        f"{node['name']}.{column['name']}"
        for node in marts
        for column in node["columns"].values()
        if not column["data_type"]
    )


def test_a_marts_column_tells_its_type_by_its_name(models):
    types_of_names = {"_cents": "bigint", "_bps": "bigint", "_at": "timestamp", "_date": "date"}
    names_of_types = {"timestamp": "_at", "date": "_date"}
    wrong = []
    for node in models:
        for column in node["columns"].values() if layer_of(node) == "marts" else []:
            name, data_type = column["name"], column["data_type"]
            expected = [type_ for suffix, type_ in types_of_names.items() if name.endswith(suffix)]
            if name.startswith(("is_", "has_")):
                expected = ["boolean"]
            if expected and data_type != expected[0]:
                wrong.append(f"{node['name']}.{name} is {data_type}, not {expected[0]}")
            if not name.endswith(names_of_types.get(data_type, "")):
                wrong.append(f"{node['name']}.{name} is {data_type}: end it in {names_of_types[data_type]}")
            if re.search("float|double|real", data_type or ""):
                wrong.append(f"{node['name']}.{name} is {data_type}, which no amount may touch")
    assert_none(wrong)


def reads(manifest: Node) -> list[tuple[Node, Node]]:
    """What reads a table, and the table: models, tests, snapshots, analyses, exposures and semantic models."""
    tables = {**manifest["nodes"], **manifest["sources"]}
    kinds = ("nodes", "exposures", "semantic_models")
    readers = [node for kind in kinds for node in manifest[kind].values()]
    return [(node, tables[name]) for node in readers for name in node["depends_on"].get("nodes", []) if name in tables]


def test_a_layer_reads_only_what_it_may(manifest):
    found = reads(manifest)
    assert {layer_of(node) for node, _ in found} == set(LAYERS)
    assert_none(
        f"{node['name']} ({layer_of(node)}) reads {table['name']} ({layer_of(table)})"
        for node, table in found
        if layer_of(table) not in LAYERS[layer_of(node)]
    )


def test_a_model_is_named_and_lies_as_its_layer(models):
    assert_none(
        f"{node['name']} ({layer_of(node)}) in {node['schema']}"
        for node in models
        if not re.fullmatch(NAMES[layer_of(node)], node["name"]) or node["schema"] not in SCHEMAS[layer_of(node)]
    )


def test_staging_is_views_without_joins(models):
    staging = [node for node in models if layer_of(node) == "staging"]
    assert staging
    for node in staging:
        text = without_comments((PROJECT / node["original_file_path"]).read_text(encoding="utf-8"))
        assert node["config"]["materialized"] == "view", node["name"]
        assert not re.search(r"\bjoin\b", text), node["name"]


def test_what_is_restricted_stays_among_models(manifest):
    # A model that parses personal leaves is restricted, and those that read it leave them out (test_no_personal_data.py
    # sees that they do); the marts that hold them are for the few who may see them, and for nothing that is built.
    found = [(node, table) for node, table in reads(manifest) if table["schema"] == RESTRICTED]
    assert any(layer_of(table) == "marts" for _, table in found)
    assert_none(
        f"{node['name']} ({layer_of(node)}) reads {table['name']} ({layer_of(table)}, {RESTRICTED})"
        for node, table in found
        if layer_of(node) != "test" and (node["resource_type"] != "model" or layer_of(table) == "marts")
    )


def test_no_test_keeps_the_rows_that_it_finds(manifest):
    # They would be a copy of raw data, in a schema that nobody restricts.
    assert_none(
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node["config"]["store_failures"] is not False
    )


def test_every_raw_table_is_staged(manifest, models):
    read = {parent for node in models for parent in node["depends_on"]["nodes"]}
    assert_none(source for source in manifest["sources"] if source not in read)


def test_a_staging_model_reads_one_raw_table(manifest, models):
    for node in models:
        sources = [parent for parent in node["depends_on"]["nodes"] if parent in manifest["sources"]]
        assert layer_of(node) != "staging" or len(sources) == 1, f"{node['name']} reads {sources}"


def test_every_seed_is_described_and_typed(manifest):
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    assert {node["name"] for node in seeds} == {file.stem for file in (PROJECT / "seeds").glob("*.csv")}
    for node in seeds:
        header = (PROJECT / node["original_file_path"]).read_text(encoding="utf-8").splitlines()[0].split(",")
        assert node["description"].startswith("One row per "), node["name"]
        assert sorted(node["columns"]) == sorted(header), node["name"]
        assert all(column["description"] for column in node["columns"].values()), node["name"]
        assert sorted(node["config"]["column_types"]) == sorted(header), node["name"]


def test_dated_terms_are_read_as_they_were_known(manifest, models):
    dated = {
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "seed" and {"valid_from", "recorded_on"} <= node["columns"].keys()
    }
    read = {(node["name"], parent) for node in models for parent in dated.intersection(node["depends_on"]["nodes"])}
    assert_none(sorted(read - {(f"int_{name.rsplit('.')[-1]}", name) for name in dated}))
    assert {parent for _, parent in read} == dated


def test_every_source_says_when_it_is_stale(manifest):
    sources = manifest["sources"].values()
    assert_none(source["unique_id"] for source in sources if not source["loaded_at_field"])
    # What coco load has done is a log of loads, not data that could be late.
    assert_none(
        source["unique_id"]
        for source in sources
        if source["source_name"] != "coco_load" and not (source["freshness"] or {}).get("warn_after", {}).get("count")
    )


def test_models_are_written_for_every_engine():
    files = sorted(PROJECT.glob("models/**/*.sql"))
    assert files
    wrong = []
    for file in files:
        text = without_comments(file.read_text(encoding="utf-8")).lower()
        for patterns, searched in [(ENGINE_SPECIFIC, text), (ENGINE_SPECIFIC_SQL, without_jinja(text))]:
            for pattern, what in patterns.items():
                for match in re.finditer(pattern, searched):
                    wrong.append(f"{file.relative_to(PROJECT)}: {match.group().strip()} is {what}")
    assert_none(wrong)


def test_an_input_keeps_its_own_name_where_it_is_read():
    """`dbt build --empty` writes a name of its own after each input, and PostgreSQL takes no second one."""
    named_again = re.compile(r"\{\{\s*((?:ref|source)\([^)]*\)|model|to)\s*\}\}[ \t]+as\b")
    folders = ("models", "macros", "tests/laws", "tests/seeds", "tests/generic")
    files = [file for folder in folders for file in sorted(PROJECT.glob(f"{folder}/**/*.sql"))]
    assert files
    assert_none(
        f"{file.relative_to(PROJECT)}: {match.group()}"
        for file in files
        for match in named_again.finditer(file.read_text(encoding="utf-8"))
    )


def test_models_end_in_one_plain_select():
    assert_none(
        file.relative_to(PROJECT)
        for file in sorted(PROJECT.glob("models/**/*.sql"))
        if not re.fullmatch(r"select \* from \w+", file.read_text(encoding="utf-8").rstrip().splitlines()[-1])
    )


def test_dbt_sends_nothing_and_takes_every_strict_flag():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["require-dbt-version"]
    assert project["flags"]["send_anonymous_usage_stats"] is False
    assert_none(name for name, value in project["flags"].items() if name.startswith("require_") and not value)


def git(*arguments: str) -> list[str]:
    """Names of files that git lists."""
    command = ["git", *arguments, "-z"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so nothing says which files belong to the project")
    return [name for name in listed.stdout.split("\0") if name]


def test_nothing_of_a_machine_is_in_the_project():
    folders = "|".join(["work", "farm", "home", "root", "Users", "mnt", "opt"])
    registries = "|".join(["py" + r"pi\.", "python" + "hosted", "artifact" + "ory", "index" + "-url"])
    pattern = re.compile(rf"(?<![\w.~:/}}-])/(?:{folders})/[A-Za-z.]|{registries}", re.IGNORECASE)
    wrong = []
    for name in git("ls-files"):
        if not (PROJECT / name).is_file():  # deleted, and not yet committed
            continue
        text = (PROJECT / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line):
                wrong.append(f"{name}:{number}: {line.strip()[:120]}")
    assert_none(wrong)


def test_what_is_made_is_not_tracked():
    assert_none(git("ls-files", "--cached", "--ignored", "--exclude-standard"))


def locked_versions() -> dict[str, str]:
    lines = (PROJECT / "requirements.lock").read_text(encoding="utf-8").split()
    return dict(line.split("==") for line in lines)


def test_every_requirement_is_locked():
    locked = locked_versions()
    for line in (PROJECT / "requirements.in").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, wanted = line.lower().partition("==")
            assert name in locked
            assert not wanted or locked[name] == wanted


def test_the_environment_is_the_lock():
    locked = locked_versions()
    assert {name: version(name) for name in locked} == locked


def test_the_dbt_command_is_this_projects():
    # Installed after dbt-core, or dbt-core's own command stands in its place.
    command = (Path(sys.executable).parent / "dbt").read_text(encoding="utf-8")
    assert "coco_warehouse.dbt_command" in command


def required_packages(file: str) -> set[str]:
    """The names of the packages that a file of requirements asks for."""
    lines = (PROJECT / file).read_text(encoding="utf-8").lower().splitlines()
    return {line.partition("==")[0] for line in lines if line and not line.startswith("#")}


def test_every_import_is_required():
    imported: dict[str, set[str]] = defaultdict(set)
    for file in [*PROJECT.glob("coco_warehouse/**/*.py"), *PROJECT.glob("tests/python/*.py")]:
        # run by the Python of Spark's environment
        requirements = "requirements-spark.in" if file.name == "spark_commands.py" else "requirements.in"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.append(node.module)
            imported[requirements] |= {name.partition(".")[0] for name in names}
    own = {"coco_warehouse", *(file.stem for file in PROJECT.glob("tests/python/*.py"))}
    # what is not installed here bears the name of its package
    packages = packages_distributions()
    assert_none(
        f"{name}: none of {packages.get(name, [name])} is in {requirements}"
        for requirements, names in imported.items()
        for name in sorted(names - own - sys.stdlib_module_names)
        if not {package.lower().replace("_", "-") for package in packages.get(name, [name])}
        & required_packages(requirements)
    )


def test_dlt_sends_nothing():
    # dlt reads its settings when it is first asked for them, so this looks in a process of its own.
    program = (
        "import coco_warehouse.load\n"
        "from dlt.common.configuration.resolve import resolve_configuration\n"
        "from dlt.common.configuration.specs import RuntimeConfiguration\n"
        "print(resolve_configuration(RuntimeConfiguration()).dlthub_telemetry)\n"
    )
    shown = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False"]


def test_the_default_warehouse_has_its_folder():
    # DuckDB makes its file and not the folder: without it a first build on a clean clone fails.
    profile = (PROJECT / "profiles.example.yml").read_text(encoding="utf-8")
    (path,) = re.findall(r"COCO_DUCKDB_PATH', '([^']+)'", profile)
    assert any(Path(name).parent == Path(path).parent for name in git("ls-files"))
