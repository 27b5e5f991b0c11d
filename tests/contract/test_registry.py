"""Every step and every filter, those here and those to come: a new one is tested by existing."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from campaigns import drafts, editor, failing, runner, versions
from campaigns.content import BranchSpec, FlowSpec, ListSpec, StepSpec, to_json
from campaigns.models import (
    Campaign,
    Cohort,
    Entry,
    FlowStep,
    FlowVersion,
    MessageVersion,
    Run,
    SmsMessage,
    Verdict,
    Webhook,
)
from campaigns.registry import (
    Configurable,
    FilterType,
    Outcome,
    StepContext,
    StepType,
    TriggerType,
    filters,
    steps,
    triggers,
)
from campaigns.views import cards
from people.models import Activity, Person, StaticList, StaticListMember
from tests.campaigns import make
from tests.people import make as people
from vibes.models import AcquisitionCampaign, OutboxRow, VibesList

pytestmark = [pytest.mark.contract, pytest.mark.django_db]

EVERY_STEP = pytest.mark.parametrize("step", steps.all(), ids=lambda each: str(each.kind))
EVERY_FILTER = pytest.mark.parametrize("filter_", filters.all(), ids=lambda each: str(each.kind))
EVERY_TRIGGER = pytest.mark.parametrize("trigger", triggers.all(), ids=lambda each: str(each.kind))
EVERY_ONE = pytest.mark.parametrize(
    ("one", "package"),
    [(each, "steps") for each in steps.all()]
    + [(each, "filters") for each in filters.all()]
    + [(each, "triggers") for each in triggers.all()],
    ids=lambda each: each if isinstance(each, str) else str(each.kind),
)
ICONS = next(Path(settings.BASE_DIR, "static", "vendor").glob("bootstrap-icons-*/icons.svg"))


# --- A valid example of anybody's settings, from the form alone ------------------------------------


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One of everything that a dropdown may offer: made once for a thousand tests, each in a savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        _make_world()
        yield
        transaction.set_rollback(True)


def _make_world() -> None:
    offers = make.vibes_list()
    make.acquisition_campaign(offers)
    make.approved_message()
    make.campaign("An earlier one")
    make.active(make.requestable(steps=[make.change()]))
    people.static_list()
    make.named_list("In Chicago", make.in_city())
    Webhook.objects.create(name="Tell the shop", url="https://shop.example.com/")


def example(one: Configurable[Any]) -> dict[str, Any]:
    """A small valid config: the first of what is offered, 1 for numbers, something for texts.

    Fields are filled in their order, as on screen, since one dropdown may depend on those before.
    """
    config: dict[str, Any] = {}
    for name in one.Form.base_fields:
        config[name] = _value(one.form(config).fields[name])
    form = one.form(config)
    assert form.is_valid(), form.errors
    return config


def _value(field: forms.Field) -> str:
    match field:
        case forms.ModelChoiceField():
            first = field.queryset.first()  # type: ignore[union-attr]
            assert first is not None, f"{field.label}: make one of these in the fixture `world`"
            return str(first.pk)
        case forms.ChoiceField():
            return next(str(key) for key, _label in field.choices if key)  # type: ignore[misc,union-attr]
        case forms.IntegerField() | forms.DecimalField() | forms.FloatField():
            return "1"
        case forms.DateTimeField():
            return "2026-06-01 09:00"
        case forms.DateField():
            return "2026-06-01"
        case forms.BooleanField():
            return "on"
        case forms.EmailField():
            return "ana@example.com"
    # What the card shows as an example; else a text, and a value of any text field, e-mail addresses included.
    return str(field.widget.attrs.get("placeholder", "ana@example.com"))


def params(one: Configurable[Any]) -> Any:
    return one.params(one.form(example(one)))


# --- Names ------------------------------------------------------------------------------------------


@EVERY_ONE
def test_lives_in_a_file_named_after_its_kind(one: Configurable[Any], package: str) -> None:
    assert type(one).__module__ == f"campaigns.{package}.{one.kind}"
    assert len(one.kind) <= FlowStep._meta.get_field("kind").max_length  # type: ignore[operator]


@EVERY_ONE
def test_says_what_it_is(one: Configurable[Any], package: str) -> None:
    assert str(one.label).strip()
    assert str(one.group).strip()
    assert type(one).__doc__, "the docstring is the help on screen"
    assert one.tooltip.endswith(".")
    assert "\n" not in one.tooltip


@EVERY_STEP
def test_has_an_icon_of_the_sprite(step: StepType[Any]) -> None:
    assert step.icon in re.findall(r'<symbol[^>]*id="([^"]+)"', ICONS.read_text())


# --- Settings ---------------------------------------------------------------------------------------


@EVERY_ONE
def test_params_mirror_the_form(one: Configurable[Any], package: str) -> None:
    fields = {field.name for field in dataclasses.fields(one.Params)}

    assert fields == set(one.Form.base_fields)


@EVERY_ONE
def test_a_config_survives_the_way_from_the_form_into_a_version_and_back(
    one: Configurable[Any], package: str, world: None
) -> None:
    config = example(one)
    posted = one.form(config, prefix="step-1").raw()

    read = one.params(one.form(posted))
    frozen = one.freeze(read)

    assert one.thaw(frozen) == read
    assert _is_plain(frozen)


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(each) for key, each in value.items())
    if isinstance(value, list):
        return all(_is_plain(each) for each in value)
    return value is None or isinstance(value, str | int | float | bool)


@EVERY_ONE
def test_missing_values_raise_instead_of_running(
    one: Configurable[Any], package: str, world: None
) -> None:
    needed = [name for name, field in one.Form.base_fields.items() if field.required]
    for name in needed:
        with pytest.raises(ValueError, match="not complete"):
            one.params(one.form(example(one) | {name: ""}))
    frozen = one.freeze(params(one))
    for field in dataclasses.fields(one.Params):
        rest = {key: value for key, value in frozen.items() if key != field.name}
        if field.default is dataclasses.MISSING:
            with pytest.raises(KeyError):
                one.thaw(rest)
        else:  # it came later, and a version from before does not know it
            assert getattr(one.thaw(rest), field.name) == field.default


@EVERY_ONE
def test_something_that_is_gone_raises_instead_of_running(
    one: Configurable[Any], package: str, world: None
) -> None:
    read = params(one)
    frozen = one.freeze(read)
    for name, value in vars(read).items():
        if isinstance(value, models.Model):
            with pytest.raises(type(value).DoesNotExist):  # type: ignore[attr-defined]
                one.thaw(frozen | {name: 1_000_000})


@EVERY_ONE
def test_is_said_in_one_sentence(one: Configurable[Any], package: str, world: None) -> None:
    said = one.summary(params(one))

    assert isinstance(said, str)
    assert said.strip()
    assert "\n" not in said


@EVERY_ONE
def test_a_new_card_starts_with_what_its_menus_show(one: Configurable[Any], package: str) -> None:
    starting = one.starting()

    assert set(starting) <= set(one.Form.base_fields)
    for name, field in one.Form.base_fields.items():
        if type(field) is forms.ChoiceField:
            assert starting[name] in [key for key, _label in field.choices]  # type: ignore[misc,union-attr]


# --- Cards ------------------------------------------------------------------------------------------


@EVERY_STEP
def test_has_a_card_that_draws_every_field(step: StepType[Any], world: None) -> None:
    campaign = make.campaign(steps=[(step.kind, example(step))])
    row = campaign.steps.get()

    html = _drawn(campaign)

    assert f'<li id="step-{row.pk}"' in html
    for name in step.Form.base_fields:
        assert f'name="step-{row.pk}-{name}"' in html


@EVERY_STEP
def test_its_card_is_drawn_once_for_each_branch(step: StepType[Any], world: None) -> None:
    campaign = make.campaign(steps=[(step.kind, example(step))])
    row = campaign.steps.get()
    choice = make.choice(row, condition=make.in_city(), config=example(step))

    html = _drawn(campaign)

    for prefix in (f"step-{row.pk}", f"choice-{choice.pk}"):
        for name in step.Form.base_fields:
            assert html.count(f'name="{prefix}-{name}"') == 1


def _drawn(campaign: Campaign) -> str:
    (card,) = drafts.read(campaign).steps
    (shown,) = cards.show_steps([card], opened=[f"step-{card.row.pk}"])
    return str(get_template(card.type.template).render({"card": shown.card, "shown": shown}))


@EVERY_FILTER
def test_has_fields_that_can_be_drawn(filter_: FilterType[Any], world: None) -> None:
    form = filter_.form(example(filter_), prefix="filter-1")

    html = str(get_template(filter_.template).render({"form": form}))

    for name in filter_.Form.base_fields:
        assert f'name="filter-1-{name}"' in html


@EVERY_TRIGGER
def test_has_a_card_that_draws_its_constraints(trigger: TriggerType[Any], world: None) -> None:
    campaign = make.campaign()
    editor.add_trigger(campaign, kind=trigger.kind, by=make.user(), now=make.NOON)
    (shown,) = cards.show_triggers(drafts.read(campaign).smart_list)

    card = {"card": shown.card, "shown": shown}
    html = str(get_template("campaigns/smart_list/_trigger.html").render(card))

    assert str(trigger.label) in html
    for name in trigger.Form.base_fields:
        assert f'name="{shown.card.prefix}-{name}"' in html


@EVERY_TRIGGER
def test_makes_a_campaign_triggered_and_goes_into_its_version(
    trigger: TriggerType[Any], world: None
) -> None:
    campaign = make.campaign(steps=[make.change()])
    row = editor.add_trigger(campaign, kind=trigger.kind, by=make.user(), now=make.NOON)
    editor.configure_trigger(row, example(trigger), by=make.user(), now=make.NOON)

    version = versions.publish(campaign, by=make.user(), now=make.NOON)

    assert versions.flow_of(version).is_triggered
    assert trigger.thaw(versions.flow_of(version).triggers[0].config) == params(trigger)


# --- Filters at work --------------------------------------------------------------------------------


@EVERY_FILTER
def test_is_one_condition_that_the_database_answers_in_one_query(
    filter_: FilterType[Any], world: None
) -> None:
    people.people(3)
    read = params(filter_)

    with CaptureQueriesContext(connection) as counted:
        condition = filter_.q(read, now=make.NOON)
        found = list(Person.objects.filter(condition))

    assert isinstance(condition, Q)
    assert len(counted) == 1
    assert len(found) <= 3


# --- Steps at work ----------------------------------------------------------------------------------


@dataclasses.dataclass
class Visit:
    """A step, its settings, and people in a run who are about to take it."""

    step: StepType[Any]
    params: Any
    context: StepContext
    people: list[Person]

    def execute(self) -> Outcome:
        return self.step.execute(self._queryset(), self.params, self.context)

    def forecast(self) -> Outcome:
        return self.step.forecast(self._queryset(), self.params, self.context)

    def _queryset(self) -> Any:
        return Person.objects.filter(pk__in=[each.pk for each in self.people]).by_number()


@pytest.fixture
def visit(world: None) -> Callable[[StepType[Any], int], Visit]:
    """`visit(step, 200)`: 200 people with numbers of their own, half of them on the list."""

    def arrange(step: StepType[Any], number: int) -> Visit:
        offers = VibesList.objects.get()
        who = make.subscribers(offers, number, city="Chicago")
        offers.subscriptions.filter(mobile__in=[each.mobile for each in who[::2]]).delete()
        run = _run(step)
        cohort = Cohort.objects.create(run=run, number=1)
        entries = Entry.objects.bulk_create(
            Entry(run=run, person=each, cohort=cohort, entered_at=make.NOON) for each in who
        )
        context = StepContext(
            now=make.NOON,
            campaign_id=run.campaign_id,
            campaign="Test",
            run_id=run.pk,
            step_id=run.campaign.steps.get().pk,
            entries={entry.person_id: entry.pk for entry in entries},
        )
        return Visit(step, params(step), context, who)

    return arrange


def _run(step: StepType[Any]) -> Run:
    campaign = make.campaign(f"With {step.kind}", steps=[(step.kind, example(step))])
    version = campaign.versions.create(number=1, content={}, published_at=make.NOON)
    return Run.objects.create(
        campaign=campaign, version=version, token=step.kind, started_at=make.NOON
    )


@EVERY_STEP
def test_costs_the_same_queries_for_2_people_as_for_200(
    step: StepType[Any], visit: Callable[[StepType[Any], int], Visit]
) -> None:
    here = visit(step, 204)
    first, few, many = (
        dataclasses.replace(here, people=here.people[start:end])
        for start, end in [(0, 2), (2, 4), (4, 204)]
    )
    first.forecast(), first.execute()  # what is asked once a process

    assert _queries(few.forecast) == _queries(many.forecast)
    assert _queries(few.execute) == _queries(many.execute)


# Statements that execute makes, and those of a whole advance around it: begin, move on, verdicts, history.
STATEMENTS = {
    "add_to_list": (4, 12),
    "remove_from_list": (2, 10),  # nobody is on it
    "call_webhook": (2, 10),
    "change_data_value": (3, 10),
    "change_score": (3, 10),
    "remove_from_flow": (1, 13),
    "request_campaign": (2, 11),
    "send_alert": (2, 9),
    "send_sms": (5, 17),
    "subscribe_to_vibes_list": (5, 15),
    "unsubscribe_from_vibes_list": (5, 13),
    "wait": (1, 8),
}


@EVERY_STEP
def test_costs_as_many_queries_as_it_did(
    step: StepType[Any], visit: Callable[[StepType[Any], int], Visit]
) -> None:
    here = visit(step, 204)
    first, rest = (
        dataclasses.replace(here, people=here.people[part]) for part in (slice(4), slice(4, 204))
    )
    first.execute()  # what is asked once a process

    assert _queries(rest.execute) == STATEMENTS[step.kind][0]


@EVERY_STEP
def test_advancing_2_people_costs_the_same_as_200(
    step: StepType[Any], visit: Callable[[StepType[Any], int], Visit]
) -> None:
    first, few, many = _cohorts(visit(step, 204), 2, 2, 200)
    runner.advance(first, now=make.NOON)  # what is asked once a process

    counted = [_queries(partial(runner.advance, each, now=make.NOON)) for each in (few, many)]

    assert counted == [STATEMENTS[step.kind][1]] * 2


def _cohorts(here: Visit, *sizes: int) -> list[int]:
    """The people of a visit in cohorts of these sizes, in a run that goes, with this step alone."""
    run = Run.objects.get(pk=here.context.run_id)
    branch = BranchSpec(here.step.freeze(here.params))
    flow = FlowSpec(ListSpec(), (StepSpec(here.context.step_id, here.step.kind, (branch,)),))
    FlowVersion.objects.filter(runs=run).update(content=to_json(flow))
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING)
    entries = list(run.entries.order_by("pk").values_list("pk", flat=True))
    made = [Cohort.objects.create(run=run, number=2 + each).pk for each in range(len(sizes))]
    for cohort, size in zip(made, sizes, strict=True):
        mine, entries = entries[:size], entries[size:]
        Entry.objects.filter(pk__in=mine).update(cohort=cohort)
    return made


@EVERY_STEP
def test_two_who_take_the_same_cohort_on_act_once(
    step: StepType[Any], visit: Callable[[StepType[Any], int], Visit]
) -> None:
    [cohort] = _cohorts(visit(step, 6), 6)
    untouched = _left_behind()
    as_both_read_it = failing.begin(cohort, now=make.NOON)
    assert as_both_read_it

    runner._advance(as_both_read_it, make.NOON)
    once = _left_behind()
    runner._advance(as_both_read_it, make.NOON)

    assert _left_behind() == once
    assert once["verdicts"] > untouched["verdicts"]


@EVERY_STEP
def test_names_only_people_who_took_it(
    step: StepType[Any], visit: Callable[[StepType[Any], int], Visit]
) -> None:
    here = visit(step, 6)

    outcome = here.execute()

    named = [outcome.queued, outcome.left, *outcome.skipped.values(), *outcome.parked.values()]
    everybody = [person for group in named for person in group]
    assert set(everybody) <= {each.pk for each in here.people}
    assert len(everybody) == len(set(everybody))


@EVERY_STEP
def test_a_forecast_says_what_execute_does_and_writes_nothing(
    step: StepType[Any], visit: Callable[[StepType[Any], int], Visit]
) -> None:
    here = visit(step, 6)
    before = _left_behind()

    said = here.forecast()
    unchanged = _left_behind() == before
    done = here.execute()

    assert unchanged
    assert (said.queued, said.skipped, said.parts) == (done.queued, done.skipped, done.parts)


def _queries(act: Callable[[], object]) -> int:
    """Statements, but for the savepoints by which a test holds what would be a transaction."""
    with CaptureQueriesContext(connection) as counted:
        act()
    return sum("SAVEPOINT" not in each["sql"] for each in counted)


def _left_behind() -> Mapping[str, Any]:
    """What a step may leave: rows owed, members, history, people's own values."""
    return {
        "verdicts": Verdict.objects.count(),
        "owed": OutboxRow.objects.count(),
        "members": StaticListMember.objects.count(),
        "history": Activity.objects.count(),
        "people": list(
            Person.objects.order_by("pk").values("city", "score", "email", "updated_at")
        ),
    }


# --- What the examples stand on ---------------------------------------------------------------------


def test_the_world_of_the_examples_has_one_of_everything(world: None) -> None:
    kinds = [SmsMessage, MessageVersion, VibesList, AcquisitionCampaign, StaticList]

    assert [kind._default_manager.count() for kind in kinds] == [1] * 5
