"""Bare requests: `python -m tests.bench.send_bare URL TEXTS SLOTS`, as many threads as the engine has slots."""

import json
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import requests
from requests.adapters import HTTPAdapter

from tests.bench.send_engine import used


def main(url: str, texts: int, slots: int) -> None:
    session = requests.Session()
    session.trust_env = False
    session.auth = ("demo", "demo")
    session.headers["X-API-Version"] = "2"
    session.mount("http://", HTTPAdapter(pool_connections=2, pool_maxsize=slots, pool_block=True))

    def send(number: int) -> int:
        event = {
            "event_id": str(uuid4()),
            "event_type": "rd_0a1b2c3d_sms_1234",
            "event_data": {"mdn": f"+1312{number:07d}", "message_body": "Hi Ana, 20% off"},
        }
        address = f"{url}/companies/DEMO0001/events"
        return session.post(address, json=event, timeout=(5, 20), allow_redirects=False).status_code

    with ThreadPoolExecutor(slots) as pool:
        assert set(pool.map(send, range(texts))) == {202}
    print(json.dumps(used(resource.getrusage(resource.RUSAGE_SELF))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
