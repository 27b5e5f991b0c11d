from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import message
from campaigns.models import SmsMessage
from tests.campaigns import make
from tests.campaigns.views.runs import NOON
from tests.people.make import people, person

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(make.user())
    return client


@pytest.fixture
def draft() -> SmsMessage:
    return make.draft_message("Hi {{person.First Name:default=friend}}")


def url(name: str, text: SmsMessage) -> str:
    return reverse(f"campaigns:{name}", args=[text.pk])


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_shows_a_draft_as_somebody_without_data_reads_it(client: Client, draft: SmsMessage) -> None:
    response = client.get(url("message", draft))

    assert response.context["preview"].text == "Hi friend"
    assert "<b>1</b> part" in words(response)
    assert "9 of 900 characters" in words(response)


def test_previews_as_a_person_and_finds_one_by_name(client: Client, draft: SmsMessage) -> None:
    ana, ben = person(first_name="Ana"), person(first_name="Ben")
    form = {"text": "Hi {{person.First Name}}", "q": "an", "person": ben.pk}

    response = client.post(url("message-preview", draft), form, headers=HTMX)

    assert (response.context["preview"].text, response.context["found"]) == ("Hi Ben", [ben, ana])
    assert 'id="preview-people"' in words(response)
    draft.refresh_from_db()
    assert draft.text == "Hi {{person.First Name:default=friend}}"


def test_keeps_what_is_typed_and_shows_what_it_comes_to(client: Client, draft: SmsMessage) -> None:
    form = {"text": "Line one\r\nline – two", "seen": draft.edited_at.isoformat()}

    response = client.post(url("message-write", draft), form, headers=HTMX)

    draft.refresh_from_db()
    assert draft.text == "Line one\nline – two"
    assert "En dash: write <kbd>-</kbd>" in words(response)
    assert draft.edited_at.isoformat() in words(response)
    assert 'id="preview-people"' not in words(response)  # a choice being made stays


def test_the_second_writer_keeps_their_words_and_sees_the_others(
    client: Client, draft: SmsMessage
) -> None:
    seen = draft.edited_at.isoformat()
    message.write(draft, text="Theirs", now=NOON.replace(hour=18))
    form = {"text": "Mine", "seen": seen}

    response = client.post(url("message-write", draft), form, headers=HTMX)
    again = client.post(url("message-preview", draft), form, headers=HTMX)

    draft.refresh_from_db()
    assert (response.status_code, draft.text) == (422, "Theirs")
    assert (response.context["text"], response.context["theirs"]) == ("Mine", "Theirs")
    assert (response.context["seen"], again.context["seen"]) == (seen, seen)


def test_the_second_writer_may_insist(client: Client, draft: SmsMessage) -> None:
    seen = draft.edited_at.isoformat()
    message.write(draft, text="Theirs", now=NOON.replace(hour=18))

    client.post(url("message-write", draft), {"text": "Mine", "seen": seen, "mine": "1"})

    draft.refresh_from_db()
    assert draft.text == "Mine"


def test_approves_what_was_typed(client: Client, draft: SmsMessage) -> None:
    response = client.post(url("message-approve", draft), {"text": "New words"}, headers=HTMX)

    draft.refresh_from_db()
    assert response["HX-Redirect"] == url("message", draft)
    assert draft.approved is not None
    assert (draft.approved.text, draft.approved.approved_by) == ("New words", make.user())


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_what_cannot_be_approved_stays_typed_with_the_reason(
    client: Client, draft: SmsMessage, headers: dict[str, str]
) -> None:
    form = {"text": "Hi {{person.Frist Name}}"}

    response = client.post(url("message-approve", draft), form, headers=headers)

    draft.refresh_from_db()
    assert (response.status_code, draft.state, draft.text) == (422, "draft", form["text"])
    assert "{{person.Frist Name}} is no token." in words(response)


def test_shows_the_text_that_goes_out_beside_a_newer_draft(client: Client) -> None:
    text = make.approved_message("Old words")
    message.write(text, text="New words", now=NOON)

    said = words(client.get(url("message", text)))

    assert "Approved with draft" in said
    assert 'goes out:</p> <p class="bubble">Old words</p>' in said


def test_goes_back_to_the_approved_text(client: Client) -> None:
    text = make.approved_message("Old words")
    message.write(text, text="New words", now=NOON)

    client.post(url("message-restore", text))

    text.refresh_from_db()
    assert (text.text, text.state) == ("Old words", "approved")


def test_replaces_dear_characters_on_demand(client: Client, draft: SmsMessage) -> None:
    client.post(url("message-plain", draft), {"text": "“It’s on” …"})

    draft.refresh_from_db()
    assert draft.text == '"It\'s on" ...'


def test_says_which_campaigns_use_it(client: Client) -> None:
    campaign = make.ready_campaign()
    text = SmsMessage.objects.get()

    assert client.get(url("message", text)).context["used_by"] == [campaign]


def test_still_says_so_while_a_run_uses_what_the_draft_does_not(client: Client) -> None:
    campaign = make.ready_campaign()
    text = SmsMessage.objects.get()
    run = make.run(campaign)
    campaign.steps.all().delete()

    assert client.get(url("message", text)).context["used_by"] == [campaign]

    run.state = run.State.FINISHED
    run.save()
    assert client.get(url("message", text)).context["used_by"] == []


def test_costs_the_same_for_any_number_of_people(
    client: Client,
    draft: SmsMessage,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    people(2)
    with django_assert_max_num_queries(25) as few:
        client.get(url("message", draft))
    people(50)
    with django_assert_num_queries(len(few)):
        client.get(url("message", draft))
