"""From the engine's failure to ours: what failed, what is left, what to run next; never a traceback.

The engine's own words are kept where they say what is wrong (a resource and the provider's message) and
replaced where they do not help (a passphrase, a lock, a plugin, a Python traceback of the program).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from palier.errors import InputError, OperationError, PalierError
from palier.phases.progress import ECHOES, Failure, Progress, plain
from palier.phases.state import ABSENT, StackState

_SETTINGS = re.compile(r"(?:^|\s)(\S*Pulumi\.[A-Za-z0-9_.-]+\.yaml: .+)", re.DOTALL)
_PLUGIN = re.compile(r"(no (?:resource|language) plugin '[^']+' found|could not load plugin for [^\n]+)")
_LOCK = re.compile(r"created by (\S+) \(pid (\d+)\) at (\S+)")
_CHECK = re.compile(r"\S+ resource '[^']*': property (\S+) value \{.*\} has a problem: (.+)", re.DOTALL)
# How services say that a creation met what stands already: somebody's, or one whose answer got lost.
_STANDS = re.compile(r"already[ _]?exist|duplicate", re.IGNORECASE)
_TRACEBACK = "Traceback (most recent call last)"
_PROVIDER_NOISE = re.compile(r"^\s*(?:\d+ errors? occurred:\s*)?(?:\* )?", re.DOTALL)


@dataclass(frozen=True)
class Failed:
    """A failed operation: all that a message about it is made from. `again`: the command that goes on."""

    phase: str
    environment: str
    operation: str
    again: str
    output: str
    progress: Progress
    after: StackState
    log: Path


def translate(failed: Failed) -> PalierError:
    """The one error to show for a failed run of the engine: InputError where the user's input is at fault."""
    text = plain(failed.output)
    for known in (_passphrase, _locked, _plugin, _no_stack):
        if (error := known(failed, text)) is not None:
            return error
    if failed.progress.refused:
        return _refused_by_policy(failed)
    resources = [failure for failure in failed.progress.failures if _of_resource(failure)]
    if resources:
        return _resource_failure(failed, resources)
    if failed.progress.failures:
        return _program_failure(failed, failed.progress.failures)
    return _operation(failed, f"{_what(failed)} failed: {_last_words(text)}")


def refused(phase: str, environment: str, operation: str, error: Exception) -> PalierError:
    """The error to show for a quick engine command that failed; `error` is the Automation API's."""
    result = getattr(error, "args", [""])[0]
    text = plain(str(result))
    failed = Failed(phase, environment, operation, f"palier up {phase}", text, Progress(), ABSENT, Path())
    for known in (_passphrase, _locked, _plugin, _no_stack):
        if (told := known(failed, text)) is not None:
            return told
    return OperationError(f"{_what(failed)} failed: {_last_words(text)}", next_step="palier doctor")


def _what(failed: Failed) -> str:
    return f"{failed.operation} of {failed.phase} ({failed.environment})"


def _operation(failed: Failed, message: str, next_step: str | None = None) -> OperationError:
    goes_on = ": it goes on from here" if failed.operation in ("up", "destroy") else ""
    return OperationError(
        message, left=left(failed), next_step=next_step or f"mend it, then `{failed.again}`{goes_on}"
    )


def left(failed: Failed) -> str:
    """What was done before the failure, what stands now, and where the whole log is."""
    if failed.operation == "preview":
        return f"nothing was changed; the engine's log: {failed.log}"
    counts = failed.progress.counts
    done = [
        f"{counts[kind]} {kind}" for kind in ("created", "updated", "replaced", "deleted") if counts[kind]
    ]
    standing = len(failed.after.real)
    pending = len(failed.after.pending)
    parts = [", ".join(done) or "nothing changed", f"{standing} {'stands' if standing == 1 else 'stand'}"]
    if pending:
        parts.append(f"{pending} pending, settled by the next run")
    return f"{'; '.join(parts)}; the engine's log: {failed.log}"


def _passphrase(failed: Failed, text: str) -> PalierError | None:
    key = "PULUMI_CONFIG_PASSPHRASE"
    if "incorrect passphrase" in text:
        return InputError(
            f"wrong passphrase for the secrets of {failed.phase} ({failed.environment}); nothing was changed",
            key=key,
        )
    if "passphrase must be set" in text:
        return InputError(
            f"the secrets of {failed.phase} ({failed.environment}) need their passphrase; "
            f"set it, or {key}_FILE to a file that holds it",
            key=key,
        )
    return None


def _locked(failed: Failed, text: str) -> PalierError | None:
    if (
        "the stack is currently locked by" not in text
        and "Another update is currently in progress" not in text
    ):
        return None
    holder = _LOCK.search(text)
    who = f" by {holder[1]}, pid {holder[2]}, since {holder[3]}" if holder else ""
    return lock_error(failed.phase, failed.environment, who)


def lock_error(phase: str, environment: str, who: str) -> OperationError:
    """The stack is locked by someone who may be alive."""
    return OperationError(
        f"the stack {phase} ({environment}) is locked{who}",
        left="nothing was changed",
        next_step=f"wait for it; if it surely has ended: cd stacks/{phase} && pulumi cancel -s {environment}",
    )


def _plugin(failed: Failed, text: str) -> PalierError | None:
    found = _PLUGIN.search(text)
    if found is None:
        return None
    mend = "palier local stop; palier up" if failed.environment == "local" else "pulumi plugin install"
    return _operation(
        failed, f"{_what(failed)} failed: {found[1]}", f"{mend}; `palier doctor` says what is there"
    )


def _no_stack(failed: Failed, text: str) -> PalierError | None:
    found = re.search(r"no stack named '([^']+)' found", text)
    if found is None:
        return None
    return OperationError(
        f"{_what(failed)} failed: there is no stack {found[1]}", next_step=f"palier up {failed.phase}"
    )


def _refused_by_policy(failed: Failed) -> OperationError:
    """What policies refuse: each mandatory finding, whatever else was said of it."""
    mandatory = list(dict.fromkeys(v.sentence() for v in failed.progress.violations if v.mandatory))
    lines = "".join(f"\n  {line}" for line in mandatory)
    names = sorted({violation.policy for violation in failed.progress.violations if violation.mandatory})
    return _operation(
        failed,
        f"{_what(failed)} is refused by policy:{lines}",
        f"mend it, or exempt it in policies.yaml ({', '.join(names)}: docs/policies/), then `{failed.again}`",
    )


def _of_resource(failure: Failure) -> bool:
    return bool(failure.urn) and "::pulumi:pulumi:Stack::" not in failure.urn


def _resource_failure(failed: Failed, failures: Sequence[Failure]) -> OperationError:
    lines = [f"{failure.subject}: {provider_message(failure.message)}" for failure in failures]
    first, *others = list(dict.fromkeys(lines))
    more = "".join(f"\n  also: {line}" for line in others)
    return _operation(failed, f"{_what(failed)} failed: {first}{more}", _take_over(failed, failures))


def _take_over(failed: Failed, failures: Sequence[Failure]) -> str | None:
    """What to do where a creation met what stands already: the next run would meet it again."""
    if failed.operation != "up" or not any(_STANDS.search(failure.message) for failure in failures):
        return None
    return (
        "what stands already is not in the state: take it over with `pulumi import` in "
        f"stacks/{failed.phase}, or delete it; then `{failed.again}`: it goes on from here"
    )


def provider_message(message: str) -> str:
    """A provider's message on one line, without the list markup that bridged providers add.

    Of a property that the provider refused, the engine repeats the resource, which stands before it, and
    the whole value, which may be long or private: both are left out.
    """
    if refused_property := _CHECK.search(message):
        message = f"{refused_property[1]}: {refused_property[2]}"
    return " ".join(_PROVIDER_NOISE.sub("", message).split())


def _program_failure(failed: Failed, failures: Sequence[Failure]) -> PalierError:
    messages = [failure.message for failure in failures if not failure.message.startswith(ECHOES)]
    message = messages[0] if messages else failures[0].message
    if settings := _SETTINGS.search(message):
        return InputError(" ".join(settings[1].split()))
    if _TRACEBACK in message:
        plugin = re.search(r"(\S+) exited prematurely", message)
        which = f"provider {Path(plugin[1]).name}" if plugin else f"program of {failed.phase}"
        return _operation(
            failed,
            f"the {which} failed: {last_line(message)}",
            f"`--debug` shows its traceback; this is a fault of the {which.split()[0]}, not of your settings",
        )
    return _operation(failed, f"{_what(failed)} failed: {' '.join(message.split())}")


def brief(message: str) -> str:
    """A message of the engine without the traceback in it: what comes before it, and the exception."""
    said, found, _ = message.partition(_TRACEBACK)
    return f"{' '.join(said.split())} {last_line(message)}".strip() if found else message


def last_line(text: str) -> str:
    """The last line that says something: in a traceback, the exception."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def _last_words(text: str) -> str:
    """What the engine said when it told no error as an event: its last `error:` line, or its last."""
    said = re.findall(r"^(?:\s*stderr: )?error: (.+)$", text, re.MULTILINE)
    return said[-1].strip() if said else last_line(text)
