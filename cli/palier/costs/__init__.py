"""What the platform costs in a month: of what stands, of what a preview plans, and of what settings say.

Offline, from a dated and hashed price file. What has no price is listed as such and never guessed.
"""
