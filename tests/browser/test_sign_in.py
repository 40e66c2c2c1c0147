"""Signing in at a certified provider, in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.watching import Watch
from tests.clients.programs import Server, serving
from tests.provider_program import provider_for


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with provider_for("https://sekisho.example") as address:
        yield address


@pytest.fixture(scope="module")
def server(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that trusts the provider, and sends people there to sign in."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "ISSUER": provider,
            "JWKS_URL": f"{provider}/jwks",
            "OIDC_DISCOVERY_URL": f"{provider}/.well-known/openid-configuration",
            "OIDC_CLIENT_ID": "loopback",
        }.items():
            environment.setenv(f"SEKISHO_{name}", value)
        with serving(tmp_path_factory.mktemp("server")) as server:
            yield server


@pytest.mark.parametrize("java_script", [True, False])
def test_a_member_signs_in_at_the_provider_and_out_again(
    new_page: NewPage, watch: Watch, server: Server, provider: str, *, java_script: bool
) -> None:
    page = new_page(java_script_enabled=java_script)
    page.goto("/privacy/")
    page.get_by_role("button", name="Continue to sign-in").click()
    page.wait_for_url(f"{provider}/**")
    page.locator('input[name="login"]').fill("m1")
    page.locator('input[name="password"]').fill("x")
    page.locator('button[type="submit"]').click()
    page.locator('button[type="submit"]').click()  # what the pages ask the provider for
    page.wait_for_url(f"{server.address}/privacy/")
    expect(page.get_by_text("Signed in as 見本 花子")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{provider}/**")
    page.goto("/privacy/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    # The provider's own pages ask for a font outside, were refused it, and say so.
    assert all("fonts.googleapis" in each for each in watch.outside)
    assert all("ERR_FAILED" in each or "autocomplete" in each for each in watch.said)
    watch.outside.clear()
    watch.said.clear()
