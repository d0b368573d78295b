"""Several regions, one of which writes: see how they are, and move the writer, as planned or in need.

`status` looks; `plan` says what a switchover, a failover or a way back consists of, `operation` carries it
out, step by step, into a journal. What a step does is asked of the cloud each time, never taken from memory:
killed anywhere, the same command goes on where it stopped.
"""
