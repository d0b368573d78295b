"""Both packs in one process, which halves what the engine's protocol costs."""

from palier_policies.catalog import everything
from palier_policies.serve import serve

serve(everything())
