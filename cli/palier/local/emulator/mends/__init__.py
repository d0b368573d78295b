"""What Palier mends in moto, one module per service, each mend a named function with its symptom."""

from __future__ import annotations


def apply_pending() -> None:
    """Apply the mends of every service that is loaded and not yet mended."""
