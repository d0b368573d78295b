"""The multi-region phase: the application in further regions, and data that survives the loss of one."""
