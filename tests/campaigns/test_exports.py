import pytest

from campaigns.models import SmsMessage
from tests.campaigns import make
from tests.campaigns.views import runs
from tests.people.files import taken_out
from tests.people.make import person

pytestmark = pytest.mark.django_db


def test_the_result_of_a_run_goes_out_with_reasons() -> None:
    offers = make.vibes_list()
    campaign = make.ready_campaign()
    make.subscriber(offers, first_name="Ana", city="Chicago")
    zoe = person(first_name="Zoe", city="Chicago", block_listed=True)
    yan = person(first_name="Yan", city="Chicago")
    run = runs.running(campaign)

    head, *rows = taken_out("run_results", run=run.pk, state="skipped")

    assert head == [
        *("Person", "First Name", "Last Name", "Email Address", "Mobile Phone Number", "Step"),
        *("Verdict", "Why", "Text", "Parts", "Delivery", "At"),
    ]
    assert sorted((row[0], row[1], *row[5:8]) for row in rows) == sorted(
        [
            (str(yan.pk), "Yan", "1. Send SMS Message", "Skipped", "No mobile number"),
            (str(zoe.pk), "Zoe", "1. Send SMS Message", "Skipped", "Block-listed"),
        ]
    )


def test_only_chosen_columns_go_out_and_none_is_taken_for_a_formula() -> None:
    offers = make.vibes_list()
    campaign = make.ready_campaign()
    make.subscriber(offers, first_name='=HYPERLINK("x")', city="Chicago")
    make.rewrite(SmsMessage.objects.get(), "+Sale")
    run = runs.running(campaign)

    _head, row = taken_out("run_results", columns=["first_name", "text"], run=run.pk)

    assert row == ['\'=HYPERLINK("x")', "'+Sale"]
