"""The town of the API's tests, and the story of the pages', for those who attack them."""

from tests.api.conftest import app, client, founded_town, register, town

__all__ = ["app", "client", "founded_town", "register", "town"]
