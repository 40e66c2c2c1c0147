"""What members wrote or said: a text is sensitive until its row is screened (Q19)."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Boolean

from models.columns import not_personal, personal
from models.provenance import RULE, OfContract, OfService, below_member, graphql_int
from models.types import TEXT, Instant
from policy.vocabulary import RowFact


class Inquiry(OfContract, table=True):
    """A question or a complaint; the way it came is the row's channel."""

    __tablename__ = "inquiry"
    __table_args__: ClassVar = below_member("inquiries", "inquiry")

    screened: bool = not_personal(RULE, Boolean, default=False, fact=RowFact.SCREENED)
    body: str | None = personal("inquiries.body", TEXT)
    at: datetime | None = personal("inquiries.at", Instant)


class Review(OfService, table=True):
    """A review."""

    __tablename__ = "review"
    __table_args__: ClassVar = below_member("reviews", "review")

    screened: bool = not_personal(RULE, Boolean, default=False, fact=RowFact.SCREENED)
    rating: int | None = personal("reviews.rating", BigInteger, graphql_int("rating"))
    body: str | None = personal("reviews.body", TEXT)
    at: datetime | None = personal("reviews.at", Instant)


class SurveyAnswer(OfService, table=True):
    """An answer to a survey's question."""

    __tablename__ = "survey_answer"
    __table_args__: ClassVar = below_member("surveyAnswers", "survey_answer")

    screened: bool = not_personal(RULE, Boolean, default=False, fact=RowFact.SCREENED)
    question: str | None = personal("surveyAnswers.question", TEXT)
    answer: str | None = personal("surveyAnswers.answer", TEXT)
    at: datetime | None = personal("surveyAnswers.at", Instant)
