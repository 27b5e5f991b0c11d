"""How the texts and calls of a run stand at one moment: counted in one statement, said in one way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields

from django.db.models import Count, Sum, Value
from django.utils.formats import number_format
from django.utils.translation import ngettext

from vibes.models import OutboxRow, OutboxTally

from .models import Effect, Tally, Verdict

State = OutboxRow.State


@dataclass(frozen=True)
class Standing:
    """Texts and calls to Vibes: what it took, what has not left, what is on its way with no answer yet, what
    nobody knows of, what was cancelled or came to nothing; the people who wait in a step; and the calls and
    alerts owed to others than Vibes that have not begun.
    """

    went: int = 0
    held: int = 0
    flying: int = 0
    unknown: int = 0
    cancelled: int = 0
    others: int = 0
    waiting: int = 0
    calls: int = 0

    @property
    def words(self) -> str:
        """“3 have gone, 2 are held, 1 is in flight”, also where that is none; what is unknown, if any."""
        said = [
            _say(ngettext("%s has gone", "%s have gone", self.went), self.went),
            _say(ngettext("%s is held", "%s are held", self.held), self.held),
            _say(ngettext("%s is in flight", "%s are in flight", self.flying), self.flying),
        ]
        if self.unknown:
            words = ngettext("%s is unknown", "%s are unknown", self.unknown)
            said.append(_say(words, self.unknown))
        if self.calls:
            words = ngettext("%s call or alert is held", "%s calls or alerts are held", self.calls)
            said.append(_say(words, self.calls))
        return ", ".join(said)

    def as_json(self) -> dict[str, int]:
        """The figures for the record."""
        return asdict(self)


def of(run_ids: Collection[int]) -> Standing:
    """Of some runs together, in one statement: one snapshot."""
    rows = OutboxTally.objects.filter(run_id__in=run_ids).values_list("state")
    waiting = Tally.objects.filter(run_id__in=run_ids, state=Verdict.State.WAITING)
    others = Effect.objects.filter(run_id__in=run_ids, state=Effect.State.READY).order_by()
    calls = others.annotate(term=Value("calls")).values_list("term")
    all_three = rows.annotate(number=Sum("debts")).union(
        waiting.values_list("state").annotate(number=Sum("people")),
        calls.annotate(number=Count("pk")),
        all=True,
    )
    counts: Counter[str] = Counter()
    for state, number in all_three:
        counts[_TERMS.get(state, "others")] += number
    return Standing(**counts)


_TERMS = {
    State.ACCEPTED: "went",
    State.DELIVERED: "went",
    State.UNDELIVERED: "went",
    State.READY: "held",
    State.DEFERRED: "held",
    State.SENDING: "flying",
    State.UNKNOWN: "unknown",
    State.CANCELLED: "cancelled",
    Verdict.State.WAITING: "waiting",
    "calls": "calls",
}


def _say(words: str, number: int) -> str:
    return words % number_format(number, force_grouping=True)


def sentence(figures: Mapping[str, int]) -> str:
    """What is said when somebody has acted, there and on the record: “2 texts were cancelled; 3 have gone,
    0 are held, 1 is in flight.” Takes the figures of an Intervention.
    """
    known = {each.name for each in fields(Standing)}
    words = Standing(**{name: figures[name] for name in known & figures.keys()}).words
    if number := figures.get("cancelled_now"):
        words = f"{cancelled_words(number)}; {words}"
    if number := figures.get("calls_cancelled_now"):
        said = ngettext(
            "%s call or alert was cancelled", "%s calls or alerts were cancelled", number
        )
        words = f"{_say(said, number)}; {words}"
    return f"{words}."


def cancelled_words(number: int) -> str:
    """“2 texts were cancelled”."""
    return _say(ngettext("%s text was cancelled", "%s texts were cancelled", number), number)
