"""How CloudFront refuses."""

from __future__ import annotations


def refusal(code: str, text: str) -> Exception:
    """CloudFront's error of that code."""
    from moto.cloudfront.exceptions import CloudFrontException

    return CloudFrontException(code, text)
