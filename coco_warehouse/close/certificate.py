"""The certificate of a close: JSON for programs, and one HTML page that loads nothing from elsewhere."""

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from jinja2 import Environment, StrictUndefined

from coco_warehouse.aging import AGING_BUCKETS
from coco_warehouse.marts import money

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Close of {{ close.period }}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 70rem; margin: 2rem auto;
    padding: 0 1.5rem; }
  h1 { font-size: 1.6rem; margin-bottom: 0; }
  h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; border-bottom: 2px solid #1b1f24; }
  h3 { font-size: 1rem; margin: 1.4rem 0 .2rem; }
  p { margin: .3rem 0; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.5rem; }
  dt { color: #57606a; }
  dd { margin: 0; }
  .wide { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; font-size: .85rem; }
  th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #d0d7de; vertical-align: top; }
  th { color: #57606a; font-weight: 600; white-space: nowrap; }
  .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  th.right, td.right { border-left: 1px solid #d0d7de; padding-left: .6rem; }
  code { font: .75rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
  .holds { color: #116329; }
  .signatures { display: grid; grid-template-columns: 1fr 1fr; gap: 3rem; margin-top: 3rem; }
  .signatures div { border-top: 1px solid #1b1f24; padding-top: .3rem; }
  @media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
</style>
</head>
<body>
<h1>Close of {{ close.period }}</h1>
{%- set warned_of = close.laws.items() | rejectattr(1, "equalto", "pass") | list %}
<p class="holds">All {{ identities | length }} identities hold, in {{ close.identities | length }} books, and
  {% if warned_of %}{{ close.laws | length - warned_of | length }} of {% else %}all {% endif -%}
  {{ close.laws | length }} laws.</p>
{%- for name, told in warned_of %}
<p>To be judged by the reviewer: <code>{{ name }}</code> {{ told }}.</p>
{%- endfor %}
<dl>
  <dt>Prepared by</dt><dd>{{ close.preparer }}</dd>
  <dt>Reviewed by</dt><dd>{{ close.reviewer }}</dd>
  <dt>Closed at</dt><dd>{{ close.closed_at[:19] }} UTC</dd>
  <dt>On what was known by</dt><dd>{{ close.as_of }} UTC</dd>
  <dt>Versions</dt><dd>coco-warehouse {{ close.versions.project }}, dbt {{ close.versions.dbt }},
    {{ close.versions.adapter }}, {{ close.versions.engine }}</dd>
</dl>

<h2>Identities</h2>
<p>Amounts of one legal entity, platform and currency each; what takes away stands below zero.</p>
{% for group in identities %}
<h3>{{ group.name }} · {{ group.says }} ({{ group.of }})</h3>
<div class="wide"><table>
<tr><th>Legal entity</th><th>Platform</th><th>Currency</th>
{%- for name in group.left %}<th class="number">{{ name }}</th>{% endfor %}
{%- for name in group.right %}<th class="number{% if loop.first %} right{% endif %}">{{ name }}</th>{% endfor %}
<th class="number right">Difference</th></tr>
{%- for proof in group.proofs %}
<tr><td>{{ proof.legal_entity or "none" }}</td><td>{{ proof.platform or "all" }}</td><td>{{ proof.currency_code }}</td>
{%- for cents in proof.left.values() %}<td class="number">{{ cents | money }}</td>{% endfor %}
{%- for cents in proof.right.values() %}<td class="number{% if loop.first %} right{% endif %}">{{ cents | money }}</td>
{%- endfor %}
<td class="number right">{{ proof.difference_cents | money }}</td></tr>
{%- endfor %}
</table></div>
{% endfor %}

<h2>Open exceptions at the end of the month</h2>
{% if close.open_exceptions %}
<div class="wide"><table>
<tr><th>Class</th><th>Currency</th>
{%- for bucket in buckets %}<th class="number">{{ bucket | replace("_", " ") }}</th>{% endfor %}
<th class="number right">Exceptions</th><th class="number">Open</th></tr>
{%- for row in exceptions %}
<tr><td>{{ row.break_class }}</td><td>{{ row.currency_code }}</td>
{%- for bucket in buckets %}
<td class="number">{{ (row.by_bucket[bucket] | money) if bucket in row.by_bucket else "" }}</td>
{%- endfor %}
<td class="number right">{{ row.count }}</td><td class="number">{{ row.open_cents | money }}</td></tr>
{%- endfor %}
</table></div>
<p>By days from the due date to the end of the month.</p>
{% else %}<p>None.</p>{% endif %}

<h2>Frozen</h2>
<div class="wide"><table>
<tr><th>Table</th><th class="number">Rows</th><th>SHA-256</th></tr>
{%- for name, table in close.frozen.tables.items() %}
<tr><td>{{ name }}</td><td class="number">{{ table.rows }}</td><td><code>{{ table.sha256 }}</code></td></tr>
{%- endfor %}
<tr><th>All</th><td></td><td><code>{{ close.frozen.hash }}</code></td></tr>
</table></div>
<p>SHA-256 of this certificate in JSON: <code>{{ certificate_hash }}</code></p>
<p>To prove both again: <code>coco close {{ close.period }} --verify close-{{ close.period }}.json</code></p>

<h2>Laws</h2>
<p>
{%- for name, status in close.laws.items() %}
<code>{{ name }}</code> {{ status }}{{ ", " if not loop.last }}
{%- endfor %}</p>

<h2>Files</h2>
<p>{{ close.files | length }} files had landed. Not read, and not counted:
  {{ close.rejected.order_documents }} order documents, {{ close.rejected.statement_rows }} statement rows,
  {{ close.rejected.bank_rows }} bank rows.</p>
<div class="wide"><table>
<tr><th>File</th><th>Kind</th><th class="number">Rows</th><th>Loaded</th><th>SHA-256</th></tr>
{%- for file in close.files %}
<tr><td>{{ file.name }}</td><td>{{ file.kind }}</td><td class="number">{{ file.rows }}</td>
<td>{{ file.loaded_at[:16] }}</td><td><code>{{ file.sha256 }}</code></td></tr>
{%- endfor %}
</table></div>

<div class="signatures"><div>{{ close.preparer }}, prepared</div><div>{{ close.reviewer }}, reviewed</div></div>
</body>
</html>
"""


def as_json(certificate: Mapping[str, Any]) -> str:
    """Write a certificate as JSON; the same certificate is the same text."""
    return json.dumps(certificate, ensure_ascii=False, indent=2) + "\n"


def as_html(certificate: Mapping[str, Any], certificate_hash: str) -> str:
    """Write a certificate as a page; `certificate_hash` is the SHA-256 of its JSON."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["money"] = money
    return environment.from_string(TEMPLATE).render(
        close=certificate,
        certificate_hash=certificate_hash,
        identities=[_group(name, list(found)) for name, found in _by(certificate["identities"], "identity")],
        exceptions=_exceptions(certificate["open_exceptions"]),
        buckets=AGING_BUCKETS,
    )


def _by(rows: list[dict[str, Any]], *keys: str) -> Any:
    return groupby(rows, key=lambda row: tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]])


def _group(name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    first = found[0]
    return {
        "name": name,
        "says": first["says"],
        "of": first["of"],
        "left": list(first["left"]),
        "right": list(first["right"]),
        "proofs": found,
    }


def _exceptions(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each class and currency, with the open cents of each bucket."""
    grouped = []
    for (break_class, currency), found in _by(rows, "break_class", "currency_code"):
        parts = list(found)
        grouped.append(
            {
                "break_class": break_class,
                "currency_code": currency,
                "by_bucket": {part["aging_bucket"]: part["open_cents"] for part in parts},
                "count": sum(part["count"] for part in parts),
                "open_cents": sum(part["open_cents"] for part in parts),
            }
        )
    return grouped
