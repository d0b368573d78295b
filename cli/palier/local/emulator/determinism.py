"""Make moto deterministic: the same requests, in the same order, give the same ids and the same times.

That is what lets the local cloud survive a restart by replay (docs/decisions/0003). Three sources of
difference are taken over, in this process only:

- randomness: moto draws nearly every id from one generator, `mock_random`; it is reseeded before every
  request from the journal's seed and the request's number. What moto takes elsewhere (`random`,
  `os.urandom`, and so `uuid.uuid4`) is led to the same generator.
- time: moto's modules read a clock of ours, which stands at the moment the request was first made.
- the moment a service is first touched: its defaults (a default VPC, say) are made with a seed of their own,
  so that it does not matter which request came first, or whether it was a read.
"""

from __future__ import annotations

import datetime as real_datetime
import os
import random as real_random
import string
import sys
import time as real_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast

NOT_STATE = ("moto.moto_api", "moto.moto_server")


class Clock:
    """The time that moto sees, in seconds since the epoch; real time unless held."""

    def __init__(self) -> None:
        self.held: float | None = None

    def now(self) -> float:
        """Seconds since the epoch."""
        return real_time.time() if self.held is None else self.held


CLOCK = Clock()
_REQUEST_IDS = real_random.Random()  # request ids differ from run to run: nobody keeps one


class _LikeDatetime(type):
    """Makes `isinstance(x, datetime)` in moto's modules true of any datetime."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, real_datetime.datetime)


class ClockedDatetime(real_datetime.datetime, metaclass=_LikeDatetime):
    """`datetime`, but for what time it is. Makes plain datetimes, so that nothing else can tell."""

    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        return real_datetime.datetime(*arguments, **named)

    @classmethod
    def now(cls, tz: real_datetime.tzinfo | None = None) -> Any:
        """The clock's time, in `tz` or in local time without one."""
        return real_datetime.datetime.fromtimestamp(CLOCK.now(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        """The clock's time in UTC, naive."""
        return real_datetime.datetime.fromtimestamp(CLOCK.now(), real_datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        """The clock's time in local time, naive."""
        return real_datetime.datetime.fromtimestamp(CLOCK.now())


def _clocked_utcnow() -> real_datetime.datetime:
    return cast(real_datetime.datetime, ClockedDatetime.utcnow())


def _request_id(headers: dict[str, Any] | None = None) -> str:
    """A request id as moto's own, from a generator that no id of a resource depends on."""
    made = "".join(_REQUEST_IDS.choices(string.ascii_letters + string.digits, k=52))
    if isinstance(headers, dict):
        headers["x-amzn-requestid"] = made
    return made


def _copy_of(module: ModuleType, **changed: object) -> ModuleType:
    copy = ModuleType(module.__name__, module.__doc__)
    copy.__dict__.update({**module.__dict__, **changed})
    return copy


class Source:
    """The one source of randomness, reseeded by whoever begins something."""

    def __init__(self, seed: str, born_at: float) -> None:
        self.seed, self.born_at = seed, born_at
        from moto.moto_api._internal import mock_random

        self._random: real_random.Random = mock_random
        self._begun: object = None

    def begin(self, number: int) -> None:
        """Reseed for request `number` of the journal."""
        self._random.seed(f"{self.seed}:{number}")
        self._begun = self._random.getstate()

    def drawn(self) -> bool:
        """Whether anything was drawn since `begin`: an id was made, so something was."""
        return self._random.getstate() != self._begun

    @contextmanager
    def apart(self, name: str | None) -> Iterator[None]:
        """Draw from a seed of its own, at the moment the journal began; leaves the outer draw as it was.

        Without a name the seed is another each time: for what moto draws to tell its own objects apart.
        """
        state, held = self._random.getstate(), CLOCK.held
        self._random.seed(_REQUEST_IDS.getrandbits(128) if name is None else f"{self.seed}:{name}")
        CLOCK.held = self.born_at
        try:
            yield
        finally:
            self._random.setstate(state)
            CLOCK.held = held


class Determinism:
    """Takes moto's sources over, now and for every module of it that is loaded later."""

    def __init__(self, source: Source) -> None:
        from moto.core import utils
        from moto.moto_api._internal import mock_random
        from moto.utilities.aws_headers import gen_amzn_requestid_long

        self.source = source
        self._seen: set[str] = set()
        self._modules = 0
        datetime_module = _copy_of(real_datetime, datetime=ClockedDatetime)
        time_module = _copy_of(real_time, time=CLOCK.now)
        taken_over: list[tuple[object, object]] = [
            (real_datetime, datetime_module),
            (real_datetime.datetime, ClockedDatetime),
            (real_time, time_module),
            (real_time.time, CLOCK.now),
            (real_random, mock_random),
            (utils.utcnow, _clocked_utcnow),
            (gen_amzn_requestid_long, _request_id),
        ]
        self._instead: dict[int, object] = {id(old): new for old, new in taken_over}
        self._kept = taken_over  # keeps the originals alive, so that no id is ever reused
        os.urandom = lambda size: mock_random.randbytes(size)  # uuid.uuid4 draws here; no secret is made
        self._take_over_birth()
        self.adopt()

    def adopt(self) -> list[str]:
        """Take over the modules of moto loaded since the last time, and return their names."""
        if len(sys.modules) == self._modules:  # asked before every request: modules only ever come
            return []
        new = [name for name in list(sys.modules) if name.startswith("moto.") and name not in self._seen]
        for name in new:
            self._seen.add(name)
            if name.startswith(NOT_STATE):
                continue
            module = sys.modules[name]
            for attribute, value in list(vars(module).items()):
                if id(value) in self._instead:
                    setattr(module, attribute, self._instead[id(value)])
        self._modules = len(sys.modules)
        return new

    def _take_over_birth(self) -> None:
        """Make a service's backend, and with it its defaults, from a seed of its own.

        What moto draws only to tell its containers apart is drawn apart too: they are made when a module is
        first imported, which may be in the middle of any request.
        """
        from moto.core.base_backend import AccountSpecificBackend, BackendDict

        original: Callable[[Any, str], Any] = AccountSpecificBackend.__getitem__

        def born_apart(backend: Any, region: str) -> Any:
            if dict.__contains__(backend, "aws" if region == "global" else region):
                return original(backend, region)
            with self.source.apart(f"{backend.service_name}:{region}"):
                return original(backend, region)

        setattr(AccountSpecificBackend, "__getitem__", born_apart)  # noqa: B010 (mypy: a method)
        for container in (AccountSpecificBackend, BackendDict):
            self._begin_apart(container)

    def _begin_apart(self, container: type) -> None:
        begin: Callable[..., None] = vars(container)["__init__"]

        def begun_apart(made: Any, /, *arguments: Any, **named: Any) -> None:
            with self.source.apart(None):
                begin(made, *arguments, **named)

        setattr(container, "__init__", begun_apart)  # noqa: B010 (mypy: a method)
