"""The running simulator keeps the profile of the Vibes API; `make contract` tries it at length."""

from pathlib import Path

import pytest

from tests.contract.conformance import strict_simulator, try_all

FEW = ["--max-examples", "5"]


@pytest.mark.contract
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
def test_schemathesis_finds_nothing_in_any_operation(tmp_path: Path, seed: int) -> None:
    with strict_simulator(tmp_path) as simulator:
        tried = try_all(simulator, tmp_path, seed=seed, options=FEW)

    assert tried.is_clean, tried.output
    assert tried.cases > 1_000
