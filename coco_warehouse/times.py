"""Months, days and moments on the command line."""

from datetime import datetime
from typing import Any

import click


class Time(click.DateTime):
    """A time in one format, whose help and messages show it as people write it."""

    def __init__(self, format_: str, what: str, shown: str, example: str) -> None:
        """Take click's format, what such a time is called, how its format is shown, and an example."""
        super().__init__([format_])
        self._what, self._shown, self._example = what, shown, example

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show the format."""
        return self._shown

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read a time; one that is none fails with the format and the example."""
        try:
            time: datetime = super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is not a {self._what} as {self._shown}, for example {self._example}.", param, ctx)
        return time


MONTH = Time("%Y-%m", "month", "YYYY-MM", "2026-10")
DAY = Time("%Y-%m-%d", "day", "YYYY-MM-DD", "2026-10-31")
MOMENT = Time("%Y-%m-%d %H:%M:%S", "moment", "'YYYY-MM-DD HH:MM:SS'", "'2026-10-31 06:00:00'")
