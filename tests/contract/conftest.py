from tests.vibes.conftest import (  # noqa: F401
    account,
    client_of_vibes,
    offers,
    offers_by_web,
    simulator,
    simulator_process,
    unspent_rate,
)
