from tests.vibes.conftest import simulator, simulator_process

__all__ = ["simulator", "simulator_process"]
