"""What left, said in one or two sentences, as the person it is about would want them read."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from policy.requester import Role
from policy.vocabulary import Label
from resolvers.recorded import RecordedProvision, Then

_JAPAN = timezone(timedelta(hours=9))
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

YOURS = Label("あなたの", "your")
YOU = Label("あなた", "you")
THE_MEMBER = Label("会員本人", "the member")
NAMELESS = {
    "accessMatrix": Label("アクセス一覧表", "access matrix"),
    "accessToMyData": Label("利用のお知らせ", "notices of access"),
    "consents": Label("同意の状況", "consents"),
    "disclosures": Label("提供の履歴", "history of disclosures"),
    "provisionRecords": Label("提供の記録", "records of provision"),
    "readers": Label("だれに何が見えるか", "who can see what"),
    "receiptRecords": Label("受領の記録", "records of receipt"),
}
"""What is looked at beside the catalogue's fields."""
DATA = Label("情報", "data")
A_NUMBER = Label("人数", "a number of members")
ITS_OWN = Label("自社の", "its")
THE_GROUP = Label("グループ", "the group")


@dataclass(frozen=True, slots=True)
class Telling:
    """The parts of the sentences, whichever their language."""

    when: Label
    who: Label
    whose: Label
    shown: Sequence[Label] = ()
    """The kinds of data that were handed over; none where the member was shown as such."""
    known: Sequence[Label] = ()
    """The kinds of data of which only was told what there is."""
    used: Sequence[Label] = ()
    """The kinds of data by which was searched, sorted or counted."""
    purpose: Label | None = None
    grounds: Sequence[Label] = ()
    source: Label | None = None
    """From whom."""
    anybody: bool = True


def received(told: Telling) -> Label:
    """Say what a company received."""
    ja, en = [], []
    if told.shown:
        from_ja = f"{told.source.ja}から" if told.source else ""
        from_en = f" from {told.source.en}" if told.source else ""
        ja.append(f"{from_ja}{told.whose.ja}{_ja(told.shown)}を受け取り")
        en.append(f"received {told.whose.en} {_en(told.shown)}{from_en}")
    if told.known:
        ja.append(f"{told.whose.ja}{_ja(told.known)}の有無を知らされ")
        en.append(f"was told what there is of {told.whose.en} {_en(told.known)}")
    if told.used:
        ja.append(f"{told.whose.ja}{_ja(told.used)}で検索・並べ替え・集計をし")
        en.append(f"searched, sorted or counted by {told.whose.en} {_en(told.used)}")
    if not told.anybody:
        ja.append("該当者がいないと知らされ")
        en.append("was shown nobody")
    elif not ja:
        ja.append(f"{told.whose.ja}会員としての存在だけを知らされ")
        en.append(f"was told of {told.whose.en} membership and nothing else")
    for_ja = f"「{told.purpose.ja}」のために、" if told.purpose else ""
    for_en = f" for the purpose “{told.purpose.en}”" if told.purpose else ""
    because_ja = f"根拠：{'、'.join(each.ja for each in told.grounds)}。" if told.grounds else ""
    because_en = f" Opened by {'; '.join(each.en for each in told.grounds)}." * bool(told.grounds)
    return Label(
        f"{told.when.ja}、{told.who.ja}が{for_ja}{'、'.join(ja)}ました。{because_ja}",
        f"{told.when.en}, {told.who.en} {' and '.join(en)}{for_en}.{because_en}",
    )


def names(then: Then, paths: Iterable[str]) -> Sequence[Label]:
    """What these items are called; the member as such is no kind of data."""
    every = ([NAMELESS[path]] if path in NAMELESS else then.categories(path) for path in paths)
    return list(dict.fromkeys(name for each in every for name in each))


def lists_alone(lists: Iterable[str], values: Collection[str]) -> Sequence[str]:
    """Those of the lists of whose rows no value is among these."""
    return [each for each in lists if each and not any(v.startswith(f"{each}.") for v in values)]


def looked(told: Telling) -> Label:
    """Say what the member, or a privacy officer, looked at."""
    every = (*told.shown, *told.known, *told.used)
    ja = f"{told.whose.ja}{_ja(every) or '情報'}"
    en = f"{told.whose.en} {_en(every) or 'data'}"
    return Label(
        f"{told.when.ja}、{told.who.ja}が{ja}を見ました。",
        f"{told.when.en}, {told.who.en} looked at {en}.",
    )


def acting_for(processor: Label, controller: Label) -> Label:
    """Name a processor with its controller."""
    return Label(
        f"{controller.ja}（委託先：{processor.ja}）", f"{processor.en}, acting for {controller.en},"
    )


def officer_of(office: Label) -> Label:
    return Label(f"{office.ja}の個人情報保護担当者", f"a privacy officer of {office.en}")


def whose(reader: Role, number: int | None, *, at_least: bool) -> Label:
    """Say whose data, to this reader."""
    return YOURS if reader is Role.MEMBER else _of_members(number, at_least=at_least)


def several(labels: Iterable[Label]) -> Label | None:
    """Give several names as one; None for none."""
    every = list(dict.fromkeys(labels))
    if not every:
        return None
    return Label("」「".join(each.ja for each in every), "”, “".join(each.en for each in every))


def _of_members(number: int | None, *, at_least: bool) -> Label:
    """Name several members by their number; None stands for fewer than ten."""
    if number is None:
        return Label("会員10名未満の", "fewer than ten members’")
    if at_least:
        return Label(f"会員{number}名以上の", f"at least {number} members’")
    return Label(f"会員{number}名の", "one member’s" if number == 1 else f"{number} members’")


def opened_by(provision: RecordedProvision) -> Label:
    """Say on what it rests."""
    name, version = provision.document_name, provision.version
    if not provision.items:
        return Label(
            f"「{name.ja}」（{version}版、同意を要しない定め）",
            f"“{name.en}” ({version}), which asks for no consent",
        )
    items = [each.name for each in provision.items]
    return Label(
        f"「{name.ja}」（{version}版）の{_ja(items)}への同意",
        f"consent to {_en(items)} of “{name.en}” ({version})",
    )


def at_instant(at: datetime) -> Label:
    """Say when, by the clocks of Japan."""
    here = at.astimezone(_JAPAN)
    return Label(
        f"{here.year}年{here.month}月{here.day}日{here.hour}時{here.minute:02}分（日本時間）",
        f"On {here.day} {_MONTHS[here.month - 1]} {here.year} at {here:%H:%M} (Japan time)",
    )


def in_month(month: str) -> Label:
    """Say when, of a month as records are kept by: 2026-04."""
    year, number = (int(each) for each in month.split("-"))
    return Label(f"{year}年{number}月（協定世界時）", f"In {_MONTHS[number - 1]} {year} (UTC)")


def _ja(labels: Sequence[Label]) -> str:
    return "".join(f"「{each.ja}」" for each in dict.fromkeys(labels))


def _en(labels: Sequence[Label]) -> str:
    *others, last = [f"“{each.en}”" for each in dict.fromkeys(labels)] or [""]
    return f"{', '.join(others)} and {last}" if others else last
