"""How values are shown to people: the one place that turns cents, rates, times and codes into text."""

from datetime import date, datetime

NOTHING = "—"

# Codes whose words differ from the code itself.
WORDS = {
    "ubereats": "Uber Eats",
    "doordash": "DoorDash",
    "grubhub": "Grubhub",
    "olo": "OLO",
    "native": "Direct ordering",
    "lunchbox": "Lunchbox",
    "order_api": "Order API",
    "deliveriesv3prod_rds_public": "Deliveries service",
    "deliveries_rds_public": "Delivery providers",
    "payout_statements": "Payout statements",
    "bank": "Bank",
    "coco": "Coco",
}


def money(cents: int | None) -> str:
    """Write cents as units: 123456 is 1,234.56, -5 is (0.05), and what is not known is a dash."""
    if cents is None:
        return NOTHING
    units, rest = divmod(abs(int(cents)), 100)
    text = f"{units:,}.{rest:02d}"
    return f"({text})" if cents < 0 else text


def count(number: int | None) -> str:
    """Write a whole number with thousands apart."""
    return NOTHING if number is None else f"{int(number):,}"


def share(part: int | None, whole: int | None) -> str:
    """Write part of whole as percent with one decimal, cut off: what is not all is never shown as 100.0 %.

    A share below nothing stands in brackets, as an amount does.
    """
    if part is None or not whole:
        return NOTHING
    tenths = abs(int(part)) * 1000 // abs(int(whole))
    text = f"{tenths // 10}.{tenths % 10} %"
    return f"({text})" if (part < 0) != (whole < 0) and tenths else text


def rate(basis_points: int | None) -> str:
    """Write basis points as percent with two decimals."""
    if basis_points is None:
        return NOTHING
    whole, rest = divmod(abs(int(basis_points)), 100)
    text = f"{whole}.{rest:02d} %"
    return f"({text})" if basis_points < 0 else text


def day(value: date | None) -> str:
    """Write a day as 2026-10-31."""
    return NOTHING if value is None else value.strftime("%Y-%m-%d")


def days(first: date | None, last: date | None) -> str:
    """Write a stretch of days."""
    return f"{day(first)} to {day(last)}"


def moment(value: datetime | None) -> str:
    """Write a moment, which is in UTC, as 2026-10-31 17:05."""
    return NOTHING if value is None else value.strftime("%Y-%m-%d %H:%M")


def duration(seconds: int | None) -> str:
    """Write a length of time in its largest unit that is at least two, rounded down: 36 h, 5 d."""
    if seconds is None:
        return NOTHING
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def words(code: str | None) -> str:
    """Write a code as words: missing_in_statement is Missing in statement."""
    if not code:
        return NOTHING
    return WORDS.get(code.lower()) or code.replace("_", " ").capitalize()


def aging(bucket: str | None) -> str:
    """Write an aging bucket as words: 31-60 is 31 to 60 days."""
    if bucket is None or not bucket[:1].isdigit():
        return words(bucket)
    return f"{bucket.replace('-', ' to ')} days"


def text(value: object) -> str:
    """Write any other value; what is not there is a dash."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
