"""A page for people loads nothing from outside, and leaves nothing behind."""

from server.page_headers import ASSET, STRICT, page_headers


def test_a_page_may_load_from_its_own_server_alone() -> None:
    policy = page_headers()["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert policy.endswith("form-action 'self'; frame-ancestors 'none'")
    assert "unsafe" not in policy


def test_a_page_may_say_what_it_needs_besides() -> None:
    headers = page_headers({**STRICT, "img-src": "'self' data:"})
    assert "; img-src 'self' data:; " in headers["content-security-policy"]


def test_nobody_keeps_a_page_or_hears_where_it_was_left_from() -> None:
    headers = page_headers()
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_what_a_file_is_is_never_guessed() -> None:
    assert page_headers()["x-content-type-options"] == "nosniff"
    assert ASSET["x-content-type-options"] == "nosniff"
