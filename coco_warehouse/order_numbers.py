"""How the number of an order is found, whoever writes it: a document, a statement or a person."""


def is_number(column: str, parameter: str) -> str:
    """Return SQL, for DuckDB and PostgreSQL: whether a text column has the number that a parameter gives.

    Capitals, signs and leading zeros do not matter, since a document and a statement write one number in two ways.
    """
    bare, given = (f"ltrim(regexp_replace(lower({text}), '[^0-9a-z]', '', 'g'), '0')" for text in (column, parameter))
    return f"({column} = {parameter} or nullif({bare}, '') = {given})"
