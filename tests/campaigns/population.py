"""Random people with everything filters may ask about, in the database and as plain records alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from campaigns.models import Campaign, Cohort, Entry, Run, SmartList, Verdict
from people import defining, fields
from people.models import Activity, Person, StaticListMember
from tests.campaigns import make
from tests.campaigns.evaluator import ACTIVITY, Line, Somebody, World
from tests.people.make import static_list

Pick = Callable[[Sequence[Any]], Any]
"""One of these, as chance (a generator, or Hypothesis) will have it."""

ALPHABET = "aAbéÉßİi%_'\"\\ 0;,ΣςσK"
WORDS = [
    *[
        "",
        "",
        "Chicago",
        "chicago",
        "CHICAGO HEIGHTS",
        "Éclair",
        "éclair",
        "É",
        "Straße",
        "STRASSE",
    ],
    *["İstanbul", "istanbul", "i̇stanbul", "100%", "100", "a_b", "axb", "O'Hara", 'say "hi"'],
    *["back\\slash", "ΑΣ", "ας", "null", "{}", "a;b", "a,b", "IL", "il"],
]
MOBILES = ["", "", "+13125550142", "+13125550143", "+13125550199", "+17735550142"]
SPELLINGS = [
    *["(312) 555-0142", "312.555.0143", "+1 773 555 0142", "1-312-555-0199", "+13125550142"],
    *["312", "(773) 555", "+1312", "+1", "0142", "555", "nobody", "%", "_"],
    *["1 (312)", "1-773 555", "011 1 312", "00 1", "1", "+44 7400"],
]
NUMBERS: dict[str, list[Any]] = {
    "score": [0, 0, 1, -1, 10, 10, 11, 2**31 - 1, 1 - 2**31],
    "num_employees": [0, 1, 10, -10, 2**53 - 1, 1 - 2**53],
    "annual_revenue": [
        Decimal(each) for each in ("0", "0.1", "0.10", "-5.5", "9999999999999.99", "10")
    ],
    "number": [0, 1, -1, 10, 2**53 - 1],
    "float": [0.0, 0.5, -0.5, 3.14, 1e299, 10.0],
}
REASONS = ["no-mobile-number", "never-subscribed"]
STATES = ["done", "sent", "skipped"]
CHANGES: dict[str, list[Any]] = {
    "city": ["", "Chicago", "É", "a_b"],
    "score": [0, 10, -1],
    "unsubscribed": [True, False],
    "date_of_birth": [None, "2001-02-03"],
    "mobile": ["", "+13125550142"],
}
NAMES = ["Spring 100%", "spring é"]
NOWS = [
    datetime(2026, 6, 1, 17, 0, 0, 123, tzinfo=UTC),
    datetime(2026, 3, 8, 8, 30, tzinfo=UTC),  # Chicago has just put its clocks forward
    datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),  # half past one, the second time that night
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2026, 3, 28, 22, 0, tzinfo=UTC),  # a midnight that does not exist in Beirut
]
MICRO, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
AWAY = [
    *[0 * DAY, MICRO, -MICRO, HOUR, -HOUR, -3 * HOUR, DAY, -DAY, DAY - HOUR, -2 * DAY, 7 * DAY],
    *[
        -7 * DAY,
        -21 * DAY,
        30 * DAY,
        -30 * DAY,
        31 * DAY,
        90 * DAY,
        -90 * DAY,
        366 * DAY,
        -800 * DAY,
    ],
]
FIELDS = {
    "text": "Shoe Colour",
    "number": "Shoe Size",
    "float": "Ratio",
    "truth": "Is VIP",
    "date": "Renewal",
    "moment": "Last Visit",
}
TYPES = ["string", "integer", "float", "boolean", "date", "datetime"]
TEXT_COLUMNS = [
    each.name
    for each in Person._meta.concrete_fields
    if each.get_internal_type() == "CharField" and not each.name.startswith("mobile")
]
TRUTHS = ["block_listed", "marketing_suspended", "unsubscribed", "email_invalid", "do_not_call"]


class Ground(NamedTuple):
    """What people hang on: made once."""

    zone: ZoneInfo
    lists: list[int]
    vibes_lists: dict[int, str]
    messages: dict[int, str]
    runs: list[tuple[int, int, int]]  # campaign, run, cohort
    fields: dict[int, str]
    members: set[tuple[str, int]]
    smart_lists: dict[int, Any]  # as World has them


def ground(zone: str) -> Ground:
    """Lists, campaigns, messages and fields, and who is on a Vibes list."""
    vibes_lists = [make.vibes_list("Offers"), make.vibes_list("News")]
    messages = [make.draft_message(name=each) for each in NAMES]
    now = NOWS[0]
    made = {
        defining.define(label, kind, by=None, now=now).pk: compares
        for (compares, label), kind in zip(FIELDS.items(), TYPES, strict=True)
    }
    places = [(2, 0), (3, 0), (3, 1)]
    members = {(MOBILES[number], vibes_lists[place].pk) for number, place in places}
    for mobile, list_id in members:
        chosen = next(each for each in vibes_lists if each.pk == list_id)
        make.subscribe(chosen, [Person(mobile=mobile)])
    return Ground(
        ZoneInfo(zone),
        [static_list(each).pk for each in ("Newsletter", "Best customers")],
        {each.pk: each.name for each in vibes_lists},
        {each.pk: str(each) for each in messages},
        [_run(make.campaign(each)) for each in ("One", "Two")],
        made,
        members,
        dict(map(_named, RULES)),
    )


# Two that stand alone: of both some people have nothing to be compared.
RULES: list[tuple[str, list[tuple[str, dict[str, str]]]]] = [
    ("all", [("num_employees", {"operator": "less_than", "value": "50"})]),
    (
        "any",
        [
            ("date_of_birth", {"operator": "after", "day": "2000-01-01"}),
            ("annual_revenue", {"operator": "at_least", "value": "0"}),
        ],
    ),
]


def _named(rule: tuple[str, list[tuple[str, dict[str, str]]]]) -> tuple[int, Any]:
    match, asked = rule
    named = make.named_list(f"Those who fit {match}", *asked)
    SmartList.objects.filter(pk=named.smart_list_id).update(match=match)
    return named.pk, (("and" if match == "all" else "or", [*range(1, len(asked) + 1)]), asked)


def _run(campaign: Campaign) -> tuple[int, int, int]:
    version = campaign.versions.create(number=1, content={}, published_at=NOWS[0])
    run = Run.objects.create(
        campaign=campaign, version=version, token=campaign.node.name, started_at=NOWS[0]
    )
    return campaign.pk, run.pk, Cohort.objects.create(run=run, number=1).pk


# --- People ---------------------------------------------------------------------------------------


def somebody(pick: Pick, on: Ground, *, share: Sequence[bool] = (True, False)) -> Somebody:
    """A person; `share` says how many of their fields are filled in."""
    columns: dict[str, Any] = {each: pick(WORDS) if pick(share) else "" for each in TEXT_COLUMNS}
    columns |= {each: pick([True, False]) if pick(share) else False for each in TRUTHS}
    columns |= {
        "mobile": pick(MOBILES),
        "score": pick(NUMBERS["score"]),
        "employees": pick([None, *NUMBERS["num_employees"]]),
        "annual_revenue": pick([None, *NUMBERS["annual_revenue"]]),
        "date_of_birth": pick([None, _moment(pick).date()]),
        "created_at": _moment(pick),
        "updated_at": _moment(pick),
    }
    made = Somebody(0, columns)
    for field_id, compares in on.fields.items():
        if pick(share):
            made.custom[field_id] = _custom(compares, pick)
    made.custom = {
        key: value for key, value in made.custom.items() if value not in (None, "", False)
    }
    made.lists = {each for each in on.lists if pick(share)}
    made.lines = [_line(pick, on) for _ in range(pick([0, 0, 1, 2, 4]))]
    made.verdicts = [_verdict(pick, on)] if pick(share) else []
    made.campaigns = {campaign for campaign, _state, _reason in made.verdicts}
    return made


def _moment(pick: Pick) -> datetime:
    at: datetime = pick(NOWS) + pick(AWAY)
    return at.replace(hour=pick([0, 5, 6, 21, 22, at.hour])) if pick([True, False]) else at


def _custom(compares: str, pick: Pick) -> Any:
    match compares:
        case "text":
            return pick(WORDS)
        case "truth":
            return pick([True, False])
        case "date":
            return _moment(pick).date()
        case "moment":
            return _moment(pick).replace(microsecond=0)
    return pick(NUMBERS[compares])


def _verdict(pick: Pick, on: Ground) -> tuple[int, str, str]:
    return pick(on.runs)[0], pick(STATES), pick(["", *REASONS])


def _line(pick: Pick, on: Ground) -> Line:
    kind = pick(sorted(ACTIVITY.values()))
    return Line(
        kind, _moment(pick), _details(kind, pick, on), pick([None, *(each[0] for each in on.runs)])
    )


def _details(kind: str, pick: Pick, on: Ground) -> dict[str, Any]:
    match kind:
        case "received_sms":
            return {"text": pick([*WORDS, "Yes please"])}
        case "skipped":
            return {"reason": pick(REASONS)}
        case "add_to_list" | "remove_from_list":
            return {"list_id": pick(on.lists), "by": _by(pick)}
        case "change_data_value":
            chosen = {pick(sorted(CHANGES)), pick(sorted(CHANGES))}
            changes = {each: [pick(CHANGES[each]), pick(CHANGES[each])] for each in sorted(chosen)}
            return {"changes": changes, "by": _by(pick)}
    list_id, by_id = pick(sorted(on.vibes_lists)), pick([True, True, False])
    # What a message was called when it went out may be the name of another one by now.
    message_id, has_id = pick(sorted(on.messages)), pick([True, True, False])
    called = pick([on.messages[message_id], *on.messages.values()])
    said: dict[str, Any] = {"vibes_list": on.vibes_lists[list_id], "message": called}
    said |= {"message_id": message_id} if has_id else {}
    said |= {"bounce": pick(["hard", "soft"])} if kind == "sms_bounced" else {}
    return said | ({"vibes_list_id": list_id} if by_id else {})


def _by(pick: Pick) -> str:
    return str(pick(["Ada", "import “100%.csv”", "smart campaign “É”"]))


# --- Into the database ----------------------------------------------------------------------------


def save(everybody: Sequence[Somebody], on: Ground) -> None:
    """Write them, and give each its id: a handful of statements."""
    known = {each.row: each for each in fields.recent().values() if each.row}
    rows = []
    for who in everybody:
        row = Person(**who.columns)
        for field_id, value in who.custom.items():
            known[field_id].put(row, value)
        rows.append(row)
    for who, row in zip(everybody, Person.objects.bulk_create(rows), strict=True):
        who.id = row.pk
    StaticListMember.objects.bulk_create(
        StaticListMember(person_id=who.id, static_list_id=each, added_at=NOWS[0])
        for who in everybody
        for each in who.lists
    )
    Activity.objects.bulk_create(
        Activity(
            person_id=who.id,
            kind=line.kind,
            happened_at=line.at,
            details=line.details,
            campaign_id=line.campaign,
        )
        for who in everybody
        for line in who.lines
    )
    _save_verdicts(everybody, on)


def _save_verdicts(everybody: Sequence[Somebody], on: Ground) -> None:
    runs = {campaign: (run, cohort) for campaign, run, cohort in on.runs}
    said = [(who, runs[each[0]], each) for who in everybody for each in who.verdicts]
    entries = Entry.objects.bulk_create(
        Entry(run_id=run, cohort_id=cohort, person_id=who.id, entered_at=NOWS[0])
        for who, (run, cohort), _verdict in said
    )
    Verdict.objects.bulk_create(
        Verdict(
            run_id=run,
            entry=entry,
            person_id=who.id,
            step_id=1,
            state=state,
            reason=why,
            at=NOWS[0],
        )
        for entry, (who, (run, _cohort), (_campaign, state, why)) in zip(entries, said, strict=True)
    )


def world(everybody: list[Somebody], on: Ground, now: datetime) -> World:
    told = (on.members, on.vibes_lists, on.messages, on.fields, on.smart_lists)
    return World(everybody, *told, on.zone, now)
