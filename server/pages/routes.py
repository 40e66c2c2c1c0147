"""Where each page is, and where each form leads."""

from starlette.routing import Route

from server.pages import centre, choices, choosing, issuer, looking, matrix, sign_in
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
    Route("/privacy/", centre.centre),
    Route("/privacy/ask", choosing.ask, methods=["POST"]),
    Route("/privacy/give", choosing.give, methods=["POST"]),
    Route("/privacy/withdraw", choosing.withdraw, methods=["POST"]),
    Route("/privacy/mail", choosing.mail, methods=["POST"]),
    Route("/privacy/guardian", choosing.register, methods=["POST"]),
    Route("/privacy/close", choosing.closing, methods=["GET"]),
    Route("/privacy/close", choosing.close, methods=["POST"]),
    Route("/privacy/seen", looking.seen),
    Route("/privacy/accesses", looking.accesses),
    Route("/privacy/provision.csv", looking.records),
    Route("/privacy/receipt.jsonld", looking.receipt),
]
