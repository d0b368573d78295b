"""Numbers for people: rounded to what they can bear, with their unit, in English or French."""

from __future__ import annotations

from math import floor, isfinite, log10

from palier.capacity.metrics import MONEY

_STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "K"))
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
_SHORT = {
    "seconds": ("s", "s"),
    "hours": ("h", "h"),
    "days": ("days", "jours"),
    "weeks": ("weeks", "semaines"),
    "deployments per week": ("/week", "/semaine"),
    "story points per sprint": ("points/sprint", "points/sprint"),
    "transactions per day": ("/day", "/jour"),
    "points of 10": ("/10", "/10"),
    "requests per second": ("/s", "/s"),
    "incidents per month": ("/month", "/mois"),
    "alerts per week": ("/week", "/semaine"),
    "developers per quarter": ("", ""),
    "bugs per feature": ("", ""),
    "developers": ("developers", "développeurs"),
    "instances": ("", ""),
    "users": ("", ""),
    "percent per month": ("%/month", "%/mois"),
}
_TIGHT = ("s", "h")  # written without a space: 1.8s, 8h


def significant(value: float, digits: int) -> float:
    """A value rounded to so many significant digits."""
    if value == 0 or not isfinite(value):
        return value
    return round(value, digits - 1 - floor(log10(abs(value))))


def short(value: float, digits: int = 3, language: str = "en") -> str:
    """125000 as `125K`, 1.8 as `1.8`; at most so many significant digits."""
    rounded = significant(value, digits)
    for step, letter in _STEPS:
        if abs(rounded) >= step:
            return _point(f"{significant(rounded / step, digits):g}", language) + letter
    return _point(f"{rounded:g}", language)


def _point(text: str, language: str) -> str:
    return text.replace(".", ",") if language == "fr" else text


def money(value: float, currency: str, digits: int = 3, language: str = "en") -> str:
    """`180K€`, as the source writes it; an unknown currency after a space."""
    symbol = _SYMBOLS.get(currency)
    text = short(value, digits, language)
    return f"{text}{symbol}" if symbol else f"{text} {currency}"


def percent(value: float, language: str = "en", *, signed: bool = False) -> str:
    """`75%`, `+25%`; one digit after the point below ten, where it says something."""
    number = round(value) if abs(value) >= 10 else significant(round(value, 1), 2)
    text = _point(f"{number:+g}" if signed else f"{number:g}", language)
    return f"{text}%"


def quantity(value: float, unit: str, *, currency: str = "", language: str = "en") -> str:
    """A value with its unit, as short as it is clear."""
    if unit == MONEY:
        return money(value, currency, language=language)
    if unit == "percent per month":
        return percent(value, language)
    if unit.startswith("percent"):
        return percent(value, language)
    word = _SHORT.get(unit, (unit, unit))[1 if language == "fr" else 0]
    text = short(value, language=language)
    if not word:
        return text
    return f"{text}{word}" if word[0] == "/" or word in _TIGHT else f"{text} {word}"
