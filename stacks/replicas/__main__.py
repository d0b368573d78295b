"""The replicas phase: read settings, take foundation's outputs, build the component, export."""

import pulumi
from palier_stacks.program import export_all, load
from palier_stacks.replicas.component import Replicas, foundation_outputs
from palier_stacks.replicas.settings import ReplicasSettings

settings = load(ReplicasSettings)
environment = pulumi.get_stack()
reference = pulumi.StackReference(f"{pulumi.get_organization()}/foundation/{environment}")
replicas = Replicas(settings, foundation_outputs(reference, settings, environment), environment=environment)
export_all(replicas.outputs)
