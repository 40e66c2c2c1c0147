"""Where each page is, and where each form leads."""

from starlette.routing import Route

from server.pages import choices, issuer, matrix, sign_in
from server.pages.files import FILES

PAGES = [
    *FILES,
    Route("/choices", choices.choose, methods=["POST"]),
    Route("/matrix/", matrix.matrix),
    Route("/matrix/figures.csv", matrix.figures),
    Route("/sign-in", sign_in.sign_in),
    Route("/sign-in/token", sign_in.with_token, methods=["POST"]),
    Route("/sign-in/demo", sign_in.as_demo, methods=["POST"]),
    Route("/sign-in/issuer", issuer.go, methods=["POST"]),
    Route(issuer.BACK, issuer.back),
    Route("/sign-out", issuer.sign_out, methods=["POST"]),
]
