"""The cascade: tiers in order answer, resolver programs check, their answers are merged.

Without a fitted rejector nothing can be certified, so asking for an error level defers every item
to a person instead of guessing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from clinie.assembly import Ruling, assemble
from clinie.coding import coded
from clinie.coding import load as load_terminologies
from clinie.config import Config
from clinie.facts import Facts, gather
from clinie.merging import Stretch, extent, merge, touches, union, within
from clinie.models import Model
from clinie.prompts import Window
from clinie.schema import Document, Extraction, Finding, Severity, Trace, Windows
from clinie.tasks import Task
from clinie.tasks.registry import check_settings
from clinie.tiers import Reading, Tier, build_tiers, read, resolve, split

__all__ = ["Cascade", "Tier", "resolve", "split"]

_CERTIFIED_NOTHING = "no rejector is fitted, so nothing is certified"


class Cascade:
    """Sends documents through the tiers and returns records.

    Parameters
    ----------
    config : Config, optional
        By default the shipped tiers answer and no error level is set.
    model : Model, optional
        Answers alone, instead of the configured tiers.
    tiers : sequence of Tier, optional
        Answer instead of the configured tiers, in order. These and ``model`` run in the caller's
        own process and on the caller's own responsibility for where notes go.

    Raises
    ------
    ConfigError
        When a tier is not cleared for protected health information, or a task does not have the
        settings that it is given.
    InputError
        When a terminology file cannot be used.
    """

    def __init__(
        self,
        config: Config | None = None,
        *,
        model: Model | None = None,
        tiers: Sequence[Tier] = (),
    ) -> None:
        self.config = config or Config()
        check_settings(self.config.tasks)
        own = (Tier("local", model),) if model else tuple(tiers)
        self.tiers = own or build_tiers(self.config)
        coding = self.config.coding
        self.terminology = (
            load_terminologies(coding.terminologies, coding.vocabularies)
            if coding.terminologies
            else None
        )

    @property
    def max_error(self) -> float | None:
        """The error level asked for, if any."""
        return self.config.deferral.max_error

    def tiers_for(self, task: Task) -> tuple[Tier, ...]:
        """Return the tiers that can answer a task, in order."""
        return tuple(tier for tier in self.tiers if tier.answers(task))

    async def extract(self, document: Document, task: Task) -> Extraction:
        """Extract one task from one document.

        A tier that fails is a finding, and what earlier tiers said stands; a window that no tier
        could read makes the record incomplete. A task that no tier can answer is put to the first
        one, whose error says why.

        Raises
        ------
        ModelError
            When none of the tiers asked can be used at all.
        """
        able = self.tiers_for(task) or self.tiers[:1]
        sheet = _Sheet(document, task)
        for tier in able:
            windows = sheet.windows_for(tier)
            if windows:
                sheet.add(await read(tier, task, document, windows), windows)
        sheet.raise_if_unusable()
        ruling = replace(self._ruling(), names_tiers=len(able) > 1)
        record = assemble(
            document,
            task.name,
            sheet.facts,
            windows=sheet.count(),
            findings=sheet.findings(),
            trace=[_trace(task, reading, ruling) for reading in sheet.readings],
            ruling=ruling,
        )
        return coded(record, document.text, self.terminology) if self.terminology else record

    def _ruling(self) -> Ruling:
        if self.max_error is None:
            return Ruling()
        return Ruling("defer", f"{_CERTIFIED_NOTHING} at {self.max_error:g}")


class _Sheet:
    """What the tiers have said of one document so far."""

    def __init__(self, document: Document, task: Task) -> None:
        self.document, self.task = document, task
        self.facts = Facts()
        self.readings: list[Reading] = []
        self.merges: list[tuple[Finding, ...]] = []  # what merging each reading left
        self.doubts: list[Stretch] = []  # where an item was dropped, or an answer broke off
        self.windows: Sequence[Window] = ()  # of the first tier
        self.read: list[Stretch] = []  # by any tier

    def windows_for(self, tier: Tier) -> Sequence[Window]:
        """Return the windows that a tier is to be asked about."""
        text = self.document.text
        windows = split(text, tier.model.capabilities.max_characters)
        if not self.readings or tier.reads == "always":
            return windows
        whole = (0, len(text))
        unread = [window.stretch for window in self.windows if not self._is_read(window)]
        wanted = union([*unread, *self.doubts, *_unsure(self.facts, whole)])
        return [window for window in windows if touches(window.stretch, wanted)]

    def add(self, reading: Reading, windows: Sequence[Window]) -> None:
        """Merge what another tier said."""
        own = gather(reading.resolved, reading.tier.name, reading.tier.level(self.task))
        stretches = reading.stretches
        if self.readings:
            self.facts, said = merge(self.facts, own, stretches, self.document.text)
        else:
            self.facts, said, self.windows = own, (), windows
        self.readings.append(reading)
        self.merges.append(said)
        self.read = union([*self.read, *stretches])
        again = union(stretches)
        self.doubts = [doubt for doubt in self.doubts if not within(doubt, again)]
        self.doubts += reading.doubts()

    def raise_if_unusable(self) -> None:
        """Raise what the first model raised, when every one did."""
        error = self.readings[0].error
        if error and all(reading.error for reading in self.readings):
            raise error

    def count(self) -> Windows:
        """Count the first tier's windows, and those of them that no tier read whole."""
        failed = sum(not self._is_read(window) for window in self.windows)
        return Windows(len(self.windows), failed)

    def findings(self) -> list[Finding]:
        """Return what the checks and the merges left, in the order asked.

        What two tiers leave alike stands once. A failure is only flagged where another tier read
        the window.
        """
        found: list[Finding] = []
        for reading, said in zip(self.readings, self.merges, strict=True):
            known = set(found)
            new = [self._failure(window, why) for window, why in reading.failed]
            new += [*reading.findings(), *said]
            found += [finding for finding in new if finding not in known]
        return found

    def _failure(self, window: Window, why: str) -> Finding:
        severity: Severity = "flag" if self._is_read(window) else "reject"
        return Finding("model_error", severity, why, *window.stretch)

    def _is_read(self, window: Window) -> bool:
        return within(window.stretch, self.read)


def _unsure(facts: Facts, whole: Stretch) -> Iterator[Stretch]:
    """Yield where a claim stands that no tier is sure of."""
    for (_, place), claim in facts.mentions.items():
        if not claim.sure:
            yield extent(place)
    for (_, head, tail), claim in facts.links.items():
        if not claim.sure:
            yield extent((*head[1], *tail[1]))
    for (_, _, named), claim in facts.statements.items():
        if not claim.sure:
            yield extent(named[1]) if named else whole


def _trace(task: Task, reading: Reading, ruling: Ruling) -> Trace:
    """Return a line of the books."""
    return Trace(
        tier=reading.tier.name,
        model=reading.tier.model.name,
        prompt=task.template.id,
        input_tokens=sum(c.input_tokens for c in reading.completions),
        output_tokens=sum(c.output_tokens for c in reading.completions),
        cost=sum(reading.tier.cost(c) for c in reading.completions),
        decision=ruling.decision,
    )
