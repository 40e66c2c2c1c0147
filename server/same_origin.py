"""Whether a browser sends a request for a page of ours."""

from urllib.parse import urlsplit

from starlette.requests import Request


def from_here(request: Request) -> bool:
    """Whether a page of this very origin sent it.

    Browsers say so in `Sec-Fetch-Site`. `Origin` is asked where they do not; under `no-referrer`
    it is `null` for a form.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return urlsplit(origin).netloc == request.headers.get("host", "") != ""
