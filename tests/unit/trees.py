"""Syntax trees of our own source, for the tests that read it."""

from __future__ import annotations

import ast
import gc


def parsed(source: str) -> ast.Module:
    """The tree of a module's text.

    Without the garbage collector meanwhile: what a finalizer compiles while a tree is being built makes
    CPython before 3.11.5 raise "AST constructor recursion depth mismatch"
    (its issue 106905; seen once).
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if collecting:
            gc.enable()
