"""The client alone, against a server that does what a test says: what is sent again, and under which key; money; streams."""

import http.server
import threading

import pytest
from sycee_client import Bearer, Client, ProblemError, UnansweredError, UnexpectedAnswerError, decimal, money
from sycee_client.client import retry_after_seconds, server_sent

PROBLEM = (
    '{"type": "/problems/x", "title": "t", "status": %d, "code": "%s", "detail": "d", "money": "m", "what_to_do": "w"}'
)
SENT = '{"transfer": "1", "payee": "2", "money": {"currency": "EUR", "minor": "1"}, "balance_minor": "0"}'


class Stub(http.server.BaseHTTPRequestHandler):
    """Answers as the list says: a status with a code of a problem, a text, or `break` for none at all."""

    answers: list[object] = []
    keys: list[str | None] = []

    def do_POST(self):
        """The next answer."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        Stub.keys.append(self.headers["idempotency-key"])
        answer = Stub.answers.pop(0)
        if answer == "break":
            self.close_connection = True
            self.connection.close()
            return
        status, kind, text = 200, "application/json", answer
        if isinstance(answer, tuple):
            status, code = answer
            kind, text = ("application/problem+json", PROBLEM % answer) if code else ("text/html", "<p>no</p>")
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        if status in {429, 503}:
            self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def client():
    """A client of the stub."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Stub.answers, Stub.keys = [], []
    yield Client(f"http://127.0.0.1:{server.server_port}", Bearer("t"))
    server.shutdown()
    server.server_close()


SEND = {"payee": "2088070000000000", "money": {"currency": "EUR", "minor": "1"}}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        ("2", 2.0),
        ("Sun, 29 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 29 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("\u00b2", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    """RFC 9110, section 10.2.3; anything else asks for nothing."""
    assert retry_after_seconds(header, 1_795_953_600.0) == seconds


@pytest.mark.parametrize(
    "before", [["break"], [(503, "busy")], [(429, "too_many_requests")], [(502, None)], ["break", (503, "cell_stopped")]]
)
def test_what_was_not_answered_is_sent_again_under_the_same_key(client, before):
    """Broken connections, 503, 429, and what proxies say."""
    Stub.answers = [*before, SENT]
    assert client.send(SEND)["transfer"] == "1"
    assert len(Stub.keys) == len(before) + 1
    assert len(set(Stub.keys)) == 1 and Stub.keys[0]
    Stub.answers = [SENT]
    client.send(SEND)
    assert Stub.keys[-1] != Stub.keys[0], "another call has another key"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((402, "balance_not_enough"), ProblemError),
        ((500, "internal_error"), ProblemError),
        ((404, None), UnexpectedAnswerError),
    ],
)
def test_what_was_answered_is_not_sent_again(client, answer, error):
    """Refusals, and answers of something else."""
    Stub.answers = [answer]
    with pytest.raises(error) as raised:
        client.send(SEND)
    assert (raised.value.status, len(Stub.keys)) == (answer[0], 1)


def test_what_has_neither_key_nor_number_is_sent_once(client):
    """Unless it is certain that it was not done."""
    Stub.answers = ["break", SENT]
    with pytest.raises(UnansweredError):
        client.make_key({"algorithm": "hmac-sha256"})
    assert Stub.keys == [None]
    Stub.answers = [(503, "cell_stopped")]
    with pytest.raises(ProblemError):
        client.make_key({"algorithm": "hmac-sha256"})
    Stub.answers = [(503, "busy"), '{"key": "k", "algorithm": "hmac-sha256", "created_at": "2026-01-01T00:00:00Z"}']
    assert client.make_key({"algorithm": "hmac-sha256"})["key"] == "k"


def test_patience_ends(client):
    """With the key in the error, so that the call can be finished later."""
    Stub.answers = [(503, "busy")] * 1_000
    with pytest.raises(ProblemError) as raised:
        client.send(SEND, patience_seconds=0)
    assert (raised.value.code, raised.value.key) == ("busy", Stub.keys[0])


def test_a_path_has_no_other_path_in_it(client):
    """Whatever a number says."""
    for bad in ("", ".", ".."):
        with pytest.raises(ValueError, match="may not be"):
            client.show_order(bad)


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [
        ("EUR", "12.50", "1250"),
        ("EUR", "0.05", "5"),
        ("EUR", "7", "700"),
        ("JPY", "1250", "1250"),
        ("KWD", "1.234", "1234"),
        ("EUR", "100000000000000.00", "10000000000000000"),
        ("EUR", "12.505", None),
        ("JPY", "1.5", None),
        ("EUR", "-1", None),
        ("EUR", "1,50", None),
        ("EUR", "", None),
        ("EUR", "100000000000000.01", None),
        ("XXX", "1", None),
    ],
)
def test_amounts_are_exact_or_refused(currency, text, minor):
    """No rounding anywhere."""
    if minor is None:
        with pytest.raises(ValueError):
            money(currency, text)
        return
    assert money(currency, text) == {"currency": currency, "minor": minor}
    decimals = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    whole, _, fraction = text.partition(".")
    written = f"{whole}.{fraction.ljust(decimals, '0')}" if decimals else whole
    assert decimal({"currency": currency, "minor": minor}) == written


def test_streams_are_read_event_by_event():
    """Lines as a server sends them; one without data shows that it lives."""
    lines = b'id: 7\ndata: {"a": 1}\n\n: hello\n\nid: 8\n\ndata: x\ndata: y\n\ndata: cut off\n'.splitlines(keepends=True)
    assert list(server_sent(lines)) == [("7", '{"a": 1}'), ("8", ""), (None, "x\ny")]
