from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vibes import make
from tests.vibes.pretend import Simulator
from vibes import intake, rate
from vibes.client import Client
from vibes.models import Account, AcquisitionCampaign, VibesList


@pytest.fixture(scope="session")
def simulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator(Path(tmp_path_factory.mktemp("simulator")))
    try:
        simulator.wait()
        yield simulator
    finally:
        simulator.stop()


@pytest.fixture
def simulator(simulator_process: Simulator) -> Simulator:
    """A simulator as after its first start, without anybody on a list."""
    simulator_process.reset()
    return simulator_process


@pytest.fixture(autouse=True)
def unspent_rate() -> None:
    """No test lives on what another has left of a second."""
    rate.forget()


@pytest.fixture(autouse=True)
def unheard_of_tokens() -> None:
    """No test's callback comes to an account of another."""
    intake.forget_tokens()


@pytest.fixture
def account(db: None, simulator: Simulator) -> Account:
    return make.account(base_url=simulator.url)


@pytest.fixture
def client_of_vibes(account: Account) -> Iterator[Client]:
    with Client(account, slots=4) as client:
        yield client


@pytest.fixture
def offers(account: Account) -> VibesList:
    return make.vibes_list(account)


@pytest.fixture
def offers_by_web(offers: VibesList) -> AcquisitionCampaign:
    return make.campaign(offers)
