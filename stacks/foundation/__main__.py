"""The foundation phase: read settings, build the component, export what people and later phases need."""

import pulumi
from palier_stacks.foundation.component import Foundation
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.program import export_all, load

foundation = Foundation(load(FoundationSettings), environment=pulumi.get_stack())
export_all(foundation.outputs)
