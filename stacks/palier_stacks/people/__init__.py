"""The people stack: everybody's access, as code."""
