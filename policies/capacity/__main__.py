"""The capacity pack, for `pulumi preview --policy-pack`; its policies are modules of palier_policies."""

from palier_policies.capacity import PACK
from palier_policies.serve import serve

serve(PACK)
