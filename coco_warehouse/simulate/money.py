"""Integer money: cents in, cents out."""

BPS = 10_000


def share(cents: int, bps: int) -> int:
    """`bps` basis points of `cents`, rounded to the cent, half away from zero (docs/expected_ledger.md)."""
    product = cents * bps
    return (product + 5_000) // BPS if product >= 0 else -((5_000 - product) // BPS)


class _MoneyTexts(dict[int, str]):
    """Cents to decimal text ("-12.30"), each amount written once and remembered up to a bound."""

    def __missing__(self, cents: int) -> str:
        text = f"{cents // 100}.{cents % 100:02d}" if cents >= 0 else f"-{-cents // 100}.{-cents % 100:02d}"
        if len(self) < 200_000:
            self[cents] = text
        return text


money_text = _MoneyTexts()
