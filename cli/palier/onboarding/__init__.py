"""Bringing people in: the roster as code, and what follows from it."""
