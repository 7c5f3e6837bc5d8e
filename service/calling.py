"""A request to a server of somebody else: to the address that was given, nowhere else, bounded in time and size."""

import http.client
import time
import urllib.request


class CutOffError(Exception):
    """The answer was left unread. The message goes on from the name of whoever was asked."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirect)


def read_bounded(answer: http.client.HTTPResponse, *, most: int, give_up: float) -> bytes:
    """The body, piece by piece: who sends a byte now and then is cut off too. `give_up`: a time.monotonic().

    Raises CutOffError.
    """
    body = bytearray()
    while piece := answer.read1(8192):
        body += piece
        if len(body) > most:
            raise CutOffError(f"answered with more than {most} bytes")
        if time.monotonic() > give_up:
            raise CutOffError("did not answer in time")
    return bytes(body)
