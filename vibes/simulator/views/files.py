"""The page's own style sheet, script and icon, from inside the package."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse

FOLDER = Path(__file__).parent.parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FILES = {path.name: path for path in FOLDER.iterdir() if path.suffix in TYPES}


def serve(request: HttpRequest, name: str) -> HttpResponse:
    path = FILES.get(name)
    if path is None:
        raise Http404(name)
    answer = HttpResponse(path.read_bytes(), content_type=f"{TYPES[path.suffix]}; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
