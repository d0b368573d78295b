"""What the command line does with a standing CDN: which paths to take out of its caches, and at what cost."""
