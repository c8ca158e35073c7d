"""A client of `/v1` for tests: every answer it gets is held against the contract."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.test import Client

from accounts.commands.api_keys import create_key
from api.contract import operation_at
from foundation.tenancy import tenant
from tests.factories import NOON
from tests.wire_contract import faults_of_answer, faults_of_error

OUR_OPERATIONS = frozenset[str]()
"""Operations of ours that the contract does not know; their answers are held against nothing."""

Query = Mapping[str, object] | Sequence[tuple[str, object]]
served: set[str] = set()
"""The operations of the contract that answered 200, and as promised, in this process."""


@dataclass(frozen=True)
class Answer:
    """What came back. `ok` for those who expect a 200, `refusal` for those who do not."""

    status: int
    json: Any
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> Any:
        """The body of a 200."""
        assert self.status == 200, self.json
        return self.json

    @property
    def refusal(self) -> tuple[int, int]:
        """Status and numeric code of a refusal."""
        assert self.status != 200, self.json
        return self.status, self.json["code"]


def key_of(account_id: UUID) -> str:
    """A fresh private key of the account."""
    with tenant(account_id) as account:
        return create_key(account=account, name="tests", actor="test", now=NOON).key


class Api:
    """Speaks as the holder of one key; without a key it says nothing of who it is."""

    account_id: UUID

    def __init__(self, account_id: UUID | None = None, *, key: str | None = None) -> None:
        if account_id is not None:
            self.account_id = account_id
        self.key = key or (key_of(account_id) if account_id else None)
        self._client = Client(SERVER_NAME="localhost")

    def get(self, path: str, query: Query = ()) -> Answer:
        """A sequence as a value of the query is sent as the repeated name."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any = None, query: Query = ()) -> Answer:
        return self.call("POST", path, body, query=query)

    def put(self, path: str, body: Any = None, query: Query = ()) -> Answer:
        return self.call("PUT", path, body, query=query)

    def delete(self, path: str, query: Query = ()) -> Answer:
        return self.call("DELETE", path, query=query)

    def call(self, method: str, path: str, body: Any = None, *, query: Query = ()) -> Answer:
        """`body` is sent as JSON, nothing at all when it is None."""
        sent = b"" if body is None else json.dumps(body).encode()
        return self.raw(method, path, sent, query=query)

    def raw(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: Query = (),
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Bytes as they are, for what no decent client would send."""
        asked = f"{path}?{urlencode(query, doseq=True)}" if query else path
        told = {**self._authorization(), **(headers or {})}
        response = self._client.generic(method, asked, body, content_type, headers=told)
        content = response.content
        answer = Answer(
            status=response.status_code,
            json=json.loads(content, parse_float=Decimal) if content else None,
            headers=dict(response.headers),
            body=content,
        )
        judge(method, path, answer)
        return answer

    def _authorization(self) -> dict[str, str]:
        if self.key is None:
            return {}
        return {"Authorization": basic(self.key)}


def basic(key: str) -> str:
    """The header that proves a key: user name is the key, the password is empty."""
    from base64 import b64encode

    return "Basic " + b64encode(f"{key}:".encode()).decode()


def judge(method: str, path: str, answer: Answer) -> None:
    """Fails the test when the answer breaks the contract; a 5xx always does."""
    assert answer.status < 500, answer.json
    assert answer.headers.get("Request-Id"), "an answer without Request-Id"
    assert answer.headers.get("Content-Type", "").startswith("application/json")
    if answer.status != 200:
        assert not faults_of_error(answer.status, answer.json), answer.json
        return
    operation = operation_at(method, path)
    if operation is None:
        assert f"{method} {path}" in OUR_OPERATIONS, f"the contract has no {method} {path}"
        return
    faults = faults_of_answer(operation, answer.json)
    assert not faults, f"{operation.name}: " + "; ".join(faults)
    served.add(operation.name)
