"""The architecture pack, for `pulumi preview --policy-pack`; its policies are modules of palier_policies."""

from palier_policies.architecture import PACK
from palier_policies.serve import serve

serve(PACK)
