"""What a plug-in is: step, filter and trigger types, what a step answers, and how they are found.

A step is one file in `campaigns/steps` that registers one class, likewise in `filters` and `triggers`.
Its `Form` is the only schema of its settings; `Params` are the same settings, typed. A published
version keeps them frozen (plain values and ids); the worker thaws them without asking the form.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import types
import typing
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django import forms
from django.db import models
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from people.models import PersonQuerySet
from vibes import working

P = TypeVar("P")
NOBODY: frozenset[int] = frozenset()


class ConfigForm(forms.Form):
    """The settings of one card. Bound to what is stored, so that a draft may be incomplete.

    A form that narrows one dropdown by another does so in `__init__`, by `self.stored(name)`.
    """

    required_css_class = "required"
    # Dropdown → what to say while nothing can be chosen in it.
    nothing_offered: ClassVar[Mapping[str, str | Promise]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            words = _("Choose one.") if hasattr(field, "choices") else _("Enter a value.")
            field.error_messages["required"] = words
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = _("Choose…")

    def stored(self, name: str) -> str:
        """What the card holds for a field now, as text; empty when nothing was chosen."""
        value = self.data.get(self.add_prefix(name), "")
        return str(value)

    def raw(self) -> dict[str, Any]:
        """What is kept in the draft: every field as it was posted."""
        return {
            name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name, field in self.fields.items()
        }


class Pinned(Protocol):
    """A model that may be edited later says here what a version keeps instead (a message: its approved text)."""

    def pinned(self) -> models.Model | None: ...


class Configurable(ABC, Generic[P]):
    """What steps and filters share: names, a form, typed params, and the way between them."""

    kind: ClassVar[str]
    label: ClassVar[StrOrPromise]
    group: ClassVar[StrOrPromise]
    icon: ClassVar[str] = ""
    # Whether a version keeps what a chosen thing says of itself (`Pinned`), and not the thing.
    pins: ClassVar[bool] = True
    # Whether the palette offers it only where a Vibes service works.
    needs_vibes: ClassVar[bool] = False
    Form: type[ConfigForm]
    Params: type[P]

    @abstractmethod
    def summary(self, params: P) -> str:
        """The sentence on the folded card; also its accessible name."""

    @property
    def docstring(self) -> str:
        """The class docstring, in paragraphs: what `help` translates."""
        paragraphs = (inspect.getdoc(type(self)) or "").split("\n\n")
        return "\n\n".join(" ".join(each.split()) for each in paragraphs)

    @property
    def help(self) -> str:
        """What the help panel says: the docstring, in the language of whoever looks."""
        return _(self.docstring) if self.docstring else ""

    @property
    def tooltip(self) -> str:
        """The first sentence of the help."""
        return self.help.split("\n\n")[0].split(". ")[0].replace("\n", " ").rstrip(".") + "."

    def form(self, config: Mapping[str, Any], *, prefix: str = "") -> ConfigForm:
        """The card's form, bound to a stored config (names without prefix)."""
        config = self.renewed(config)
        data = {f"{prefix}-{name}" if prefix else name: value for name, value in config.items()}
        return self.Form(data, prefix=prefix or None)

    def starting(self) -> dict[str, Any]:
        """What a new card holds: what its fields start with, and of every short menu the first entry."""
        fields = self.Form.base_fields
        return {
            name: value for name, field in fields.items() if (value := _first(field)) is not None
        }

    def params(self, form: ConfigForm) -> P:
        """The typed settings of a valid form. Raises ValueError when the form is not valid."""
        if not form.is_valid():
            raise ValueError(f"{self.label} is not complete.")
        kept = _pin if self.pins else _as_it_is
        return self.Params(**{name: kept(form.cleaned_data[name]) for name in self._fields})

    def freeze(self, params: P) -> dict[str, Any]:
        """The params as plain values and ids, for a published version.

        What stands at its default is left out: a setting that came later says nothing where it is
        not used, and a version from before is still the same version.
        """
        kept = {name: getattr(params, name) for name in self._fields}
        return {
            name: _plain(value)
            for name, value in kept.items()
            if name not in self._defaults or value != self._defaults[name]
        }

    def thaw(self, frozen: Mapping[str, Any]) -> P:
        """The params of a published version. Raises when something it names is gone."""
        said = {**self._defaults, **self.renewed(frozen, exactly=True)}
        return self.Params(
            **{name: _typed(hint, said[name]) for name, hint in self._fields.items()}
        )

    def renewed(self, config: Mapping[str, Any], *, exactly: bool = False) -> Mapping[str, Any]:
        """A stored config as it would be stored today: for a type that once kept its settings otherwise.

        `exactly`: of a published version, which must go on to mean the very same.
        """
        return config

    @cached_property
    def _fields(self) -> dict[str, Any]:
        hints = typing.get_type_hints(self.Params)
        return {field.name: hints[field.name] for field in dataclasses.fields(self.Params)}  # type: ignore[arg-type]

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        fields = dataclasses.fields(self.Params)  # type: ignore[arg-type]
        return {
            each.name: each.default for each in fields if each.default is not dataclasses.MISSING
        }


def _first(field: forms.Field) -> Any:
    if field.initial is not None:
        return str(field.initial)
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return next((key for key, _label in field.choices), None)  # type: ignore[union-attr, misc]
    return None


def _pin(value: Any) -> Any:
    return value.pinned() if hasattr(value, "pinned") else value


def _as_it_is(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    match value:
        case models.Model():
            return value.pk
        case timedelta():
            return value.total_seconds()
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return (
                int(value)
                if value == value.to_integral_value() and abs(value) < 1e15
                else str(value)
            )
        case tuple() | list():
            return [_plain(each) for each in value]
    return value


def _typed(hint: Any, value: Any) -> Any:
    if typing.get_origin(hint) is tuple:
        return tuple(_typed(typing.get_args(hint)[0], each) for each in value)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):  # a type, or None
        hint = next(each for each in typing.get_args(hint) if each is not type(None))
    if value is None or not isinstance(hint, type):
        return value
    if issubclass(hint, models.Model):
        return hint._default_manager.get(pk=value)
    if issubclass(hint, timedelta):
        return timedelta(seconds=value)
    if issubclass(hint, date):  # a datetime is a date
        return hint.fromisoformat(value)
    return Decimal(value) if issubclass(hint, Decimal) else value


@dataclasses.dataclass(frozen=True)
class StepContext:
    """Where and when a step runs: one visit of one step by some entries of one run."""

    now: datetime
    campaign_id: int
    campaign: str  # its name
    run_id: int
    step_id: int
    wave: int = 0  # of a triggered run: on which occasion they entered
    entries: Mapping[int, int] = dataclasses.field(default_factory=dict)  # person id → entry id
    actor: str = ""  # who did it, where no campaign did

    @property
    def by(self) -> str:
        """Who did it, as a person's history says it."""
        return self.actor or _("smart campaign “%(name)s”") % {"name": self.campaign}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a step made of people, by person id. It names only the exceptions: everybody else is done.

    `skipped` is by reason, `details` adds words to a person's verdict, `parked` is by the time to
    go on, `left` are out of this run, `removed` out of all other open runs of a campaign (its id → people), which
    the runner sees to, as it does to those `requested` to enter other campaigns (likewise);
    `parts` counts billed parts of the texts queued.
    """

    queued: AbstractSet[int] = NOBODY
    skipped: Mapping[str, AbstractSet[int]] = dataclasses.field(default_factory=dict)
    details: Mapping[int, str] = dataclasses.field(default_factory=dict)
    parked: Mapping[datetime, AbstractSet[int]] = dataclasses.field(default_factory=dict)
    left: AbstractSet[int] = NOBODY
    removed: Mapping[int, AbstractSet[int]] = dataclasses.field(default_factory=dict)
    requested: Mapping[int, AbstractSet[int]] = dataclasses.field(default_factory=dict)
    parts: int = 0


class StepType(Configurable[P]):
    """A kind of flow step."""

    # Vibes is asked about unknown memberships on the step's lists before a run reaches it.
    asks_membership: ClassVar[bool] = False
    # Whether `Outcome.queued` means texts (else calls to Vibes that text nobody).
    texts: ClassVar[bool] = False
    # What the dry run says of those whom `Outcome.queued` names.
    queues: ClassVar[StrOrPromise] = gettext_lazy("Will be sent to Vibes")
    # Whether people stay in it for a time, so that what comes after is nothing to count on soon.
    waits: ClassVar[bool] = False

    @abstractmethod
    def execute(self, people: PersonQuerySet, params: P, context: StepContext) -> Outcome:
        """Act on these people in a fixed number of statements, inside the runner's transaction."""

    def forecast(self, people: PersonQuerySet, params: P, context: StepContext) -> Outcome:
        """What `execute` would answer, with nothing written. Share the deciding code with it."""
        return Outcome()

    def toll(self, count: int) -> str:
        """What so many people come to at this step, for the dry run: people, or what each of them costs."""
        shown = number_format(count, force_grouping=True)
        return ngettext("%(count)s person", "%(count)s people", count) % {"count": shown}

    def reads(self, people: PersonQuerySet, params: P) -> dict[int, str]:
        """What each of these people would read, word for word, by person id; of a step that texts nobody, nothing."""
        return {}

    def deliver(self, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Do what this step owes outside Vibes (`owed.write`), for one person; says what came back.

        In a thread, outside any transaction, within a minute. Raises what `campaigns.outward` has for it:
        NotNow, NotDone or Lost, in words.
        """
        raise NotImplementedError

    def obstacle(self, params: P) -> str:
        """What stands in the way of the whole step now, in words; empty when nothing does.

        Asked at launch of what is published: its form was satisfied once, the world moves on.
        """
        return ""

    def awaits(self, params: P) -> str:
        """What must be there before a batch run starts, in words; a triggered campaign may be activated before."""
        return ""

    def changes(self, params: P) -> AbstractSet[str]:
        """What of people it changes: names of fields, `list <id>`; a smart list that asks for it is warned of."""
        return frozenset()

    def empties(self, params: P, *, campaign_id: int) -> bool:
        """Whether nobody who takes it goes on in the flow of this campaign."""
        return False

    def requests(self, config: Mapping[str, Any]) -> AbstractSet[int]:
        """By frozen params: the campaigns (ids) that it sends people into."""
        return NOBODY

    def needs(self, params: P) -> str:
        """The right that whoever publishes or starts it must hold; empty for what anybody may."""
        return ""

    @property
    def template(self) -> str:
        return f"campaigns/steps/{self.kind}.html"


class FilterType(Configurable[P]):
    """A kind of smart list filter."""

    pins = False
    # Whether a smart list with it may be asked from within another one.
    nestable: ClassVar[bool] = True
    # The field in which another smart list is chosen, for those that ask one.
    nests: ClassVar[str] = ""
    # Where it is offered, if not everywhere: in a smart "list", or in the condition of a "choice".
    stands: ClassVar[str] = ""

    @abstractmethod
    def q(self, params: P, *, now: datetime) -> Q:
        """The condition on a person, to be joined with the others in one statement."""

    def asks(self, params: P) -> AbstractSet[str]:
        """What of people it asks for, as `StepType.changes` names it: the field that it is called after."""
        return frozenset({self.kind})

    def share(self, config: Mapping[str, Any]) -> Decimal:
        """By frozen params: how much of all people at a step it keeps for its choice by lot, in percent."""
        return Decimal(0)

    def inner(self, config: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The rule inside frozen params, as a version keeps it, of a type that asks another list."""
        return None

    @property
    def template(self) -> str:
        return "campaigns/filters/_fields.html"


class TriggerType(Configurable[P]):
    """A kind of event that takes people into a campaign while it is active.

    Its form narrows which of these events count (its constraints).
    """

    pins = False
    icon: ClassVar[str] = "lightning-charge"
    # Whether an active campaign with it can be chosen in Request Campaign.
    hears_requests: ClassVar[bool] = False

    @property
    def template(self) -> str:
        return "campaigns/filters/_fields.html"


class UnknownKind(LookupError):
    """No plug-in has this word: it is gone, or not here yet. As text, what to say of it."""


T = TypeVar("T", bound=Configurable[Any])
Made_co = TypeVar("Made_co", bound=Configurable[Any], covariant=True)


class Family(Protocol[Made_co]):
    """Plug-ins that are no files: one for each of something this installation has, found when asked for."""

    prefix: str  # their kinds begin with it

    def get(self, kind: str) -> Made_co:
        """Raises UnknownKind, in words."""

    def all(self) -> Sequence[Made_co]:
        """Every one there is now."""


class Registry(Generic[T]):
    """The plug-ins of one kind of thing, each by its `kind`; and families of them."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._types: dict[str, T] = {}
        self._families: dict[str, Family[T]] = {}

    def register(self, plugin: type[T]) -> type[T]:
        """Class decorator. Raises ValueError when the kind is taken."""
        if plugin.kind in self._types:
            raise ValueError(f"{plugin.kind} is registered twice.")
        self._types[plugin.kind] = plugin()
        return plugin

    def register_family(self, family: Family[T]) -> None:
        """Raises ValueError when its prefix is taken."""
        if family.prefix in self._families:
            raise ValueError(f"{family.prefix} is registered twice.")
        self._families[family.prefix] = family

    def get(self, kind: str) -> T:
        """The plug-in of this kind. Raises UnknownKind."""
        if kind in self._types:
            return self._types[kind]
        for prefix, family in self._families.items():
            if kind.startswith(prefix):
                return family.get(kind)
        raise UnknownKind(_("This kind is not available here."))

    def all(self) -> list[T]:
        """Those that are files."""
        return sorted(self._types.values(), key=lambda each: (str(each.group), str(each.label)))

    def everything(self) -> list[T]:
        """Those that are files, and the families' as they are now."""
        return [*self.all(), *(each for family in self._families.values() for each in family.all())]

    def offered(self) -> list[T]:
        """What the palette shows now: all, or while no Vibes service works what needs none."""
        there = working.is_there()
        return [each for each in self.everything() if there or not each.needs_vibes]

    def discover(self) -> None:
        """Import every module of the package, so that each registers itself."""
        package = importlib.import_module(self._package)
        for module in _modules(package.__path__):
            importlib.import_module(f"{self._package}.{module}")


def _modules(path: Iterable[str]) -> list[str]:
    return [each.name for each in pkgutil.iter_modules(path) if not each.name.startswith("_")]


steps: Registry[StepType[Any]] = Registry("campaigns.steps")
filters: Registry[FilterType[Any]] = Registry("campaigns.filters")
triggers: Registry[TriggerType[Any]] = Registry("campaigns.triggers")
