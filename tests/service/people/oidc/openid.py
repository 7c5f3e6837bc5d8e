"""A small OpenID provider: real HTTP, real keys, honest until a test bends it. Source: OpenID Connect Core 1.0."""

import json
import secrets
import threading
from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

Key = RSAKey | ECKey | OKPKey
CLIENT, SECRET = "packtrail", "a secret/with + signs"


def make_key(alg: str, kid: str) -> Key:
    if alg == "RS256":
        return RSAKey.generate_key(2048, {"kid": kid})
    return ECKey.generate_key("P-256", {"kid": kid}) if alg == "ES256" else OKPKey.generate_key("Ed25519", {"kid": kid})


class OpenId:
    """The provider. `subject` is who is signed in there; the other attributes are what it says and signs with."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.subject = "248289761001"
        self.alg = "ES256"
        self.key: Key = make_key("ES256", "first")
        self.published: list[dict[str, Any]] = [self.key.as_dict(private=False)]
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.token: str | None = None
        self.now = time
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def rotate(self, kid: str = "second") -> None:
        """Sign with a new key, and publish it alone."""
        self.key = make_key(self.alg, kid)
        self.published = [self.key.as_dict(private=False)]

    def sign(self, nonce: str) -> str:
        """The ID token for whoever is signed in."""
        if self.token is not None:
            return self.token
        now = int(self.now())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "nonce": nonce, "iat": now, "exp": now + 300}
        return jwt.encode({"alg": self.alg, "kid": self.key.kid}, claims | self.claims, self.key, algorithms=[self.alg])

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser of somebody who is signed in is sent."""
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.issuer}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """What the token endpoint answers. A code is good once, for the client and the PKCE verifier."""
        asked = self._codes.pop(form.get("code", ""), None)
        name, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if (unquote(name), unquote(secret)) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(asked["nonce"])}

    def answer(self, path: str) -> dict[str, Any]:
        """Metadata and keys."""
        if path == "/keys":
            return {"keys": self.published}
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return said | self.metadata

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
                provider.asked.append(path)
                if path == "/authorize":
                    self.send_response(302)
                    self.send_header(
                        "Location", provider.authorize({name: values[0] for name, values in query.items()})
                    )
                    self.end_headers()
                else:
                    self._send(200, provider.answer(path))

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                fields = {name: values[0] for name, values in form.items()}
                self._send(*provider.exchange(fields, self.headers.get("Authorization", "")))

            def _send(self, status: int, value: dict[str, Any]) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler
