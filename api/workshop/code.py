"""Giving out the scripts of the workshop and of the camera, and the service worker."""

import gzip
import json
from pathlib import Path

from flask import Response, request
from flask.typing import ResponseReturnValue

from api.auth import PUBLIC
from api.edge import current_register
from api.pages.scripts import TYPES, present_scripts
from api.routes import Answer, Routes, Terms
from service.errors import NotFoundError

routes = Routes("scripts", described=False, identify=lambda: None)

WORKER = "sw.js"
_FOR_GOOD = "public, max-age=31536000, immutable"


@routes.get("/w/code/<version>/<path:name>", Terms(PUBLIC, "A script", answers=(Answer(200, "It"),), errors=(404,)))
def send_script(version: str, name: str) -> ResponseReturnValue:
    scripts = present_scripts()
    if name not in scripts.packed:
        raise NotFoundError(f"there is no script {name}")
    packed, content_type = scripts.packed[name], TYPES[Path(name).suffix]
    if request.accept_encodings["gzip"] > 0:
        response = Response(packed, content_type=content_type)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(gzip.decompress(packed), content_type=content_type)
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = _FOR_GOOD if version == scripts.version else "no-store"
    return response


@routes.get("/w/sw.js", Terms(PUBLIC, "The service worker of the workshop", answers=(Answer(200, "It"),)))
def send_worker() -> ResponseReturnValue:
    """A module of two lines that names the version, so that browsers see it change with any of the files.

    Browsers ask for it again by themselves: so a worker that is not wanted any more withdraws.
    """
    scripts = present_scripts()
    version, names = json.dumps(scripts.version), json.dumps(sorted(scripts.packed))
    act, told = ("work", f"{version}, {names}") if current_register().settings.offline else ("withdraw", "")
    text = f'import {{ {act} }} from "./code/{scripts.version}/{WORKER}";\n{act}({told});\n'
    response = Response(text, content_type=TYPES[".js"])
    response.headers["Service-Worker-Allowed"] = "/w"
    response.headers["Cache-Control"] = "no-cache"
    return response
