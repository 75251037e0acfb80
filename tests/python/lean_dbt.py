"""dbt in this process, less the work whose result nobody sees: half of the time of a run over few rows.

- dbt makes a protocol message of each debug event, several for each statement that it runs, before it asks whether a
  log wants it. Without a log file none does: here a debug event is made when somebody looks into it, and not told.
- Jinja copies the names of all macros, one look-up each, for every argument of a test. Here it looks up those it needs.
- Jinja compiles each template anew for each run. Here one that is compiled stays so while the process lives.
- agate makes a parser of dates, with all words of a locale, for the result of every statement. Here one serves all.

What dbt prints, runs and returns is the same. The names below are of what dbt brings with it, as it is locked.
"""

from __future__ import annotations

import contextlib
import functools
from collections import ChainMap
from collections.abc import Iterator
from pkgutil import resolve_name
from typing import Any
from unittest.mock import patch

EVENT = "dbt_common.events.base_types:BaseEvent"
DEBUG_EVENT = "dbt_common.events.base_types:DebugLevel"
MANAGER = "dbt_common.events.event_manager:EventManager"
NEW_CONTEXT = "jinja2.environment.new_context"
COMPILE = "jinja2.environment.Environment.compile"
CONSTANTS = "parsedatetime.Constants"


@contextlib.contextmanager
def lean() -> Iterator[None]:
    """Let dbt run in this process at less cost; for a run that writes no log file."""
    base, debug, manager = resolve_name(EVENT), resolve_name(DEBUG_EVENT), resolve_name(MANAGER)
    make, attribute, tell = base.__init__, base.__getattr__, manager.fire_event

    def keep_arguments(event: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(event, debug):
            object.__setattr__(event, "late_arguments", (args, kwargs))
        else:
            make(event, *args, **kwargs)

    def make_late(event: Any, name: str) -> Any:
        # Python asks this for what an event does not have itself: its message, and what stands in that.
        if isinstance(event, debug) and "pb_msg" not in event.__dict__:
            args, kwargs = event.__dict__["late_arguments"]
            make(event, *args, **kwargs)
            return getattr(event, name)
        return attribute(event, name)

    def tell_no_debug(self: Any, event: Any, level: Any = None, *args: Any, **kwargs: Any) -> None:
        if level is not None or not isinstance(event, debug):
            tell(self, event, level, *args, **kwargs)

    with (
        patch.object(base, "__init__", keep_arguments),
        patch.object(base, "__getattr__", make_late),
        patch.object(manager, "fire_event", tell_no_debug),
        patch(NEW_CONTEXT, _looking_up_late(resolve_name(NEW_CONTEXT))),
        patch(COMPILE, _compiling_once(resolve_name(COMPILE))),
        patch(CONSTANTS, _made_once(resolve_name(CONSTANTS))),
    ):
        yield


def _looking_up_late(new_context: Any) -> Any:
    def looked_up_late(
        environment: Any,
        name: Any,
        blocks: Any,
        vars: Any = None,
        shared: bool = False,
        globals: Any = None,
        *rest: Any,
    ) -> Any:
        if isinstance(globals, ChainMap) and not shared:
            vars, shared = ChainMap(vars or {}, globals), True
        return new_context(environment, name, blocks, vars, shared, globals, *rest)

    return looked_up_late


@functools.cache
def _compiling_once(compiled: Any) -> Any:
    known: dict[tuple[type, str], Any] = {}

    def compiled_once(environment: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or not isinstance(source, str):
            return compiled(environment, source, *args, **kwargs)
        key = type(environment), source
        if key not in known:
            known[key] = compiled(environment, source)
        return known[key]

    return compiled_once


@functools.cache
def _made_once(constants: Any) -> Any:
    return functools.cache(constants)
