"""Mends of the identity store: users and groups can be changed."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import mend


@mend("identitystore")
def users_and_groups_change() -> None:
    """UpdateUser and UpdateGroup are not implemented (501)."""
    from moto.identitystore.models import IdentityStoreBackend, Name
    from moto.identitystore.responses import IdentityStoreResponse

    def update_user(self: Any) -> str:
        backend, store = self.identitystore_backend, self._get_param("IdentityStoreId")
        users = _store(backend, store).users
        user = users[self._get_param("UserId")]
        for operation in self._get_param("Operations"):
            path, value = operation["AttributePath"], operation.get("AttributeValue")
            if path == "displayName":
                user = user._replace(DisplayName=value)
            elif path == "emails":
                mails = [{key.capitalize(): part for key, part in each.items()} for each in value]
                user = user._replace(Emails=mails)
            elif path.startswith("name."):
                member = path.removeprefix("name.")
                member = member[0].upper() + member[1:]
                known = user.Name or Name(None, None, None, None, None, None)
                user = user._replace(Name=known._replace(**{member: value}))
        users[user.UserId] = user
        return "{}"

    def update_group(self: Any) -> str:
        backend, store = self.identitystore_backend, self._get_param("IdentityStoreId")
        groups = _store(backend, store).groups
        group = groups[self._get_param("GroupId")]
        members = {"displayName": "DisplayName", "description": "Description"}
        asked = self._get_param("Operations")
        changes = {members[each["AttributePath"]]: each.get("AttributeValue") for each in asked}
        groups[group.GroupId] = group._replace(**changes)
        return "{}"

    def _store(backend: Any, store_id: str) -> Any:
        find = IdentityStoreBackend._IdentityStoreBackend__get_identity_store  # type: ignore[attr-defined]
        return find(backend, store_id)

    IdentityStoreResponse.update_user = update_user  # type: ignore[attr-defined]
    IdentityStoreResponse.update_group = update_group  # type: ignore[attr-defined]
