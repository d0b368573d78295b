"""Palier: takes a growing platform from one scaling phase to the next.

Importing this package costs nothing: no network, no client, no third-party module.
"""

__version__ = "0.1.0"
