"""What a fault of the connection means to the person who set it up: where to look, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from vibes.client import (
    Busy,
    Locked,
    LoginRefused,
    NotTrusted,
    Refused,
    Retryable,
    SourceCode,
    VibesError,
)
from vibes.models import Account

OWN_ADDRESS = {Account.Region.CUSTOM, Account.Region.SIMULATOR}


@dataclass(frozen=True)
class Diagnosis:
    """The field of the service's form that is most likely wrong (empty: none), and the words."""

    field: str
    words: str


def of(account: Account, fault: VibesError) -> Diagnosis:
    """Read the fault of a first, harmless call (the lists) as one of the settings."""
    address = "base_url" if account.region in OWN_ADDRESS else "region"
    named = {"host": account.host, "said": str(fault)}
    if isinstance(fault, LoginRefused):
        return Diagnosis(*_of_login(fault, address, named))
    if isinstance(fault, Refused) and fault.status == 404:
        return Diagnosis("company_key", _unknown_key() % named)
    if fault.status >= 500:
        return Diagnosis("", _ailing() % named)
    if isinstance(fault, Retryable):
        return Diagnosis(*_of_silence(fault, address, named))
    return Diagnosis(address, _not_vibes() % named)


def _of_login(fault: LoginRefused, address: str, named: dict[str, str]) -> tuple[str, str]:
    if fault.status == 0:  # refused by ourselves, before any call: the address may not be called
        return address, str(fault)
    if fault.status == 403:
        words = _(
            "%(host)s knows this login, and does not let it in. Ask Vibes to open it. %(said)s"
        )
        return "username", words % named
    words = _(
        "%(host)s refuses this username and password. Check both; those of another region do not"
        " count. %(said)s"
    )
    return "password", words % named


def _unknown_key() -> str:
    # A wrong key looks like any page that is not there (Vibes: the key is a part of each address).
    return _(
        "%(host)s knows nothing under this company key. Check the key, and that this is the address"
        " of Vibes. %(said)s"
    )


def _of_silence(fault: Retryable, address: str, named: dict[str, str]) -> tuple[str, str]:
    if isinstance(fault, Locked):
        return "", str(fault)
    if isinstance(fault, Busy):
        words = _("Ringdove's other calls use all that %(host)s allows. Try again in a minute.")
        return "", words % named
    if fault.throttled:
        return "", _("%(host)s asks us to slow down. Try again in a minute.") % named
    if isinstance(fault, NotTrusted):
        words = _(
            "%(host)s is not known to be who it says. Check the address; if it is right, name the"
            " authority that signed its certificate in VIBES_CA_BUNDLE. %(said)s"
        )
        return address, words % named
    words = _(
        "%(host)s cannot be reached. Check the address, and that no firewall keeps this machine"
        " from it. %(said)s"
    )
    return address, words % named


def _ailing() -> str:
    return _("%(host)s answers, and has trouble of its own. Try again in a while. %(said)s")


def _not_vibes() -> str:
    return _("%(host)s gave no answer that Vibes would give. Check the address. %(said)s")


def doubt_of_code(account: Account, codes: list[SourceCode]) -> str:
    """What speaks against the source code that was typed; empty for nothing, or where none is known."""
    ours = [each for each in codes if each.code == account.source_code]
    if codes and not ours:
        words = _(
            "%(code)s is not among the source codes of this login (%(codes)s): texts may not leave."
        )
        listed = ", ".join(each.code for each in codes)
        return words % {"code": account.source_code, "codes": listed}
    if ours and not any(each.sms_enabled for each in ours):
        return _("Vibes says that %(code)s cannot send texts.") % {"code": account.source_code}
    countries = {each.country_code for each in ours if each.country_code}
    if countries and account.country_code not in countries:
        words = _("Vibes knows %(code)s under the country code %(codes)s.")
        return words % {"code": account.source_code, "codes": ", ".join(sorted(countries))}
    return ""
