"""The multi-region phase: read settings, take foundation's outputs, build the component, export."""

import pulumi
from palier_stacks.multi_region.component import MultiRegion, foundation_outputs
from palier_stacks.multi_region.edge import edge_store
from palier_stacks.multi_region.settings import MultiRegionSettings
from palier_stacks.program import export_all, load

settings = load(MultiRegionSettings)
environment, organization = pulumi.get_stack(), pulumi.get_organization()
reference = pulumi.StackReference(f"{organization}/foundation/{environment}")
foundation = foundation_outputs(reference, settings, environment)
store_arn = edge_store(settings.routing, organization, environment)
multi_region = MultiRegion(settings, foundation, environment=environment, store_arn=store_arn)
export_all(multi_region.outputs)
