"""The capacity model: what is measured, and where it starts to hurt."""
