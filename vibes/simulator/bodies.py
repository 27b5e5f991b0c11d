"""What the bodies of requests must be, part by part as the profile of the API has them.

Those that hold mobile numbers are given by API version, since the two versions
write numbers differently.
"""

from vibes.simulator.callbacks import SEND_SCOPES, TYPES
from vibes.simulator.rules import (
    Rule,
    array,
    date,
    flag,
    number,
    number_or_text,
    one_of,
    or_null,
    table,
    text,
    values,
)

VERSIONS = (1, 2)
ANYTHING = table()
SOME_TEXT = text(least=1, words="a string, not empty")
EVENT_TYPE = text(like="[A-Za-z0-9_-]+", words="letters, digits, - and _")
EXTERNAL_ID = text(least=1, most=128, words="1 to 128 characters")
DAY = date(like=r"\d{4}-\d{2}-\d{2}([T ].*)?")
ADDRESS = text(
    most=1024,
    like=r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~:/?=&%+-]*)?",
    words="an address of at most 1024 characters",
)
TRIED_TYPES = tuple(sorted(TYPES - {"unmatched_message_received"}))
"""The test call knows every type but this one."""


def _participant(mdn: Rule) -> Rule:
    return table(
        any_of=("mobile_phone", "person_key", "person_id", "external_person_id"),
        person_id=SOME_TEXT,
        person_key=SOME_TEXT,
        external_person_id=EXTERNAL_ID,
        mobile_phone=table("mdn", mdn=mdn),
        custom_fields=values(or_null(text())),
    )


def _person(mdn: Rule) -> Rule:
    return table(
        external_person_id=or_null(EXTERNAL_ID),
        mobile_phone=or_null(table(mdn=or_null(mdn), carrier_code=or_null(text()))),
        custom_fields=ANYTHING,
    )


def _event(mdn: Rule) -> Rule:
    data = table(
        any_of=("mdn", "person_id", "person_key", "external_person_id", "vibes_device_id"),
        mdn=mdn,
        person_id=text(),
        person_key=text(),
        external_person_id=text(),
        vibes_device_id=text(),
    )
    return table(
        *("event_type", "event_data"),
        event_id=text(most=128, words="at most 128 characters"),
        event_type=EVENT_TYPE,
        event_data=data,
        debug_data=ANYTHING,
    )


PARTICIPANT = {version: _participant(number(version)) for version in VERSIONS}
PERSON = {version: _person(number(version)) for version in VERSIONS}
EVENT = {version: _event(number(version)) for version in VERSIONS}

_SMS = table(
    *("sourcecode", "country_code", "sourcecode_type"),
    sourcecode=SOME_TEXT,
    country_code=text(),
    sourcecode_type=one_of("SC", "ANC"),
    mdn_territory=text(),
)
_FILTER = table(
    *("name", "selector", "value"),
    name=text(),
    transform=text(),
    selector=one_of("any", "none"),
    value=array(number_or_text()),
)
_TARGETING = table(
    *("message_template", "sms"),
    message_template=SOME_TEXT,
    short_url_base=or_null(text()),
    shorten_urls=flag(),
    channel=one_of("sms"),
    sms=_SMS,
    filters=array(_FILTER),
)
SENDER = table(
    *("name", "event_type", "start_date", "targeting"),
    name=SOME_TEXT,
    event_type=EVENT_TYPE,
    start_date=DAY,
    end_date=or_null(DAY),
    targeting=_TARGETING,
)
REGISTRATION = table(
    *("callback_type", "destination"),
    callback_type=one_of(*sorted(TYPES)),
    destination=table(
        "url",
        url=ADDRESS,
        method=one_of("POST", "PUT"),
        content_type=one_of("application/json", "text/json"),
    ),
    start_date=or_null(date()),
    end_date=or_null(date()),
    ack_participant_added=table(campaign_id=text()),
    ack_participant_changed=table(campaign_id=text()),
    company_participant_added=ANYTHING,
    company_participant_changed=ANYTHING,
    event_processed=table(event_type=text(), callbacks_to_send=one_of(*sorted(SEND_SCOPES))),
    person_added=ANYTHING,
    person_updated=ANYTHING,
    subscription_added=table(list_id=text()),
    subscription_removed=table(list_id=text()),
    subscription_list_added=ANYTHING,
    subscription_list_updated=ANYTHING,
    unmatched_message_received=table("source_code", source_code=text(), country_code=text()),
)
TRIAL = table(
    "callback_type",
    callback_type=one_of(*TRIED_TYPES),
    participant=ANYTHING,
    event_processed=ANYTHING,
    person=ANYTHING,
    subscription=ANYTHING,
    subscription_list=ANYTHING,
)
