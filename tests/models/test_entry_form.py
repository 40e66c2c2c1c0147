"""What was stored once is read for as long as it is kept; what nobody stored is no entry."""

import base64
import zlib

import msgspec
import pytest

from models import entry_form
from models.entry_form import decode, encode
from tests.entries import ENTRY

STORED = """
cmYLDO-{m47<~Pqh$89@+-d>|dH{pag$vsTYh02?`M`$$;Crtm>@;4WeQk7S42^{lNz@Z?125nuJb^;gxS7mkW-{}TcFNUvq
?kuHpSx&gVaKt+V?Z+7y0qJPLV*lz3ts=7G96I{?u+eR1vVMA2+)D=QAo{lHN|b~1MN&T-E8TGs!h9r<7n80tOs5P$PD@;>x
^L*(D^E3sLj(8(^MO8F1T$Vw8DIbow^@*Y&Ia!1&aj)9-n=(Y}1Op9H!Zim=oL&7<jE7@q@vnR<G;lnwegx$G_j7^kzeCW{l
t=IBCr=;&^?d7;lz}@m6X3KFOo6MIs;xC2L3)mQWN|AS8-_7D+*p7csv>f+)$k@Q*|si9Aw5p4^VzD&Iq6_kibxv3tl1V#Ec
J$0CwqNtU8G7b*M6br^=<T2_K4
"""
"""ENTRY as it was stored when there was this form alone; never made anew."""


def test_an_entry_survives_the_way_into_the_ledger_and_back() -> None:
    assert decode(encode(ENTRY)) == ENTRY


def test_members_who_share_their_items_share_the_words_for_them() -> None:
    assert zlib.decompress(encode(ENTRY)).count(b"fullName") == 1


def test_an_entry_stored_once_is_read_for_as_long_as_it_is_kept() -> None:
    assert decode(base64.b85decode("".join(STORED.split()))) == ENTRY


def test_an_entry_that_unpacks_to_more_than_any_answer_fills_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unpacked = len(zlib.decompress(encode(ENTRY)))
    monkeypatch.setattr(entry_form, "_LONGEST", unpacked)
    assert decode(encode(ENTRY)) == ENTRY
    monkeypatch.setattr(entry_form, "_LONGEST", unpacked - 1)
    with pytest.raises(msgspec.DecodeError, match="longer than any"):
        decode(encode(ENTRY))
