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
    "aws:cloudfront/keyValueStore:KeyValueStore": Case(
        fixed(comment="where to go"),
        fixed(comment="where else to go"),
        {"name": "no spaces here"},
        "is not 1 to 64 letters, digits, hyphens and underscores",
    ),
    "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": Case(
        lambda world: {"keyValueStoreArn": world.store, "key": "origin:eu-west-3", "value": "one.example"},
        fixed(value="two.example"),
        {"value": "v" * 1_009},
        "has 1025 bytes with its key; CloudFront takes 1024",
    ),
}
