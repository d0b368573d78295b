"""Mends of Aurora global databases: who is a member, and what a member may do.

moto keeps every global cluster in one backend, whichever region asks. `rds_switchover` changes roles.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from palier.local.emulator.mends.rds_replica import key_of
from palier.local.emulator.mends.table import added, around, mend, told
from palier.local.emulator.regions import REGIONS

HOME_OF_GLOBALS = "us-east-1"  # where moto keeps them


def refusal(code: str, message: str) -> Exception:
    """An RDS error of this code."""
    from moto.rds.exceptions import RDSClientError

    return RDSClientError(code, message)


def globals_of(backend: Any) -> Any:
    """Every global cluster of the account, by name."""
    from moto.rds.models import rds_backends

    return rds_backends[backend.account_id][HOME_OF_GLOBALS].global_clusters


def global_named(backend: Any, name: str) -> Any:
    """The global cluster of that name or ARN; refused where there is none."""
    found = globals_of(backend).get(str(name).split(":")[-1].lower())
    if found is None:
        raise refusal("GlobalClusterNotFoundFault", f"Global cluster {name} not found")
    return found


def global_of(cluster: Any) -> Any:
    """The global cluster that a cluster is a member of, or None."""
    return next((one for one in globals_of(cluster.backend).values() if cluster in one.members), None)


def member_named(group: Any, arn: str) -> Any:
    """The member with that ARN; refused where there is none."""
    found = next((one for one in group.members if one.db_cluster_arn == arn), None)
    if found is None:
        raise refusal(
            "DBClusterNotFoundFault",
            f"DB cluster {arn} is not found in global cluster {group.global_cluster_identifier}",
        )
    return found


def writer_of(group: Any) -> Any:
    """The member that writes, or None."""
    return next((one for one in group.members if one.is_writer), None)


@mend("rds")
def global_cluster_joined_or_refused() -> None:
    """A cluster can join a global cluster that does not exist, with an engine of its own, twice in a region,
    with a user of its own, or without a key although the writer is encrypted."""
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "create_db_cluster")
    def create(original: Any, self: Any, kwargs: Any) -> Any:
        name = kwargs.get("global_cluster_identifier")
        if not name:
            return original(self, kwargs)
        group = global_named(self, name)
        for problem in _cannot_join(self, group, kwargs):
            raise problem
        kwargs["global_cluster_identifier"] = group.global_cluster_identifier
        writer = writer_of(group)
        if writer is not None:
            for inherited in ("engine_version", "database_name"):
                if kwargs.get(inherited) is None:
                    kwargs[inherited] = getattr(writer, inherited)
            if writer.storage_encrypted:
                kwargs["storage_encrypted"] = True
        if kwargs.get("kms_key_id"):
            kwargs["kms_key_id"] = key_of(self, kwargs["kms_key_id"])
        cluster = original(self, kwargs)
        if writer is not None:
            cluster.master_username = writer.master_username
        return cluster


def _cannot_join(backend: Any, group: Any, asked: Any) -> Iterator[Exception]:
    writer, refused = writer_of(group), "InvalidParameterCombination"
    if asked["engine"] != group.engine:
        yield refusal(
            refused, f"The engine {asked['engine']} is not that of the global cluster, {group.engine}"
        )
    if any(one.region == backend.region_name for one in group.members):
        yield refusal(
            "InvalidGlobalClusterStateFault",
            f"{group.global_cluster_identifier} has a cluster in {backend.region_name} already",
        )
    if writer is None:
        return
    if REGIONS.failing(writer):
        yield refusal(
            "InvalidGlobalClusterStateFault",
            f"The primary of global cluster {group.global_cluster_identifier} is not available: its region "
            "fails",
        )
    if asked.get("master_username"):
        yield refusal(refused, "Cannot specify user name for cross region replication cluster")
    if writer.storage_encrypted and not asked.get("kms_key_id"):
        yield refusal(refused, "For encrypted cross-region replica, kmsKeyId should be explicitly specified")


@mend("rds")
def global_cluster_from_any_region() -> None:
    """A global cluster can be made of a cluster of us-east-1 alone, which then counts as a reader; one more
    with the same name takes its place; its database name and its tags are forgotten."""
    from moto.rds.models import RDSBackend, rds_backends
    from moto.rds.responses import RDSResponse

    @around(RDSBackend, "create_global_cluster")
    def create(original: Any, self: Any, **named: Any) -> Any:
        name, source = named["global_cluster_identifier"].lower(), named["source_db_cluster_identifier"]
        if name in self.global_clusters:
            raise refusal("GlobalClusterAlreadyExistsFault", f"Global cluster {name} already exists")
        cluster = None
        if source is not None and named["engine"] is None and source.startswith("arn:"):
            place, member = source.split(":")[3], source.split(":")[-1]
            cluster = rds_backends[self.account_id][place].clusters.get(member)
            if cluster is None:
                raise refusal("DBClusterNotFoundFault", f"DBCluster {source} not found")
            if global_of(cluster) is not None:
                raise refusal("InvalidDBClusterStateFault", f"{source} is in a global cluster already")
            named["source_db_cluster_identifier"] = None
            named.update(engine=cluster.engine, engine_version=cluster.engine_version)
            named["storage_encrypted"] = cluster.storage_encrypted
        group = original(self, **named | {"global_cluster_identifier": name})
        if cluster is not None:
            cluster.global_cluster_identifier = name
            cluster.is_writer = True
            group.members.append(cluster)
            group.database_name = cluster.database_name
        return group

    @around(RDSResponse, "create_global_cluster")
    def answer(original: Any, self: Any) -> Any:
        made = original(self)
        group = global_named(self.backend, self.params["GlobalClusterIdentifier"])
        group.database_name = self.params.get("DatabaseName") or getattr(group, "database_name", None)
        lifecycle = self.params.get("EngineLifecycleSupport")
        group.engine_lifecycle_support = lifecycle or "open-source-rds-extended-support"
        group.tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in self.params.get("Tags") or ()]
        return made


@mend("rds")
def global_cluster_looked_up() -> None:
    """DescribeGlobalClusters answers all of them whatever was asked, and an unknown one is no failure."""
    from moto.core.responses import ActionResult
    from moto.rds.responses import RDSResponse

    @around(RDSResponse, "describe_global_clusters")
    def describe(original: Any, self: Any) -> Any:
        name = self.params.get("GlobalClusterIdentifier")
        found = [global_named(self.backend, name)] if name else list(globals_of(self.backend).values())
        for one in self.params.get("Filters") or ():
            if one["Name"] == "db-cluster-id":
                found = [g for g in found if {m.db_cluster_arn for m in g.members} & set(one["Values"])]
        return ActionResult({"GlobalClusters": found})


@mend("rds")
def global_cluster_changed() -> None:
    """ModifyGlobalCluster is missing; deleting an unknown global cluster answers 500, and its protection
    protects nothing."""
    from moto.core.responses import ActionResult
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse

    @added(RDSResponse)
    def modify_global_cluster(self: Any) -> Any:
        group = global_named(self.backend, self.params["GlobalClusterIdentifier"])
        if self.params.get("DeletionProtection") is not None:
            group.deletion_protection = self.params["DeletionProtection"]
        if version := self.params.get("EngineVersion"):
            group.engine_version = version
            for member in group.members:
                member.engine_version = version
        if new := self.params.get("NewGlobalClusterIdentifier"):
            stored = globals_of(self.backend)
            if new.lower() in stored:
                raise refusal("GlobalClusterAlreadyExistsFault", f"Global cluster {new} already exists")
            stored[new.lower()] = stored.pop(group.global_cluster_identifier)
            group.global_cluster_identifier = new
            for member in group.members:
                member.global_cluster_identifier = group.global_cluster_identifier
        return ActionResult({"GlobalCluster": group})

    @around(RDSBackend, "delete_global_cluster")
    def delete(original: Any, self: Any, global_cluster_identifier: str) -> Any:
        group = global_named(self, global_cluster_identifier)
        if group.deletion_protection:
            raise refusal(
                "InvalidParameterCombination",
                "Cannot delete protected Global Cluster, please disable deletion protection and try again.",
            )
        return original(self, group.global_cluster_identifier)


@mend("rds")
def global_cluster_tagged() -> None:
    """The ARN of a global cluster, which names no region, is refused as no resource's: it can't be tagged."""
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "_get_resource_for_tagging")
    def find(original: Any, self: Any, arn: str) -> Any:
        return global_named(self, arn) if ":global-cluster:" in arn else original(self, arn)


@mend("rds")
def global_cluster_left() -> None:
    """RemoveFromGlobalCluster answers nothing and does nothing, but in us-east-1; a member can be deleted,
    and is listed ever after."""
    from moto.core.responses import ActionResult
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse

    @around(RDSResponse, "remove_from_global_cluster")
    def remove(original: Any, self: Any) -> Any:
        group = global_named(self.backend, self.params["GlobalClusterIdentifier"])
        cluster = member_named(group, self.params["DbClusterIdentifier"])
        if cluster.is_writer and len(group.members) > 1:
            raise refusal(
                "InvalidGlobalClusterStateFault",
                "Unable to remove the primary member of a global cluster while there are other members",
            )
        group.members.remove(cluster)
        cluster.global_cluster_identifier = None
        cluster.is_writer = False
        return ActionResult({"GlobalCluster": group})

    @around(RDSBackend, "delete_db_cluster")
    def delete(original: Any, self: Any, cluster_identifier: str, *arguments: Any, **named: Any) -> Any:
        cluster = self.clusters.get(cluster_identifier)
        group = None if cluster is None else global_of(cluster)
        if group is not None:
            raise refusal(
                "InvalidDBClusterStateFault",
                "This cluster is a part of a global cluster, please remove it from globalcluster first",
            )
        return original(self, cluster_identifier, *arguments, **named)


@mend("rds")
def global_members_told() -> None:
    """Members of a global cluster are told without their synchronisation, each reader lacks, and an instance
    of a reading cluster is told to be a writer."""
    from moto.rds.models import DBCluster, GlobalCluster

    @told(GlobalCluster)
    def global_cluster_members(self: Any) -> list[dict[str, Any]]:
        writer = writer_of(self)
        return [_told(self, member, writer) for member in self.members]

    members = vars(DBCluster)["db_cluster_members"].fget

    @told(DBCluster)
    def db_cluster_members(self: Any) -> list[dict[str, Any]]:
        reads = bool(self.global_cluster_identifier) and not self.is_writer
        return [one | ({"IsClusterWriter": False} if reads else {}) for one in members(self)]


def _told(group: Any, member: Any, writer: Any) -> dict[str, Any]:
    apart = writer is not None and member is not writer and REGIONS.failing(member, writer)
    return {
        "DBClusterArn": member.db_cluster_arn,
        "IsWriter": bool(member.is_writer),
        "Readers": group.readers if member.is_writer else [],
        **({} if member.is_writer else {"GlobalWriteForwardingStatus": "disabled"}),
        "SynchronizationStatus": "pending-resync" if apart else "connected",
    }
