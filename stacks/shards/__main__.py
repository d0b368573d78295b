"""The shards phase: read settings, take foundation's outputs, build the component, export."""

import pulumi
from palier_stacks.program import export_all, load
from palier_stacks.shards.component import Shards, foundation_outputs
from palier_stacks.shards.settings import ShardsSettings

settings = load(ShardsSettings)
environment = pulumi.get_stack()
reference = pulumi.StackReference(f"{pulumi.get_organization()}/foundation/{environment}")
shards = Shards(settings, foundation_outputs(reference, settings, environment), environment=environment)
export_all(shards.outputs)
