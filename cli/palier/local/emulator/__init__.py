"""The emulator: moto's server in a process of Palier's own, mended, serialised, surviving a restart.

Import nothing of this package from a command: it pulls moto in. `palier.local.cloud` starts it as
`python -m palier.local.emulator` and talks to it over `palier.local.client`.
"""
