"""The provider plugin for the `github` package: the people stack's types, over the local cloud's GitHub."""
