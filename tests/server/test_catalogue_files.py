from pathlib import Path
from shutil import copytree

import pytest

from policy.source import CatalogueError
from server.catalogue_files import load_catalogue, nodes_of, texts_of
from tests.real import CATALOGUE, ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(copytree(ROOT / "seeds" / "catalogue", tmp_path / "catalogue"))


def said(folder: Path) -> str:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    return str(caught.value)


def test_the_same_files_are_the_same_version(folder: Path) -> None:
    assert load_catalogue(folder).version == CATALOGUE.version


def test_a_comment_changes_no_version(folder: Path) -> None:
    file = folder / "lists.yaml"
    file.write_text("# a comment\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_catalogue(folder).version == CATALOGUE.version


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "lists.yaml").unlink()
    assert "lists.yaml:1: the file is missing. Add it" in said(folder)


def test_an_empty_folder_is_no_catalogue(tmp_path: Path) -> None:
    message = said(tmp_path)
    assert message.count("the file is missing") == 10


def test_a_moved_number_is_refused_against_stored_ones(folder: Path) -> None:
    with pytest.raises(CatalogueError, match="moved from 7 to 1"):
        load_catalogue(folder, {"provision:A-USE": 7})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "3: the key 'a' stands here twice"),
        ("a: &here 1\nb: 2\n", "1: anchors and aliases are not read"),
        ("a: 1\nb: *here\n", "2: anchors and aliases are not read"),
        ("a: 1\nb: !!str 2\n", "2: tags are not read"),
        ("a: 1\nb: !secret {c: 2}\n", "2: tags are not read"),
        ("a: 1\nb: [1, 2\n", "3: this is not YAML"),
        ("a: 1\n? [b, c]\n: 2\n", "2: a key is no text"),
        ("a: 1\n---\nb: 2\n", "2: this is not YAML"),
        ("a: 1\nb: \0\n", "2: this is not YAML"),
    ],
)
def test_what_yaml_is_clever_about_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        nodes_of({"lists.yaml": text, "fields.yaml": "fields: !odd []\n"})
    found = str(caught.value).splitlines()
    line, _, rest = message.partition(": ")
    assert found[0].startswith("fields.yaml:1: tags are not read")
    assert any(each.startswith(f"lists.yaml:{line}: {rest}") for each in found[1:]), found


def test_a_bomb_of_aliases_is_not_unfolded() -> None:
    rows = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    with pytest.raises(CatalogueError, match="anchors and aliases"):
        nodes_of({"lists.yaml": "\n".join(["a0: &a0 x", *rows])})


def test_bytes_that_are_no_text_are_refused_with_their_line(folder: Path) -> None:
    (folder / "lists.yaml").write_bytes("lists:\n  - key: 関\n".encode("shift_jis"))
    assert said(folder).startswith("lists.yaml:2: this is not UTF-8. Save the file as UTF-8")


def test_norway_is_a_country() -> None:
    assert nodes_of({"x.yaml": "a: [NO, 1, null, 2022-03-31]"})["x.yaml"].at("a").plain() == [
        "NO",
        "1",
        "null",
        "2022-03-31",
    ]


def test_an_empty_file_holds_nothing() -> None:
    assert nodes_of({"x.yaml": "# nothing\n"})["x.yaml"].plain() == {}


def test_each_value_stands_on_the_line_of_its_key(folder: Path) -> None:
    (folder / "lists.yaml").write_text("lists:\n  - key: A\n    kinds:\n      - x\n", "utf-8")
    root = nodes_of(texts_of(folder))["lists.yaml"]
    paths = ((), ("lists",), ("lists", 0), ("lists", 0, "kinds"), ("lists", 0, "kinds", 0))
    assert [root.at(*path).line for path in paths] == [1, 1, 2, 3, 4]
