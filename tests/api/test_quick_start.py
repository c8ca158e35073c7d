"""A newcomer gets from the page of the quick start to a paid invoice with nothing else."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from html import unescape
from http.client import HTTPConnection

import pytest

from foundation.tenancy import tenant
from kernel.clock import wall_now
from tests.api.live import live_server, public_url, worked_off
from tests.factories import make_account
from tests.wire_client import Api, key_of
from webhooks import queries as webhooks
from webhooks.domain.content import content, timestamp

STEPS = ["account", "customer", "plan", "payment_method", "subscription", "invoice", "webhooks"]
SAMPLE = re.compile(
    r'<pre [^>]*data-(step|program)="(\w+)"[^>]*><code>(.*?)</code></pre>', re.DOTALL
)
SECONDS_MAX = 60


def samples(server, page):
    """What stands on the page to be copied, by its name, in its order."""
    with urllib.request.urlopen(f"{server}/docs/{page}") as answer:
        text = answer.read().decode()
    assert public_url() in text or page != "quick-start"
    return {name: unescape(sample) for _, name, sample in SAMPLE.findall(text)}


def run(argv, server, key, **more):
    told = {"KONTOR": server, "KEY": key, "PATH": os.environ["PATH"], **more}
    done = subprocess.run(
        argv, env=told, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def server(acquirer):
    with live_server() as address:
        yield address


@pytest.fixture
def account_id():
    """As `./kontor up` gives it to newcomers: a test account that lives in the present."""
    return make_account(clock_at=None)


def assert_billed(account_id):
    api = Api(account_id)
    subscription = api.get("/v1/subscription/ada-gold").ok
    assert (subscription["customer"], subscription["plan"]) == ("ada", "gold")
    assert (subscription["settled_invoices"], subscription["settled_amount"]) == (1, 1990)
    (invoice,) = api.get("/v1/list/invoice", {"subscription": "ada-gold"}).ok["content"]
    assert (invoice["state"], invoice["amount"], invoice["settled_amount"]) == (
        "settled",
        1990,
        1990,
    )


@pytest.mark.feature("F197")
def test_the_program_of_the_quick_start_ends_with_a_paid_invoice(server, account_id):
    program = samples(server, "quick-start")["quick_start_python"]

    with worked_off(account_id):
        said = run([sys.executable, "-I", "-c", program], server, key_of(account_id))

    assert said.splitlines()[-1].startswith("paid: ")
    assert said.splitlines()[-1].endswith(" 1990 EUR")
    assert_billed(account_id)


@pytest.mark.feature("F197")
def test_the_shell_of_the_quick_start_ends_with_a_paid_invoice(server, account_id):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    shell = samples(server, "quick-start")
    assert [name for name in shell if name in STEPS] == STEPS
    script = "set -e\n" + "\n".join(shell[name] for name in STEPS)

    with worked_off(account_id):
        said = run(["sh", "-c", script], server, key_of(account_id))

    assert re.search(r"ca_[0-9a-z]+\n", said)
    assert_billed(account_id)
    set_up = Api(account_id).get("/v1/account/webhook_settings").ok
    assert set_up["urls"] == ["https://shop.example/kontor"]


def webhook_of(account_id):
    """The text that would be sent, made as the product makes it."""
    with tenant(account_id) as account:
        secret = webhooks.settings_of(account).secret
    text = content(
        webhook_id="0" * 32,
        event={"event_id": "1" * 32, "event_type": "invoice_settled"},
        about={"customer": "ada", "invoice": "inv-1042"},
        at=timestamp(wall_now()),
        secret=secret,
    )
    return secret, text


def taken(argv, secret, *bodies):
    """The statuses with which a receiver answers to these bodies, and what it says."""
    port = free_port()
    told = {"KONTOR_WEBHOOK_SECRET": secret, "PORT": str(port), "PATH": os.environ["PATH"]}
    with subprocess.Popen(argv, env=told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as one:
        try:
            statuses = [post(port, body) for body in bodies]
        finally:
            one.terminate()
        assert one.stdout is not None
        said = one.stdout.read().decode()
    return statuses, said


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def post(port, body):
    for _ in range(100):
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as line:
                line.request("POST", "/", body, {"Content-Type": "application/json"})
                return line.getresponse().status
        except ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the receiver does not listen")


@pytest.mark.feature("F197")
@pytest.mark.parametrize(
    ("program", "argv"),
    [
        ("receiver_python", [sys.executable, "-I", "-c"]),
        ("receiver_javascript", ["node", "--input-type=module", "-e"]),
    ],
)
def test_the_receivers_of_the_guide_know_a_genuine_webhook(server, account_id, program, argv):
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{argv[0]} is not installed")
    secret, genuine = webhook_of(account_id)
    forged = json.dumps(json.loads(genuine) | {"invoice": "inv-1", "id": "f" * 32})
    receiver = samples(server, "webhooks")[program]

    statuses, said = taken([*argv, receiver], secret, genuine.encode(), forged.encode())

    assert statuses == [204, 401]
    assert said.split() == ["invoice_settled", "inv-1042"]
