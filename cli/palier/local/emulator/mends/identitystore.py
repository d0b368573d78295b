"""Mends of the identity store: what is changed in place, and what goes with what."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import added, around, mend


def _member(path: str) -> str:
    return path[:1].upper() + path[1:]


@mend("identitystore")
def users_and_groups_change() -> None:
    """UpdateUser and UpdateGroup are not implemented (501)."""
    from moto.identitystore.models import Name
    from moto.identitystore.responses import IdentityStoreResponse

    def spelt(value: Any) -> Any:
        if isinstance(value, list):
            return [{_member(key): item for key, item in one.items()} for one in value]
        return value

    @added(IdentityStoreResponse)
    def update_user(self: Any) -> str:
        backend, store = self.identitystore_backend, self._get_param("IdentityStoreId")
        user = backend.describe_user(store, self._get_param("UserId"))
        for one in self._get_param("Operations"):
            path, value = one["AttributePath"], spelt(one.get("AttributeValue"))
            if path.startswith("name."):
                name = user.Name or Name(None, None, None, None, None, None)
                user = user._replace(Name=name._replace(**{_member(path[5:]): value}))
            else:
                user = user._replace(**{_member(path): value})
        backend.identity_stores[store].users[user.UserId] = user
        return "{}"

    @added(IdentityStoreResponse)
    def update_group(self: Any) -> str:
        backend, store = self.identitystore_backend, self._get_param("IdentityStoreId")
        group = backend.describe_group(store, self._get_param("GroupId"))
        changed = {
            _member(one["AttributePath"]): one.get("AttributeValue") for one in self._get_param("Operations")
        }
        backend.identity_stores[store].groups[group.GroupId] = group._replace(**changed)
        return "{}"


@mend("identitystore")
def memberships_go_with_user_and_group() -> None:
    """A deleted user or group stays in the lists of memberships."""
    from moto.identitystore.models import IdentityStoreBackend

    def leave(self: Any, store: str, gone: Any) -> None:
        held = self.identity_stores[store].group_memberships
        for key in [key for key, one in held.items() if gone(one)]:
            del held[key]

    @around(IdentityStoreBackend, "delete_user")
    def delete_user(original: Any, self: Any, identity_store_id: str, user_id: str) -> None:
        original(self, identity_store_id, user_id)
        leave(self, identity_store_id, lambda one: one["MemberId"]["UserId"] == user_id)

    @around(IdentityStoreBackend, "delete_group")
    def delete_group(original: Any, self: Any, identity_store_id: str, group_id: str) -> None:
        original(self, identity_store_id, group_id)
        leave(self, identity_store_id, lambda one: one["GroupId"] == group_id)


@mend("identitystore")
def one_membership_each() -> None:
    """A user can be a member of a group several times over."""
    from moto.identitystore.exceptions import ConflictException
    from moto.identitystore.models import IdentityStoreBackend

    @around(IdentityStoreBackend, "create_group_membership")
    def create(original: Any, self: Any, identity_store_id: str, group_id: str, member_id: Any) -> Any:
        store = self.identity_stores.get(identity_store_id)
        held = store.group_memberships.values() if store else ()
        if any(one["GroupId"] == group_id and one["MemberId"] == member_id for one in held):
            raise ConflictException(
                message="Member and Group already have a relationship",
                reason="UNIQUENESS_CONSTRAINT_VIOLATION",
            )
        return original(self, identity_store_id, group_id, member_id)
