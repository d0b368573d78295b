"""Palier's provider plugin for the `aws` package: the ordinary pulumi-aws programs, on the local cloud.

One process answers the engine's calls for every resource type in `resources/`. A type is an entry of
declarations over botocore's own models; `docs/fidelity.md` tells what is checked against what.
"""
