"""Policies that hold the line: what a change of infrastructure may do, and what it does to the forecast."""
