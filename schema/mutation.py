"""What can be done: consents as a life, and what a member wants of whom."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers import consenting, office, own_account, presenting, wishes
from schema.act import OWN, SAID, Mutated, mutation
from schema.inputs import Part
from schema.presentation import NoticeLanguage, Presentation

_LIST: Any = list

PRESENTATION = Part(
    "presentation",
    strawberry.ID,
    "The id of the presentation that is answered: the latest of its document, still as it was.",
)
ITEMS = Part(
    "items",
    _LIST[strawberry.ID],
    "Keys of the items meant, each ticked by the member: none is taken for granted.",
)
SOME_ITEMS = ITEMS._replace(kind=_LIST[strawberry.ID] | None)
COUNTRY = Part("country", str | None, "A country, as ISO 3166-1 writes it, in place of items.")
WHOM = Part(
    "memberId",
    strawberry.ID | None,
    "The member: companies name them, members are themselves.",
)

CHOICES = (
    Mutated(
        "presentDocument",
        "Put on record that a document is shown to the member, in the version in force, and give "
        "what to show. Comes before any choice. By members, and by companies' systems.",
        (
            WHOM,
            Part("document", strawberry.ID, "Key of the document."),
            Part("language", NoticeLanguage, "The language it is shown in."),
            Part("channel", str | None, "Where it is shown, as `WEB`, `APP` or `BRANCH`."),
        ),
        presenting.present,
        {"presentation": (Presentation | None, "What is shown; null where it was not to be.")},
    ),
    Mutated(
        "recordFirstUse",
        "Record that the member used a service of the caller's company with the group's ID. What "
        "this use binds is deemed consented to, if it was presented. By companies' systems.",
        (
            WHOM._replace(kind=strawberry.ID),
            Part("service", strawberry.ID, "Key of the service, one of the caller's company."),
        ),
        presenting.first_use,
    ),
    Mutated(
        "giveConsent",
        "Give consent to the items named, or to a transfer to a country. A sensitive item comes "
        "alone. By the member, or a guardian.",
        (
            PRESENTATION,
            SOME_ITEMS,
            COUNTRY,
            Part(
                "validUntil",
                datetime | None,
                "When the consent to items shall end; open if left out.",
            ),
        ),
        consenting.give,
    ),
    Mutated(
        "refuseConsent",
        "Refuse the items named. Nothing else changes. By the member, or a guardian.",
        (PRESENTATION, ITEMS),
        consenting.refuse,
    ),
    Mutated(
        "deferConsent",
        "Put the answer off. By the member, or a guardian.",
        (PRESENTATION, ITEMS),
        consenting.defer,
    ),
    Mutated(
        "withdrawConsent",
        "Take back the items named, all of a document, or the consent to a country; at once, and "
        "without a presentation. By the member, or a guardian.",
        (
            SOME_ITEMS,
            Part("document", strawberry.ID | None, "A document, in place of its items."),
            COUNTRY,
        ),
        consenting.withdraw,
    ),
)


OFFICERS = tuple(
    Mutated(
        name,
        f"{description} By privacy officers, about documents of their company, with a reason.",
        (
            WHOM._replace(kind=strawberry.ID, description="The member."),
            ITEMS._replace(description="Keys of the items meant."),
            Part("reason", str, "The decision or the request it rests on, by its number."),
        ),
        resolve,
    )
    for name, description, resolve in (
        ("suspendConsent", "Hold the items named while a request is examined.", office.suspend),
        ("reinstateConsent", "Let held items stand again as before.", office.reinstate),
        ("invalidateConsent", "Declare the items named void.", office.invalidate),
    )
)

COMPANY = Part("company", strawberry.ID, "Key of the company.")

WISHES = (
    Mutated(
        "linkAccount",
        "Link the member's account at a company to the group's ID: by the company's system, under "
        "its own id of the account, or by the member, who names the company.",
        (
            WHOM._replace(said=(SAID,)),
            COMPANY._replace(
                kind=strawberry.ID | None,
                description="Key of the company, by members.",
                said=(SAID,),
            ),
            Part("accountId", strawberry.ID | None, "The account there, by its company.", (OWN,)),
        ),
        wishes.link,
        said=(),
    ),
    Mutated(
        "unlinkAccount",
        "Undo the link to a company, and every use of the ID there. By the member, or a guardian.",
        (COMPANY,),
        wishes.unlink,
    ),
    Mutated(
        "setMailPreference",
        "Say whether a sender's mail is wanted; at once. By the member, or a guardian.",
        (
            Part("sender", strawberry.ID, "Key of the sender.", (OWN,)),
            Part("wanted", bool, "Whether its mail is wanted.", (OWN,)),
        ),
        wishes.mail,
        said=(),
    ),
    Mutated(
        "setAdsPreference",
        "Say whether advertising made for oneself is wanted. By the member, or a guardian.",
        (Part("wanted", bool, "Whether it is wanted."),),
        wishes.ads,
    ),
    Mutated(
        "requestStop",
        "Have a company stop using the member's data, at once. By the member, or a guardian.",
        (
            COMPANY,
            Part("categories", _LIST[strawberry.ID] | None, "Keys of data categories; none = all."),
        ),
        wishes.stop,
    ),
    Mutated(
        "updateContact",
        "Change the account's own contact data; null takes a value out, what is left out stays. "
        "By the member, or a guardian.",
        tuple(
            Part(path, str | None, description, (OWN,))
            for path, description in (
                ("postalCode", "The postal code."),
                ("prefecture", "The prefecture (都道府県)."),
                ("city", "The city, ward or village (市区町村)."),
                ("addressLine", "The rest of the address."),
                ("phone", "The telephone number."),
                ("mobilePhone", "The number of the mobile telephone."),
            )
        ),
        own_account.contact,
        said=(),
        relation="",
    ),
    Mutated(
        "reportSuspiciousContact",
        "Report a contact in a company's name that is not to be trusted: nobody of the group asks "
        "for a password. It becomes an inquiry to the company. By the member, or a guardian.",
        (
            COMPANY._replace(description="Key of the company it named.", said=(SAID,)),
            Part("report", str, "What happened, in up to 4000 characters.", (OWN,)),
        ),
        own_account.report,
        {"contact_point": (str | None, "Whom to ask; null where nothing was reported.")},
        said=(),
    ),
    Mutated(
        "registerGuardian",
        "Put on record that the bearer acts for the member whom the token names in "
        "`guardian_of`. By a guardian signed in with the group's ID.",
        (),
        own_account.register_guardian,
    ),
    Mutated(
        "closeAccount",
        "Close the account: every consent ends, and only what the law still asks for remains. "
        "By the member, or a guardian.",
        (),
        wishes.close,
    ),
)


def _mutation() -> Any:
    fields = {described.name: mutation(described) for described in (*CHOICES, *OFFICERS, *WISHES)}
    body = {"__module__": __name__, "__doc__": "The roots.", **fields}
    return strawberry.type(
        type("Mutation", (), body),
        description=(
            "Acts, one a request: each is done as a whole, with its evidence, or not at all. What "
            "the rules have against it is among `userErrors`; what is wrong with the request, "
            "among `errors`."
        ),
    )


Mutation = _mutation()
