"""How fast order documents become columns, against other ways and against the engine's own check of the same bytes.

    python benchmarks/flatten.py [DOCUMENTS] [--postgres] [--repeat TIMES]

The documents are those of `coco simulate`, landed by `coco load`. What is timed of the project are the statements that
dbt compiles from the models, each written to a table as dbt does; dbt's own start-up is not in it. Every way works on
the same landed column, and all are run in turn, several times over; the medians are compared.

- "financials" is the part of the document that `order_financials` holds: the objects, amounts, flags and texts below
  rawPlatformFinancials and the order's id, with every check, by the macro that parses the whole document too. (The
  project itself parses each document once for all marts, into int_order_documents, and does not run this statement.)
- "document" is int_order_documents: all leaves outside arrays, with every check.
- "whole" is that and all models that open arrays: items, modifiers to any depth, consumers, promotions and so on.

The other ways check nothing: one JSON extraction a column with a cast, from the landed text (on PostgreSQL also from
text made jsonb once); pandas and Polars from the documents as Python strings, given for nothing. They open
one level of modifiers. pandas and Polars are skipped where they are not installed (benchmarks/requirements.txt).

The floor is the engine's own validity check of each document: json_valid on DuckDB, IS JSON on PostgreSQL.
"""

import argparse
import contextlib
import io
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warehouses import PROJECT, Warehouse, seconds, warehouses

from coco_warehouse.load import load_paths
from coco_warehouse.simulate import simulate

Ways = dict[tuple[str, str], Callable[[], object]]

FLOORS = {
    "duckdb": "select count(*) from order_api.order_documents where json_valid(document)",
    "postgres": "select count(*) from order_api.order_documents where document is json",
}

# Arrays of the document: path, and the macro that declares the leaves of their elements.
ARRAYS = [
    ("details.items", "order_item_leaves"),
    ("details.promotions", "order_promotion_leaves"),
    ("details.consumers", "consumer_leaves"),
    ("rawPlatformFinancials.payments.paymentMethods", "payment_method_leaves"),
    ("rawPlatformFinancials.promotions.appliedDiscounts", "applied_discount_leaves"),
    ("rawPlatformFinancials.promotions.coupons", "coupon_leaves"),
    ("rawPlatformFinancials.promotions.platformPromotions", "platform_promotion_leaves"),
    ("rawPlatformFinancials.taxRemittance.platformTaxRemittance", "money_breakdown_leaves"),
    ("rawPlatformFinancials.taxRemittance.restaurantTaxRemittance", "money_breakdown_leaves"),
    ("rawPlatformFinancials.taxRemittance.courierTaxRemittance", "money_breakdown_leaves"),
    ("rawPlatformFinancials.taxRemittance.eaterTaxRemittance", "money_breakdown_leaves"),
]

# Arrays in the elements of these: path, the elements' member, and the macro.
INNER_ARRAYS = [
    ("details.items", "modifiers", "order_modifier_leaves"),
    ("rawPlatformFinancials.promotions.platformPromotions", "fundingSplits", "funding_split_leaves"),
    ("rawPlatformFinancials.promotions.platformPromotions", "discountItems", "discount_item_leaves"),
]

ARRAY_MODELS = [
    *("items", "modifiers", "promotions", "consumers", "payment_methods", "tax_remittances", "applied_discounts"),
    *("loyalty_rewards", "coupons", "platform_promotions", "promotion_items", "promotion_funding"),
]

FINANCIAL_LEAVES = """
{%- set leaves = [] -%}
{%- for leaf in order_document_leaves() if leaf[0].split('.')[0] in ('id', 'rawPlatformFinancials') -%}
    {%- if leaf[1] != 'array' -%}{%- do leaves.append(leaf) -%}{%- endif -%}
{%- endfor -%}
"""

FINANCIALS = f"""{FINANCIAL_LEAVES}
with complete as (
    select document_id, case when document_error is null then document end as document from order_api.order_documents
)
select * from ({{{{ parse_leaves('complete', ['document_id'], 'document', leaves) }}}}) as parsed
"""

# One extraction a leaf from the text SOURCE, which PostgreSQL reads as TYPE, cast to the type of the leaf's column.
EXTRACTIONS = """
{%- set sql_types = {'cents': 'bigint', 'number': 'decimal(28, 9)', 'boolean': 'boolean', 'time': 'timestamptz'} -%}
select
    document_id
    {%- for leaf in leaves -%}
    {%- set sql_type = sql_types.get(leaf[1], 'text') -%}
    {%- if target.type == 'duckdb' -%}
    , cast(json_extract_string(SOURCE, '$.{{ leaf[0] }}') as {{ sql_type }})
    {%- else -%}
    , cast(SOURCE::TYPE #>> '{ {{- leaf[0] | replace('.', ',') -}} }' as {{ sql_type }})
    {%- endif %} as column_{{ loop.index }}
    {%- endfor %}
"""


def elements(engine: str, source: str, path: str, json_type: str) -> str:
    """The SQL that opens an array in a from clause, the way a package does."""
    alias = path.replace(".", "_").lower()
    if engine == "duckdb":
        return f"cross join lateral (select unnest(json_extract({source}, '$.{path}[*]')) as element) as {alias}"
    steps = path.replace(".", ",")
    # by way of text, where a JSON null is none
    array = f"cast({source}::{json_type} #>> '{{{steps}}}' as {json_type})"
    return f"cross join lateral {json_type}_array_elements({array}) as {alias} (element)"


def extraction_statements(warehouse: Warehouse, json_type: str, whole: bool) -> list[str]:
    """One extraction a column. `json_type` is what PostgreSQL reads the text as."""
    table = "order_api.order_documents"
    if json_type == "jsonb":
        table = "(select document_id, document::jsonb as document from order_api.order_documents offset 0) as read_once"
    engine = warehouse.engine
    select = EXTRACTIONS.replace("TYPE", json_type)

    def template(macro: str, source: str, froms: str) -> str:
        return f"{{%- set leaves = {macro}() -%}}{select.replace('SOURCE', source)} from {froms}"

    if not whole:
        return warehouse.compiled([f"{FINANCIAL_LEAVES}{select.replace('SOURCE', 'document')} from {table}"])
    templates = [template("order_document_leaves", "document", table)]
    for path, macro in ARRAYS:
        templates.append(template(macro, "element", f"{table} {elements(engine, 'document', path, json_type)}"))
    for path, inner, macro in INNER_ARRAYS:
        opened = f"{table} {elements(engine, 'document', path, json_type)}"
        outer = f"(select document_id, element as parent from {opened}) as outside"
        templates.append(template(macro, "element", f"{outer} {elements(engine, 'parent', inner, json_type)}"))
    return warehouse.compiled(templates)


def project_statements(warehouse: Warehouse) -> dict[str, list[str]]:
    """What the models run, by part. Builds the models once, since each reads those before it."""
    models = ["int_order_documents", *(f"int_order_{name}" for name in ARRAY_MODELS)]
    results = warehouse.dbt("run", "--select", "+int_order_documents", *models).results
    code = {result.node.name: result.node.compiled_code for result in results if result.node.name in models}
    return {
        "financials": warehouse.compiled([FINANCIALS]),
        "document": [code["int_order_documents"]],
        "whole": [code[model] for model in models],
    }


def engine_statements(warehouse: Warehouse) -> dict[tuple[str, str], list[str]]:
    """What runs in the engine, by part and way, apart from the floor."""
    statements = {(part, "project, with checks"): own for part, own in project_statements(warehouse).items()}
    for part in ("financials", "whole"):
        whole = part == "whole"
        statements[part, "an extraction a column"] = extraction_statements(warehouse, "json", whole)
        if warehouse.engine == "postgres":
            statements[part, "the same, jsonb made once"] = extraction_statements(warehouse, "jsonb", whole)
    return statements


def engine_ways(statements: dict[tuple[str, str], list[str]], cursor: Any) -> Ways:
    """The statements as work to be timed, each written to a table as dbt does."""

    def run(parts: list[str]) -> Callable[[], None]:
        def work() -> None:
            for statement in parts:
                cursor.execute("drop table if exists flattened")
                cursor.execute(f"create temp table flattened as {statement}")

        return work

    return {way: run(parts) for way, parts in statements.items()}


def engine_floor(engine: str, cursor: Any) -> Callable[[], None]:
    """The engine's own check of every document, counted only."""

    def check() -> None:
        cursor.execute(FLOORS[engine])
        cursor.fetchall()

    return check


def at(element: Any, path: str) -> Any:
    """What stands at a path of a parsed document, or nothing."""
    for step in path.split("."):
        element = element.get(step) if isinstance(element, dict) else None
    return element


def python_ways(documents: list[str]) -> Ways:
    """pandas and Polars, as far as they are installed."""
    ways: Ways = {}
    try:
        import pandas

        def pandas_financials() -> None:
            pandas.json_normalize([at(json.loads(text), "rawPlatformFinancials") or {} for text in documents])

        def pandas_whole() -> None:
            parsed = [json.loads(text) for text in documents]
            pandas.json_normalize(parsed)
            for path, _ in ARRAYS:
                pandas.json_normalize([element for document in parsed for element in at(document, path) or []])
            for path, inner, _ in INNER_ARRAYS:
                outer = (element for document in parsed for element in at(document, path) or [])
                pandas.json_normalize([element for parent in outer for element in parent.get(inner) or []])

        ways["financials", "pandas json_normalize"] = pandas_financials
        ways["whole", "pandas json_normalize"] = pandas_whole
    except ImportError:
        print("pandas is not installed (benchmarks/requirements.txt): skipped.")
    try:
        import polars

        def flat(frame: Any) -> Any:
            while structs := [name for name, kind in frame.schema.items() if isinstance(kind, polars.Struct)]:
                frame = frame.unnest(structs, separator=".")
            return frame

        def read() -> Any:
            return polars.read_ndjson(io.StringIO("\n".join(documents)), infer_schema_length=None)

        def opened(frame: Any, column: str) -> Any:
            return flat(frame.select(polars.col(column).alias("element")).explode("element").drop_nulls())

        def polars_whole() -> None:
            root = flat(read())
            for path, _ in ARRAYS:
                if isinstance(root.schema.get(path), polars.List):
                    rows = opened(root, path)
                    for outer, inner, _ in INNER_ARRAYS:
                        if outer == path and isinstance(rows.schema.get(f"element.{inner}"), polars.List):
                            opened(rows, f"element.{inner}")

        ways["financials", "Polars read_ndjson"] = lambda: flat(read().select("id", "rawPlatformFinancials"))
        ways["whole", "Polars read_ndjson"] = polars_whole
    except ImportError:
        print("Polars is not installed (benchmarks/requirements.txt): skipped.")
    return ways


def medians(floor: Callable[[], object], ways: Ways, repeat: int) -> tuple[float, dict[tuple[str, str], float]]:
    """Run the ways in turn, several times over, so that a busy moment of the machine strikes all alike.

    Before each the floor is run twice and timed once: whatever ran before has emptied the processor's caches, and would
    otherwise make the floor, which is the shortest, look slow and all else look fast.
    """
    floors: list[float] = []
    times: dict[tuple[str, str], list[float]] = {way: [] for way in ways}
    for _ in range(repeat):
        for way, work in ways.items():
            floor()
            floors.append(seconds(floor))
            times[way].append(seconds(work))
    return statistics.median(floors), {way: statistics.median(measured) for way, measured in times.items()}


def report(engine: str, count: int, floor: float, measured: dict[tuple[str, str], float]) -> None:
    """Print each way as a multiple of the floor, and how many times faster the project is."""
    print(f"\n{engine}, {count:,} documents\n{'part':12}{'way':28}{'times the floor':>17}{'times the project':>19}")
    for part in ("financials", "document", "whole"):
        own = measured[part, "project, with checks"]
        for (measured_part, way), time in measured.items():
            if measured_part == part:
                print(f"{part:12}{way:28}{time / floor:17.1f}{time / own:19.1f}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", type=int, default=20_000, help="how many documents (20000)")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL too, on an embedded server")
    parser.add_argument("--repeat", type=int, default=3, help="how often each way is run (3)")
    arguments = parser.parse_args()
    engines = ["duckdb", "postgres"] if arguments.postgres else ["duckdb"]
    with tempfile.TemporaryDirectory(prefix="coco-benchmark-") as name, warehouses(Path(name), engines, 2, {}) as made:
        # An order is received as 2.2 documents on average: more than enough are made, and the rest is left out.
        simulate(Path(name) / "sample", orders=arguments.documents // 2 + 1, project_dir=PROJECT)
        received = Path(name) / "received.ndjson"
        files = sorted((Path(name) / "sample" / "raw" / "order_documents").glob("*.ndjson"))
        lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()][
            : arguments.documents
        ]
        received.write_text("\n".join(lines) + "\n", encoding="utf-8")
        texts = [json.loads(line)["body"] for line in lines]
        rivals = python_ways(texts)
        for warehouse in made:
            load_paths([received], warehouse.target)
            statements = engine_statements(warehouse)
            with contextlib.closing(warehouse.connect()) as connection:
                cursor = connection.cursor()
                ways = engine_ways(statements, cursor) | rivals
                floor, measured = medians(engine_floor(warehouse.engine, cursor), ways, arguments.repeat)
                report(warehouse.engine, len(lines), floor, measured)


if __name__ == "__main__":
    main()
