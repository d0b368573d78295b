"""What is priced, and what comes of it: planned resources, items, estimates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from palier.costs.prices import Price

# AWS's own convention: 365 days of 24 hours over 12 months (AWS Pricing Calculator, "Pricing assumptions").
HOURS_PER_MONTH = 730
# What the engine says for a value that is not known before up (sdk/go/common/resource/plugin/rpc.go).
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
NOT_KNOWN = "not known before up"
_CENT = Decimal("0.01")

Class = Literal["priced", "by_use", "free", "no_price", "not_known", "unlisted"]
"""`priced`: so much a month. `by_use`: by what is used, 0 in the total. `no_price`: it costs, and no list
has its price. `not_known`: its size is not known before up. `unlisted`: a type that the table has not."""


@dataclass(frozen=True)
class Planned:
    """A resource of a state or of a preview: Pulumi's type token, logical name, inputs by Pulumi's names."""

    urn: str
    type: str
    region: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    parent: str = ""

    @property
    def name(self) -> str:
        """Its logical name in the program."""
        return self.urn.rpartition("::")[2]

    def get(self, *path: str, default: Any = None) -> Any:
        """The input at a path; `default` where there is none, UNKNOWN where it is not known before up."""
        found: Any = self.inputs
        for part in path:
            if found == UNKNOWN:
                return UNKNOWN
            found = found.get(part) if isinstance(found, Mapping) else None
        return default if found is None else found


@dataclass(frozen=True)
class Subject:
    """The resource that an item is of."""

    name: str
    type: str
    region: str


@dataclass(frozen=True)
class Item:
    """One thing to pay for: `quantity` of `unit` a month at `price`, which comes to `monthly_usd`.

    `monthly_usd` is rounded to the cent, so that a total is the sum of what is shown; None where it is not
    known what it comes to.
    """

    resource: str
    type: str
    region: str
    service: str
    what: str
    kind: Class
    quantity: Decimal | None = None
    unit: str = ""
    price: Price | None = None
    monthly_usd: Decimal | None = None
    note: str = ""


@dataclass(frozen=True)
class CostEstimate:
    """What one phase costs in a month, by items."""

    phase: str
    items: tuple[Item, ...]

    @property
    def monthly_usd(self) -> Decimal:
        """The sum of the items that have a price; what is paid by use counts nothing."""
        return total(self.items)

    @property
    def estimated(self) -> bool:
        """Whether some price in the sum is of another region, by ratio."""
        return any(item.price is not None and item.price.estimate for item in self.of("priced"))

    @property
    def by_service(self) -> dict[str, Decimal]:
        """Dollars a month by service, dearest first; services without a priced item are left out."""
        services = dict.fromkeys(item.service for item in self.of("priced"))
        sums = {name: total(item for item in self.items if item.service == name) for name in services}
        return dict(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))

    def of(self, *kinds: Class) -> tuple[Item, ...]:
        """The items of these classes."""
        return tuple(item for item in self.items if item.kind in kinds)


def total(items: Iterable[Item]) -> Decimal:
    """US dollars a month of the items, to the cent."""
    return sum((item.monthly_usd or Decimal(0) for item in items), Decimal("0.00"))


def cents(amount: Decimal) -> Decimal:
    """The amount rounded to the cent, half up."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def number(value: Any) -> Decimal | None:
    """A number of a state or of settings; None where it is not known or not a number."""
    if value is None or value == UNKNOWN or isinstance(value, bool):
        return None
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return None
    return amount if amount.is_finite() else None


def text(value: Any) -> str | None:
    """A text of a state or of settings; None where it is not known."""
    return value if isinstance(value, str) and value != UNKNOWN else None
