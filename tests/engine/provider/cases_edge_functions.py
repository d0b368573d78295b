"""The cases of the code and the data at the edge: CloudFront's functions and key value stores."""

from __future__ import annotations

from tests.engine.provider.case import Case, fixed

_CODE = "function handler(event) {{ return event.request; }} // {}"

CASES: dict[str, Case] = {
    "aws:cloudfront/function:Function": Case(
        fixed(runtime="cloudfront-js-2.0", code=_CODE.format("one")),
        fixed(code=_CODE.format("two é"), comment="more"),
        {"code": "/" * 10_241},
        "has 10241 bytes; CloudFront takes 1 to 10240",
    ),
}
