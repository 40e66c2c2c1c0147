"""What every page for people says of itself: where it may load from, and that nobody keeps it."""

from collections.abc import Mapping

STRICT: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""The content security policy of a page: nothing from outside, nothing inline, in no frame."""

ASSET: Mapping[str, str] = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
"""The headers of a file whose name changes with its content."""


def page_headers(policy: Mapping[str, str] = STRICT) -> dict[str, str]:
    """The headers of a page under a content security policy, given by its directives."""
    return {
        "content-security-policy": "; ".join(f"{name} {by}" for name, by in policy.items()),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
