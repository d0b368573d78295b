"""The floor of the benchmarks, which notes what it is asked to make in a file."""

from __future__ import annotations

import os
from typing import Any

from benchmarks import floor

VARIABLE = "PALIER_TEST_CREATED"


class Noting(floor.Floor):
    """Answers at once, and writes a line for each resource that is made."""

    def Create(self, request: Any, rpc: Any) -> Any:
        if not request.preview:
            with open(os.environ[VARIABLE], "a", encoding="utf-8") as file:
                file.write(f"{request.urn}\n")
        return super().Create(request, rpc)

    def _outputs(self, urn: str, inputs: dict[str, Any]) -> dict[str, Any]:
        # As pulumi-aws has it: the id is one of the outputs too.
        return {**super()._outputs(urn, inputs), "id": urn.split("::")[-1]}


if __name__ == "__main__":
    floor.Floor = Noting  # type: ignore[misc]
    floor.main()
