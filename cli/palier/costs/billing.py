"""Makes the items of one resource: priced, by use, without a price, free, or not known before up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from palier.costs.model import HOURS_PER_MONTH, NOT_KNOWN, Class, Item, Subject, cents
from palier.costs.prices import Price, PriceBook

_NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Biller:
    """Makes the items of one subject and service, at the prices of the book in the subject's region."""

    book: PriceBook
    subject: Subject
    service: str

    def amount(self, what: str, kind: str, key: str | None, quantity: Decimal | None, unit: str) -> Item:
        """`quantity` a month of what stands in the book under `kind` and `key`; None: not known before up."""
        if key is None or quantity is None:
            return self._item(what, "not_known", note=NOT_KNOWN)
        price = self._price(kind, key)
        if price is None:
            return self._item(what, "no_price", quantity=quantity, unit=unit)
        cost = cents(quantity * price.usd)
        return self._item(what, "priced", quantity=quantity, unit=unit, price=price, monthly_usd=cost)

    def hours(self, what: str, kind: str, key: str | None, count: Decimal | None) -> Item:
        """`count` things, every hour of the month."""
        return self.amount(what, kind, key, None if count is None else count * HOURS_PER_MONTH, "hours")

    def by_use(self, what: str, kind: str = "", key: str = "") -> Item:
        """What is paid by use: its unit price where there is one, and nothing in the total."""
        price = self._price(kind, key)
        if price is None:
            return self._item(what, "no_price", note="by use")
        return self._item(what, "by_use", unit=price.unit, price=price, monthly_usd=_NOTHING)

    def no_price(self, what: str, quantity: Decimal | None = None, unit: str = "") -> Item:
        """What costs, and of which no price is known."""
        return self._item(what, "no_price", quantity=quantity, unit=unit)

    def free(self, why: str) -> Item:
        """What costs nothing of itself."""
        return self._item(why, "free", monthly_usd=_NOTHING)

    def not_known(self, what: str) -> Item:
        """What cannot be priced before up."""
        return self._item(what, "not_known", note=NOT_KNOWN)

    def unlisted(self) -> Item:
        """A type of which the table says nothing."""
        return self._item("a type that Palier knows no cost of", "unlisted")

    def _price(self, kind: str, key: str) -> Price | None:
        return self.book.lookup(kind, key, self.subject.region)

    def _item(
        self,
        what: str,
        kind: Class,
        *,
        quantity: Decimal | None = None,
        unit: str = "",
        price: Price | None = None,
        monthly_usd: Decimal | None = None,
        note: str = "",
    ) -> Item:
        subject = self.subject
        return Item(
            resource=subject.name,
            type=subject.type,
            region=subject.region,
            service=self.service,
            what=what,
            kind=kind,
            quantity=quantity,
            unit=unit,
            price=price,
            monthly_usd=monthly_usd,
            note=note,
        )
