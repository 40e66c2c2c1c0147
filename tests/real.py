"""The catalogue as it is served."""

from pathlib import Path

from server.catalogue_files import load_catalogue

ROOT = Path(__file__).parents[1]
CATALOGUE = load_catalogue(ROOT / "seeds" / "catalogue")
