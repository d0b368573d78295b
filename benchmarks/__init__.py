"""Measurements: `make bench`. Ratios taken in one run, beside a floor or a peer; never a test."""
