"""Checking a change of infrastructure: preview, policies, and what it does to cost and forecast."""
