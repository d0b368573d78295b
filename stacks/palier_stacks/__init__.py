"""Component resources and typed settings of the scaling phases, reusable from any Pulumi program."""
