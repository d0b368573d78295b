"""The cdn phase: read settings, take foundation's outputs, build the component, export."""

import pulumi
from palier_stacks.cdn.component import Cdn, foundation_outputs
from palier_stacks.cdn.settings import CdnSettings
from palier_stacks.program import export_all, load

settings = load(CdnSettings)
environment = pulumi.get_stack()
reference = pulumi.StackReference(f"{pulumi.get_organization()}/foundation/{environment}")
cdn = Cdn(settings, foundation_outputs(reference, settings, environment), environment=environment)
export_all(cdn.outputs)
