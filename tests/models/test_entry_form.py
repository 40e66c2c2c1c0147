"""What was stored once is read for as long as it is kept; what nobody stored is no entry."""

import base64
import zlib
from dataclasses import replace

import msgspec
import pytest

from models import entry_form
from models.disclosure import Disclosure, Entry, Members
from models.entry_form import LARGE, decode, encode
from tests.entries import DISCLOSURE, ENTRY

STORED_FIRST = """
cmYLDO-{m47<~Pqh$89@+-d>|dH{pag$vsTYh02?`M`$$;Crtm>@;4WeQk7S42^{lNz@Z?125nuJb^;gxS7mkW-{}TcFNUvq
?kuHpSx&gVaKt+V?Z+7y0qJPLV*lz3ts=7G96I{?u+eR1vVMA2+)D=QAo{lHN|b~1MN&T-E8TGs!h9r<7n80tOs5P$PD@;>x
^L*(D^E3sLj(8(^MO8F1T$Vw8DIbow^@*Y&Ia!1&aj)9-n=(Y}1Op9H!Zim=oL&7<jE7@q@vnR<G;lnwegx$G_j7^kzeCW{l
t=IBCr=;&^?d7;lz}@m6X3KFOo6MIs;xC2L3)mQWN|AS8-_7D+*p7csv>f+)$k@Q*|si9Aw5p4^VzD&Iq6_kibxv3tl1V#Ec
J$0CwqNtU8G7b*M6br^=<T2_K4
"""
"""ENTRY as it was stored in the first form; never made anew."""
STORED = """
o&uv}Eiumk22?+R@gM-IV_|G;V`Xl1WpbuzV`yn&VW)Fta&~EBWwB#nY;0p?ZggdGEpvHubY*R@X>M_KX>xgAa%FRHZ*FsCqf{+
1qhVrW+yD`(aB^j4Wn*-
8a%G^XW_4_APGN0jtZ#B;WpZ;aX>?_6bEr;FR9{a}MNXz~a%5$4bEaoyZe(S0s%2|=V^eftbaivBPES-
{P(@NrNmNutM6zvVZDM6|b1rmmbYW~mZ*^{Tt#V;&b#!HJUuSY}b#SLaLqkthPE?~;MM9=&V`yn&VWm$}L`71jbaG*KWo)BCP*9
VT3JVOA4Gs*G4-
OEMl9rSK005BylmPz#kpYwd0|Ai&lmG+*kpq+f3<8k@lmH9^kpqyDmXrYi0FeNc0RI4y0h9m(0g(cf00aV&1C#&^0+9oh01N|>1
Cf#h0+NxG0|Wq(1(1@KlcH@gqHQvwZ8MW8(B1-*009Dl0s@kg1_T3>2M7a^lL?UkDwdFtkbsbo
"""
"""ENTRY as it was stored in the second form; never made anew."""
CROWD = replace(
    ENTRY,
    disclosures=(
        Disclosure(
            {f"m{n}": told for n in range(400) for told in DISCLOSURE.members.values()},
            DISCLOSURE.disclosed,
        ),
    ),
)
"""ENTRY with more members in it than a small one can hold."""


@pytest.mark.parametrize("entry", [ENTRY, CROWD, replace(ENTRY, disclosures=())])
def test_an_entry_survives_the_way_into_the_ledger_and_back(entry: Entry) -> None:
    assert decode(encode(entry)) == entry


def test_members_in_columns_are_stored_as_those_of_whom_there_is_an_object_each() -> None:
    members = Members.of(DISCLOSURE.members)
    columns = replace(ENTRY, disclosures=(replace(DISCLOSURE, members=members), Disclosure()))
    assert (columns, encode(columns)) == (ENTRY, encode(ENTRY))


def test_an_entry_is_stored_alike_whichever_others_began_as_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What its members share is known the next time, of so many beginnings and no more."""
    begun = dict[object, object]()
    monkeypatch.setattr(entry_form, "_begun", begun)
    monkeypatch.setattr(entry_form, "_BEGUN_AT_MOST", 9)
    turned = [
        replace(ENTRY, disclosures=disclosures)
        for key, told in DISCLOSURE.members.items()
        for alone in [Members.of({key: told})]
        for withheld in ({}, DISCLOSURE.withheld)
        for disclosed in ({}, DISCLOSURE.disclosed)
        for first in [Disclosure(alone, disclosed, withheld)]
        for disclosures in ((first,), (first, DISCLOSURE, first), (DISCLOSURE, first))
    ]
    stored = [encode(each) for each in turned]
    assert all(encode(each) == encode(each) == by for each, by in zip(turned, stored, strict=True))
    assert [decode(each) for each in stored] == turned
    assert len(begun) <= 9


def test_members_who_share_their_items_share_the_words_for_them() -> None:
    assert encode(ENTRY).count(b"fullName") == 1


def test_a_small_entry_is_written_as_it_is_and_a_large_one_packed() -> None:
    assert b"fullName" in encode(ENTRY)
    packed = encode(CROWD)
    assert len(zlib.decompress(packed)) >= LARGE > len(packed)


@pytest.mark.parametrize("stored", [STORED_FIRST, STORED])
def test_an_entry_stored_once_is_read_for_as_long_as_it_is_kept(stored: str) -> None:
    assert decode(base64.b85decode("".join(stored.split()))) == ENTRY


def test_an_entry_whose_columns_differ_in_length_is_none() -> None:
    """As a part of it was cut out: a member less stands in it than events of members."""
    said = msgspec.msgpack.decode(encode(ENTRY))
    said[-1][0][0].pop()
    with pytest.raises(ValueError, match="argument"):
        decode(msgspec.msgpack.encode(said))


def test_an_entry_that_unpacks_to_more_than_any_answer_fills_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unpacked = len(zlib.decompress(encode(CROWD)))
    monkeypatch.setattr(entry_form, "_LONGEST", unpacked)
    assert decode(encode(CROWD)) == CROWD
    monkeypatch.setattr(entry_form, "_LONGEST", unpacked - 1)
    with pytest.raises(msgspec.DecodeError, match="longer than any"):
        decode(encode(CROWD))
