"""Playing and downloading recordings: only for those with the right, each noted in the audit trail, by byte ranges."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, request, send_file
from werkzeug.wrappers import Response

from web_ui.guard import needs, note
from web_ui.parts import parts

blueprint = Blueprint("recordings", __name__, url_prefix="/calls")

TYPES = {".ogg": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav"}


@blueprint.get("/<call>/recordings/<int:number>")
@needs("listen")
def play(call: str, number: int) -> Response:
    """The call's recording of that position, counted from 1: no part of a path comes from the address."""
    row = parts().history.cdr(call)
    if row is None or not 1 <= number <= len(row["recordings"]):
        abort(404)
    path = Path(row["recordings"][number - 1])
    if not path.is_file():
        abort(404)
    recording = f"{row['call']}.{number}"
    download = "download" in request.args
    if request.range is None or request.range.ranges[0][0] == 0:  # once per listening, not once per piece
        note("download" if download else "listen", recording)
    return send_audio(path, download_name=recording.replace(".", "-") + path.suffix if download else None)


def send_audio(path: Path, download_name: str | None = None) -> Response:
    """The file with range requests (206, 416), as a player wants it or as a download."""
    return send_file(
        path,
        mimetype=TYPES.get(path.suffix.lower(), "application/octet-stream"),
        conditional=True,
        etag=True,
        max_age=0,
        as_attachment=download_name is not None,
        download_name=download_name,
    )
