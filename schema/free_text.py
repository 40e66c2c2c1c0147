"""What a member wrote or said. A text counts as sensitive until it is screened."""

from datetime import datetime
from typing import ClassVar

import strawberry

from schema.directives import personal
from schema.provenance import Provenance


@strawberry.type(description="A question or a complaint; `channel` says how it came.")
class Inquiry(Provenance):
    """Its body opens once it is screened."""

    relation: ClassVar = "inquiries"

    body: str | None = personal("What was asked.")
    at: datetime | None = personal("When it was asked.")


@strawberry.type(description="A review.")
class Review(Provenance):
    """Its body opens once it is screened."""

    relation: ClassVar = "reviews"

    rating: int | None = personal("How many stars.")
    body: str | None = personal("What was written.")
    at: datetime | None = personal("When it was written.")


@strawberry.type(description="An answer to a survey.")
class SurveyAnswer(Provenance):
    """The answer opens once it is screened."""

    relation: ClassVar = "surveyAnswers"

    question: str | None = personal("What was asked.")
    answer: str | None = personal("What was answered.")
    at: datetime | None = personal("When it was answered.")
