from pathlib import Path

import pytest

from config import broker
from config.celery import TICKS, app
from config.lock import AlreadyRunning, alone_in
from config.ports import free_port
from config.processes import Site
from config.supervisor import Program


def site(tmp_path: Path, **changes: object) -> Site:
    plain = {"var": tmp_path, "port": 8001, "sim_port": 8101, "broker_url": "memory://"}
    return Site(**(plain | changes))  # type: ignore[arg-type]


def test_what_the_surroundings_say_wins_except_for_what_makes_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIM_LATENCY_MS", "5")
    monkeypatch.setenv("VAR_DIR", "/elsewhere")
    environment = site(tmp_path, extra={"DATABASE_URL": "sqlite:////x"}).environment()

    assert environment["SIM_LATENCY_MS"] == "5"
    assert environment["VAR_DIR"] == str(tmp_path)
    assert environment["DATABASE_URL"] == "sqlite:////x"


def test_whatever_a_task_is_routed_to_some_worker_takes_and_a_stop_has_one_of_its_own(
    tmp_path: Path,
) -> None:
    here = site(tmp_path)
    taken = [_queues(each) for each in (here.worker(), here.listener())]

    routed = {app.amqp.router.route({}, name)["queue"].name for name in app.tasks}
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    prompt = {name for name in ours if app.amqp.router.route({}, name)["queue"].name in taken[1]}
    assert routed <= taken[0]  # nothing stands still without the listener
    assert prompt == {*TICKS, *(f"vibes.tasks.apply_callback{end}" for end in ("", "s", "s_again"))}


def _queues(program: Program) -> set[str]:
    return set(program.command[program.command.index("--queues") + 1].split(","))


def test_the_simulator_may_call_back_where_the_site_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://ringdove.example")
    allowed = site(tmp_path).environment()["SIM_CALLBACK_ALLOW"].split(",")

    assert allowed == ["https://ringdove.example", "http://127.0.0.1:8001", "http://localhost:8001"]


def test_a_named_broker_wins(tmp_path: Path) -> None:
    chosen = broker.choose(tmp_path, surroundings={"CELERY_BROKER_URL": "redis://elsewhere/1"})

    assert chosen == broker.Broker("redis://elsewhere/1")


def test_the_folder_broker_comes_with_a_warning(tmp_path: Path) -> None:
    chosen = broker.choose(tmp_path, surroundings={"DEMO_BROKER": "filesystem"})

    assert (chosen.url, chosen.program, bool(chosen.warning)) == ("filesystem://", None, True)


def test_a_folder_that_lies_deep_gets_a_port_instead_of_a_socket(tmp_path: Path) -> None:
    chosen = broker.choose(tmp_path / ("deep" * 30), surroundings={})

    assert chosen.url.startswith("redis://127.0.0.1:")


def test_the_next_port_is_taken_when_one_is_in_use() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert free_port(taken) > taken


def test_a_second_demo_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        alone_in(tmp_path),
        pytest.raises(AlreadyRunning, match="in use by process"),
        alone_in(tmp_path),
    ):
        pass
