"""The vocabulary in which a resource type is declared, and the registry of the declared ones.

An entry says which AWS operations create, read, change and delete a resource, where its id and its
description are found in their answers, which inputs force a new resource, how it is tagged, and what the
provider fills in. Everything else follows from botocore's model of the operation and from the SDK's types.
Adding a type is adding an entry to a module of `resources/`; docs/adding-a-resource-type.md walks through it.

Arguments are templates: a string that is exactly `{name}` becomes the value of that name (an input, an
output, or id, region, account), and is left out where there is none; inside a longer text it is filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from palier.local.provider.context import Context

Template = Mapping[str, Any]
Problem = tuple[str, str]
"""A refused input: the property's path and what is wrong with it."""


@dataclass(frozen=True)
class Call:
    """One AWS operation. `inputs` fill its members by name where `mapped`; `arguments` come on top."""

    operation: str
    arguments: Template = field(default_factory=dict)
    mapped: bool = True
    whole: bool = False
    """For updates: send every input, not only the changed ones (operations that replace what stands)."""


@dataclass(frozen=True)
class Read:
    """How a resource is described: the operation, its arguments, and where in the answer it stands."""

    operation: str
    arguments: Template
    at: str | None = None
    """A JMESPath into the answer; None for the answer itself."""


@dataclass(frozen=True)
class Extra:
    """A part of the resource that an operation of its own sets: on create where one of `inputs` is given,
    on update where one has changed, `undo` where all of them have gone."""

    inputs: tuple[str, ...]
    call: Call
    undo: Call | None = None
    on_create: bool = True
    """False where the create operation takes the inputs itself."""


@dataclass(frozen=True)
class Tags:
    """How a resource is tagged. `on_create` is the create operation's template, with `{tags}` in it."""

    add: Call
    remove: Call
    on_create: Template = field(default_factory=dict)
    read: Read | None = None
    """None where the description itself holds them, under `Tags` or `TagList`."""
    pair: tuple[str, str] | None = ("Key", "Value")
    """Names in a list of pairs; None where the API takes a mapping."""
    empty: tuple[str, ...] = ()
    """Error codes of `read` that mean: no tags."""
    replaces_all: bool = False
    """Whether `add` replaces every tag that stands (S3): removing needs a call only when none is left."""


@dataclass(frozen=True)
class Autoname:
    """The property that Pulumi names where the program does not, and what AWS allows there."""

    property: str = "name"
    max_length: int = 255
    lower: bool = False
    prefix: str | None = "namePrefix"
    separator: str = "-"
    leading: str = ""
    """What every name must begin with (`alias/`)."""
    frees_name_first: bool = True
    """Whether a name given by the program means delete before replace, as it does but for DB instances."""


@dataclass(frozen=True)
class Entry:
    """One resource type."""

    token: str
    service: str
    create: Call
    id: str
    """A JMESPath into create's answer, or a template of inputs where it holds a brace."""
    read: Read | None
    delete: Call | None
    create_as: Callable[[Context], Call] | None = None
    """Where the inputs decide which operation creates (a DB instance or its replica)."""
    update: Call | None = None
    extras: tuple[Extra, ...] = ()
    force_new: frozenset[str] = frozenset()
    """Properties that can't be changed in place; a dotted path names a nested one."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Property to AWS member name, where they differ, in both directions."""
    reads: Mapping[str, str] = field(default_factory=dict)
    """Property to JMESPath in the description, where a name does not say it."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Property to template, for what no description holds (ARNs)."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Inputs that the provider fills in where the program does not; a dotted path is filled in where what
    holds it is given, `[]` in every item of a list."""
    kept: frozenset[str] = frozenset()
    """Inputs that stay as they are where the program no longer says them (Terraform's Optional and
    Computed); dotted paths as in `defaults`."""
    ordered: frozenset[str] = frozenset()
    """Lists whose order means something to AWS."""
    spelling: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """Input to the form in which two spellings of the same thing are equal (a key's id and its ARN)."""
    recomputed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Output to the inputs whose change makes it unknown until it is done; no inputs means any but tags."""
    tags: Tags | None = None
    autoname: Autoname | None = None
    outrun: tuple[str, ...] = ()
    """Error codes of create and update that mean: somebody else was faster. They are run again."""
    gone: tuple[str, ...] = ()
    """Error codes that mean: there is no such resource. Codes that end in NotFound count anyway."""
    canonical_id: Callable[[Mapping[str, Any], str], str] | None = None
    """Of (inputs, id): the id in the official provider's own form, where the answer does not have it."""
    import_id: tuple[str, ...] = ()
    """Names of the parts of an id such as `role:policy`, split at `import_separator`, for import and get."""
    import_separator: str = ":"
    locate: Callable[[Context], None] | None = None
    """For import and get where splitting is not enough: from the id that the user gave (`context.id`), the
    resource's own id, and in `context.outputs` what its description needs besides."""
    write_only: frozenset[str] = frozenset()
    """Inputs that no description gives back; they never show as drift."""
    settings: frozenset[str] = frozenset()
    """Inputs that steer the provider and are no part of the resource (`forceDestroy`)."""
    delete_before_replace: bool = False
    """Where two can't stand at once even without a name given by the user."""
    forces: Callable[[Mapping[str, Any], Mapping[str, Any]], set[str]] | None = None
    """Of (old, new) inputs: further properties that force a new resource in this very change. The old ones
    come with the outputs that are no inputs (`engineVersionActual`)."""
    checks: tuple[Callable[[Check], list[Problem]], ...] = ()
    packed: frozenset[str] = frozenset()
    """Inputs that the entry's own functions deal with, under no name of their own. An input that is neither
    of these nor a member of the create operation is refused: the local cloud would forget it."""
    unserved: frozenset[str] = frozenset()
    """Inputs that the create operation has a member for, but the local cloud no room."""
    within: str | None = None
    """The member of the create operation whose structure holds the inputs, where `prepare` fills that."""
    beyond: frozenset[str] = frozenset()
    """Inputs that the official provider takes more values for than AWS's model names."""
    prepare: Callable[[Context, dict[str, Any]], dict[str, Any]] | None = None
    """Last word on the mapped arguments of create and update."""
    described: Callable[[Context, dict[str, Any]], dict[str, Any]] | None = None
    """Last word on the description, with further calls where one is not enough."""
    on_update: Callable[[Context, dict[str, Any], set[str]], set[str]] | None = None
    """Handles changes of its own; returns the changed inputs that it has dealt with."""
    after_create: Callable[[Context], None] | None = None
    """What follows the create operation. Run again by the next update where it failed: it must bear that."""
    before_delete: Callable[[Context], None] | None = None
    global_region: str | None = None
    """The one region of a service that has no regions of its own."""


@dataclass(frozen=True)
class Check:
    """What a refusal rule sees: the checked inputs (some UNKNOWN), the region, and reads of what stands."""

    entry: Entry
    inputs: Mapping[str, Any]
    region: str
    read: Callable[[str, str, Mapping[str, Any]], dict[str, Any] | None]
    """`read(service, operation, arguments)`: an answer from the local cloud, None where it has none."""
    olds: Mapping[str, Any] = field(default_factory=dict)
    """The inputs before; empty for a new resource."""
    planned: Callable[[str, str], Mapping[str, Any] | None] = lambda token, name: None
    """`planned(type, name)`: the inputs of a resource that this run has checked, known by its own name."""


_MODULES = (
    "network",
    "routing",
    "peering",
    "security",
    "compute",
    "balancing",
    "database_groups",
    "database",
    "aurora",
    "aurora_global",
    "proxies",
    "cache",
    "storage",
    "replication",
    "messaging",
    "observability",
    "secrets",
    "dns",
    "dynamodb",
    "dynamodb_items",
    "cdn_functions",
    "cdn_keys",
    "cdn_policies",
    "cdn_distributions",
    "firewall",
    "objects",
    "identity_center",
)
_entries: dict[str, Entry] = {}


def entries() -> Mapping[str, Entry]:
    """Every declared type by its token."""
    if not _entries:
        for name in _MODULES:
            module = import_module(f"palier.local.provider.resources.{name}")
            _entries.update({entry.token: entry for entry in module.ENTRIES})
    return _entries
