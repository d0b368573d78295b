"""The plugin's process: as that of the `aws` package, with another servicer."""

from __future__ import annotations

from importlib.metadata import version

from palier.local.provider.__main__ import only_the_protocol, serve


def main() -> None:
    """Serve."""
    only_the_protocol()
    from palier.local.github_provider.servicer import Provider

    serve(Provider(version("pulumi-github")))


if __name__ == "__main__":
    main()
