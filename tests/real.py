"""The catalogue as it is served."""

from pathlib import Path

from models.columns import path_of
from models.tables import RELATIONS
from server.catalogue_files import load_catalogue
from server.terms_file import load_terms

ROOT = Path(__file__).parents[1]
CATALOGUE = load_catalogue(ROOT / "seeds" / "catalogue")
TERMS = load_terms()
STORED = tuple(
    path
    for table in RELATIONS.values()
    for column in table.columns
    if (path := path_of(column)) is not None
)
"""The paths of the catalogue's fields that have a column, and so stand in the schema."""
