"""The workbench as somebody works at it: where its parts are, and what one does with them."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

UPSTREAM = [".graphiql-tabs", ".graphiql-query-editor .view-lines"]
"""Where axe finds something in what is not ours: GraphiQL's tabs, each a list item around two
buttons, and Monaco's colour of comments in the dark."""


@dataclass
class Bench:
    """One page of it, in English unless it was changed."""

    page: Page

    def open(self) -> None:
        """Open it, and wait until it can be written in."""
        self.page.goto("/workbench/")
        expect(self.editor).to_be_attached()

    def enter(self, role: str = "Analyst") -> None:
        """Get a development token."""
        self.page.get_by_label("Role").select_option(label=role)
        self.page.get_by_role("button", name="Get a development token").click()
        expect(self.state).to_contain_text("expires in")

    def write(self, query: str) -> None:
        """Write a query in place of what stands there."""
        self.editor.focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(query)

    def run(self) -> None:
        self.editor.focus()
        self.page.keyboard.press("Control+Enter")

    def ask(self, query: str) -> None:
        self.write(query)
        self.run()

    def panel(self, name: str) -> Locator:
        """Show one of the panels beside the editor, unless it is shown."""
        panel = self.page.get_by_role("region", name=name)
        if not panel.is_visible():
            self.page.get_by_role("button", name=f"Show {name}").click()
        return panel

    @property
    def editor(self) -> Locator:
        return self.page.locator(".graphiql-query-editor textarea").first

    @property
    def result(self) -> Locator:
        return self.page.locator(".result-window")

    @property
    def marks(self) -> Locator:
        """The lines of the result that say beside a null why it is one."""
        marked = self.result.locator(".view-line", has=self.page.locator(".mark"))
        return marked.filter(has_text="null")

    @property
    def lens(self) -> Locator:
        return self.panel("Privacy lens")

    @property
    def token(self) -> Locator:
        return self.page.get_by_placeholder("Paste a token")

    @property
    def purpose(self) -> Locator:
        return self.page.get_by_label("Purpose")

    @property
    def state(self) -> Locator:
        """Whom the token speaks for."""
        return self.page.locator(".state")
