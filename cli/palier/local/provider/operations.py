"""Create, read, update and delete of any declared resource type."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Container, Mapping
from typing import Any, TypeVar

import jmespath

from palier.local.provider import tagging
from palier.local.provider.changes import PENDING_KEY, carried, changes
from palier.local.provider.context import Context
from palier.local.provider.errors import AwsError, PartlyMade, ProviderError, reason
from palier.local.provider.shapes import from_aws, member_of, normal
from palier.local.provider.table import Entry, Extra
from palier.local.provider.values import DEFAULTS_KEY, UNKNOWN, same

Properties = dict[str, Any]
# Among the pending inputs: `Entry.after_create` has not come to its end.
CREATION = "__creation"
# Writes of one thing by versions: of as many writers as the engine has, one wins each race.
_RACES = 100
_PAUSE_SECONDS = (0.005, 0.05)
T = TypeVar("T")


def create(context: Context) -> Properties:
    """Create the resource; sets `context.id` and returns its outputs. PartlyMade where a later step fails."""
    entry = context.entry
    call = entry.create_as(context) if entry.create_as else entry.create
    arguments = {**context.arguments(call, context.inputs), **tagging.on_create(context)}
    answer = _ask(context, call.operation, arguments)
    context.id = identify(entry, context.inputs, answer)
    if entry.canonical_id:
        context.id = entry.canonical_id(context.inputs, context.id)
    applied = {key: value for key, value in context.inputs.items() if not _is_late(entry, key)}
    try:
        _finish_creation(context)
        if entry.tags and not entry.tags.on_create:
            tagging.change(context, {}, tagging.wanted(context))
            applied.update({key: context.inputs[key] for key in ("tags", "tagsAll") if key in context.inputs})
        for extra in entry.extras:
            if extra.on_create:
                _apply(context, extra, applied)
        context.just_tagged = True
        outputs = describe(context)
    except Exception as error:
        # Whatever it was, ours too: the resource exists, and the state must know it.
        raise _partly(context, applied, reason(error)) from None
    if outputs is None:
        raise _partly(context, applied, "it is gone right after its creation")
    return outputs


def _ask(context: Context, operation: str, arguments: Properties) -> Properties:
    """Create or update with prepared arguments, again where somebody else was faster."""
    entry = context.entry

    def ask() -> Properties:
        prepared = entry.prepare(context, arguments) if entry.prepare else arguments
        return context.call(operation, **prepared)

    return until_first(ask, entry.outrun)


def until_first(ask: Callable[[], T], outrun: Container[str]) -> T:
    """`ask`, and again while it fails with a code of `outrun`: each such failure is another's success."""
    for _ in range(_RACES - 1):
        try:
            return ask()
        except AwsError as error:
            if error.code not in outrun:
                raise
        time.sleep(random.uniform(*_PAUSE_SECONDS))
    return ask()


def _finish_creation(context: Context) -> None:
    context.unfinished = True
    if context.entry.after_create:
        context.entry.after_create(context)
    context.unfinished = False


def is_unfinished(outputs: Mapping[str, Any]) -> bool:
    """Whether a resource's creation was left half way: what no input tells is still to be done."""
    return CREATION in outputs.get(PENDING_KEY, ())


def _partly(context: Context, applied: Properties, why: str) -> PartlyMade:
    """What to tell the engine of a resource that stands, but not as asked for."""
    pending = sorted(changes(context.entry, applied, context.inputs))
    pending += [CREATION] if context.unfinished else []
    try:
        seen = describe(context) or {}
    except Exception:  # It is the first failure that counts.
        seen = dict(context.outputs)
    outputs = {key: value for key, value in seen.items() if key not in pending}
    held = {key: value for key, value in applied.items() if key in pending}
    return PartlyMade(context.id, applied, {**outputs, **held, PENDING_KEY: pending}, why)


def _is_late(entry: Entry, key: str) -> bool:
    late = {name for extra in entry.extras if extra.on_create for name in extra.inputs}
    tags_late = entry.tags is not None and not entry.tags.on_create and key in ("tags", "tagsAll")
    return key in late or tags_late


def _apply(context: Context, extra: Extra, applied: Properties) -> None:
    given = {key: context.inputs[key] for key in extra.inputs if context.inputs.get(key) is not None}
    if given and not all(same(value, context.entry.defaults.get(key)) for key, value in given.items()):
        context.run(extra.call, context.inputs)
    applied.update(given)


def identify(entry: Entry, inputs: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The id of what a create answered: a template of inputs and answer, or a path into the answer."""
    if "{" in entry.id:
        flat = {**{key: value for key, value in answer.items() if isinstance(value, str)}, **inputs}
        return entry.id.format_map(_Blank(flat))
    found = jmespath.search(entry.id, answer)
    if not found:
        raise ProviderError(f"{entry.create.operation} answered without {entry.id}")
    return str(found)


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def describe(context: Context) -> Properties | None:
    """The resource's outputs as they stand; None where there is no such resource."""
    entry = context.entry
    if entry.read is None:
        return {**context.outputs, **_asked(context)}
    try:
        answer = context.call(entry.read.operation, **context.fill(entry.read.arguments))
        found = jmespath.search(entry.read.at, answer) if entry.read.at else answer
        if not found:
            return None
        if entry.described:
            found = entry.described(context, dict(found) if isinstance(found, Mapping) else {"items": found})
            if not found:
                return None
        return _outputs(context, found)
    except AwsError as error:
        if is_gone(entry, error):
            return None
        raise


def is_gone(entry: Entry, error: AwsError) -> bool:
    """Whether a failure says that the resource is not there."""
    code = error.code
    return (
        code in entry.gone or "NotFound" in code or "NoSuch" in code or code in ("404", "NotFoundException")
    )


def _asked(context: Context) -> Properties:
    return {key: value for key, value in context.inputs.items() if key != DEFAULTS_KEY}


def _outputs(context: Context, found: Mapping[str, Any]) -> Properties:
    entry, kinds = context.entry, context.schema.properties
    read = from_aws(
        found, {key: kind for key, kind in kinds.items() if key not in ("tags", "tagsAll")}, entry.names
    )
    picked = {normal(key): jmespath.search(path, found) for key, path in entry.reads.items()}
    wanted = {key: kinds[key] for key in entry.reads if key in kinds}
    for key in entry.reads:
        read.pop(key, None)
    read.update(from_aws(picked, wanted))
    asked = {key: value for key, value in _asked(context).items() if key in kinds}
    outputs = {**asked, **{key: value for key, value in read.items() if key not in entry.write_only}}
    _forget_removed(context, asked, read, outputs)
    if "region" in kinds:
        outputs["region"] = context.region
    if entry.tags:
        if "arn" in outputs:  # Several services list tags by ARN.
            context.outputs = {**context.outputs, "arn": outputs["arn"]}
        tags = tagging.wanted(context) if context.just_tagged else tagging.read(context, found)
        outputs["tagsAll"] = dict(tags)
        outputs["tags"] = tagging.own(context, tags)
    made = Context(entry, context.schema, context.clients, context.region, {}, context.id, outputs)
    for key, template in entry.outputs.items():
        outputs[key] = made.fill(template)
    return outputs


def _forget_removed(context: Context, asked: Properties, read: Properties, outputs: Properties) -> None:
    """An input that a description names in other resources but not in this one has been taken away."""
    for key in asked:
        readable = key in context.entry.reads and key not in context.entry.write_only
        if readable and key not in read:
            outputs.pop(key)


def update(context: Context) -> Properties:
    """Change what differs between `context.old_inputs` and `context.inputs`; returns the new outputs."""
    context.inputs = carried(context.entry, context.old_inputs, context.inputs)
    changed = changes(context.entry, context.old_inputs, context.inputs)
    applied = dict(context.old_inputs)
    try:
        if context.unfinished:
            _finish_creation(context)
        _update(context, changed, applied)
        outputs = describe(context)
    except Exception as error:
        raise _partly(context, applied, reason(error)) from None
    if outputs is None:
        raise ProviderError("it does not stand any more; run a refresh, then up again")
    return outputs


def planned(context: Context) -> Properties:
    """What the outputs would be after an update; UNKNOWN where only the update tells."""
    entry = context.entry
    inputs = carried(entry, context.old_inputs, context.inputs)
    changed = changes(entry, context.old_inputs, inputs)
    asked = {key: value for key, value in inputs.items() if key != DEFAULTS_KEY}
    gone = {key for key in changed if key not in inputs}
    known = {key: value for key, value in context.outputs.items() if key not in gone}
    late = {
        output
        for output, causes in entry.recomputed.items()
        if (changed & set(causes) if causes else changed - {"tags", "tagsAll"}) and output not in asked
    }
    return {**known, **asked, **dict.fromkeys(late, UNKNOWN)}


def catch_up(context: Context, olds: Mapping[str, Any]) -> None:
    """Before going on with a partly made resource, whose last outputs are `olds`: see what stands of it."""
    context.unfinished = is_unfinished(olds)
    inputs, context.inputs = context.inputs, context.old_inputs
    found = describe(context)
    context.inputs = inputs
    if found is None:
        raise ProviderError("it does not stand any more; run a refresh, then up again")
    context.outputs = found


def _update(context: Context, changed: set[str], applied: Properties) -> None:
    entry = context.entry
    if changed & {"tags", "tagsAll"} and entry.tags:
        tagging.change(context, tagging.known(context), tagging.wanted(context))
        _took(applied, context, {"tags", "tagsAll"})
    changed = changed - {"tags", "tagsAll"}
    if entry.on_update and changed:
        done = entry.on_update(context, dict(context.inputs), changed)
        _took(applied, context, done)
        changed = changed - done
    for extra in entry.extras:
        if mine := changed & set(extra.inputs):
            _change_extra(context, extra)
            _took(applied, context, mine)
            changed = changed - mine
    _took(applied, context, changed & entry.settings)
    changed = changed - entry.settings
    if stuck := sorted(key for key in changed if not _covered(context, key)):
        raise ProviderError(f"{', '.join(stuck)} can't be changed in place on the local cloud")
    if changed and entry.update:
        inputs = context.inputs if entry.update.whole else {key: context.inputs.get(key) for key in changed}
        _ask(context, entry.update.operation, context.arguments(entry.update, inputs))
    _took(applied, context, changed)


def _covered(context: Context, key: str) -> bool:
    """Whether the update operation has a member for an input, or the entry says where it goes."""
    update_call = context.entry.update
    if update_call is None:
        return False
    if key in context.entry.packed or f"{{{key}}}" in repr(update_call.arguments):
        return True
    model = context.clients.operation_model(context.entry.service, update_call.operation)
    return member_of(key, model.input_shape, context.entry.names) is not None


def _change_extra(context: Context, extra: Extra) -> None:
    if extra.undo and all(context.inputs.get(key) is None for key in extra.inputs):
        context.run(extra.undo, context.inputs)
    else:
        context.run(extra.call, context.inputs)


def _took(applied: Properties, context: Context, keys: set[str]) -> None:
    for key in keys:
        if key in context.inputs:
            applied[key] = context.inputs[key]
        else:
            applied.pop(key, None)
    if DEFAULTS_KEY in context.inputs:
        applied[DEFAULTS_KEY] = context.inputs[DEFAULTS_KEY]


def delete(context: Context) -> None:
    """Delete the resource; one that is gone already is no failure."""
    entry = context.entry
    try:
        if entry.before_delete:
            entry.before_delete(context)
        if entry.delete:
            context.run(entry.delete, {})
    except AwsError:
        # Codes tell little: "not found" may be said of something else that the deletion wanted, and Auto
        # Scaling says "validation error" of a group that is gone.
        if describe(context) is not None:
            raise
