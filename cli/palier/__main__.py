"""Entry point of the `palier` command."""

from __future__ import annotations

from palier.commands.main import main

if __name__ == "__main__":
    main()
