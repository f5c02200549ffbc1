"""What of an identity is found in words, and which words are left in peace."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.disclosure.words import Known, identifying
from bield.names import fold

NATASHA = Known(
    names=("Natasha Mária", "O’Neill-Đurić", "Zedka"),
    born=date(2001, 5, 17),
    values=("HO-778899", "+44 7700 900461", "zed.ka@mail.example", "Flat 2, 12 Byres Road, Glasgow G12 8QQ"),
)
COMMON = Known(names=("Rose Will", "May Long", "Li Do", "Grace"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("natasha", "natasha"),
        ("Ask NATASHA.", "NATASHA"),
        ("Natasha's sister", "Natasha"),
        ("Natasha’s", "Natasha"),
        ("Nataša", "Nataša"),
        ("(natasha)", "natasha"),
        ("Maria", "Maria"),
        ("neill", "neill"),
        ("O'Neill's", "O'Neill"),
        ("O Neill", "Neill"),
        ("Djuric or Đurić", "Đurić"),
        ("Duric", "Duric"),
        ("zedka@mail", "zedka"),
        ("Na\u200btasha", "Na\u200btasha"),
        ("Ｎatasha", "Ｎatasha"),
        ("natasha_m", "natasha"),
        ("Nаtasha", "Nаtasha"),
        ("born 17 May 2001", "17 May 2001"),
        ("17.05.2001", "17.05.2001"),
        ("17/5/01", "17/5/01"),
        ("5/17/2001", "5/17/2001"),
        ("2001-05-17", "2001-05-17"),
        ("17th of May, 2001", "17th of May, 2001"),
        ("May 17, 2001", "May 17, 2001"),
        ("17-May-2001", "17-May-2001"),
        ("17052001", "17052001"),
        ("١٧/٥/٢٠٠١", "١٧/٥/٢٠٠١"),
        ("17 5 2001", "17 5 2001"),
        ("07700900461", "07700900461"),
        ("ring 07700 900 461 now", "07700 900 461"),
        ("0044 7700-900461", "0044 7700-900461"),
        ("ref HO778899", "HO778899"),
        ("ho 778899", "ho 778899"),
        ("Zed.Ka@Mail.example", "Zed.Ka@Mail.example"),
        ("at 12 byres road", "12 byres road"),
        ("G128QQ", "G128QQ"),
        ("g12 8qq", "g12 8qq"),
    ],
)
def test_it_is_found_however_it_is_written(text: str, found: str) -> None:
    assert found in [item.text for item in identifying(text, NATASHA)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A woman from Ruritania needs a bed tonight.",
        "16 May 2001",
        "17 May 2011",
        "18/5/01",
        "07700 900462",
        "HO-778890",
        "12 Argyle Road",
        "G12 9QQ",
        "nationality",
        "natal care",
        "mar",
        "Neil",
        "Natalia",
        "G12",
        "O",
        "12 people, byres",
        "17 May",
    ],
)
def test_other_words_are_left_in_peace(text: str) -> None:
    assert identifying(text, NATASHA) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rose needs a bed", "Rose"),
        ("ask Rose", "Rose"),
        ("ROSE", "ROSE"),
        ("ask Will", "Will"),
        ("for May.", "May"),
        ("Li said", "Li"),
        ("rose zedka", None),
        ("the price rose", None),
        ("she will come", None),
        ("Will she be safe?", None),
        ("May she bring her child?", None),
        ("in May", None),
        ("on 3 May", None),
        ("May 2026", None),
        ("it may be", None),
        ("what to do", None),
        ("Long ago", None),
        ("not long", None),
        ("by the grace of", None),
        ("Grace", "Grace"),
        ("Safe. Will ring.", None),
        ("li", None),
        ("tell her that May is here", "May"),
        ("Ask: will she?", None),
    ],
)
def test_names_that_are_ordinary_words_count_only_where_they_are_meant(text: str, found: str | None) -> None:
    assert [item.text for item in identifying(text, COMMON)] == ([found] if found else [])


def test_an_ordinary_word_beside_another_of_the_names_is_meant() -> None:
    known = Known(names=("Rose", "Quillfeather"))
    assert [item.text for item in identifying("rose quillfeather", known)] == ["rose", "quillfeather"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王小明", "今天王小明在这里"),
        ("สมชาย", "คุณสมชายมา"),
        ("Ольга", "сказала ольга"),
        ("मीना", "मीना यहाँ है"),
        ("فاطمة", "جاءت فاطمه"),
    ],
)
def test_names_of_every_script_are_found(name: str, text: str) -> None:
    assert identifying(text, Known(names=(name,)))


def test_what_cannot_be_an_accident_is_told_from_a_name() -> None:
    kinds = {item.text: item.kind for item in identifying("Natasha, 17.5.2001, 07700900461", NATASHA)}
    assert kinds == {"Natasha": "name", "17.5.2001": "birth", "07700900461": "value"}


def test_each_is_said_once_in_the_order_of_the_text() -> None:
    assert [item.text for item in identifying("Zedka and natasha and NATASHA", NATASHA)] == ["Zedka", "natasha"]


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_nobody_known_is_nobody_found(text: str) -> None:
    assert identifying(text, Known()) == ()
    for item in identifying(text, NATASHA):
        assert item.text in text


LONG_NAMES = st.from_regex(r"[a-zà-ž]{5,10}", fullmatch=True).filter(lambda name: len("".join(fold(name))) > 4)


@given(LONG_NAMES, st.sampled_from(["{} is here", "ask {}", "({})", "{}'s room", "“{}”", "with\n{}\nthere"]))
def test_a_whole_name_is_found_in_any_capitals_anywhere(name: str, around: str) -> None:
    for written in (name, name.upper(), name.capitalize()):
        assert identifying(around.format(written), Known(names=(f"Mr {name}",))), written


@pytest.mark.parametrize(
    "text",
    [
        "the Natashas",
        "NATASHAS passport",
        "natashazedka@mail.example",
        "ZedkaNatasha",
        "tell natasha1990",
        "N.a.t.a.s.h.a",
        "n a t a s h a",
        "ring 07700, 900461",
        "ring 07700_900461",
        "2001 May 17",
    ],
)
def test_it_is_found_where_it_is_written_by_accident(text: str) -> None:
    assert identifying(text, NATASHA), text


def test_an_address_is_found_as_it_is_spoken() -> None:
    known = Known(values=("zuzka@mail.example",))
    assert [item.text for item in identifying("write to zuzka at mail dot example at night", known)] == [
        "zuzka at mail dot example"
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("So", "So she left."),
        ("My", "My notes of the day."),
        ("In", "In June she left."),
        ("No", "No answer at the door."),
        ("Be", "Be private_widget."),
        ("Blessing", "It is a blessing."),
        ("Gift", "He brought a gift."),
        ("Precious", "precious time"),
        ("Happy", "She was happy."),
        ("Success", "without success"),
        ("Sunday", "seen on Sunday"),
        ("Friday", "every Friday"),
        ("Good", "in good health"),
        ("Good", "Good health."),
        ("Lucky", "was lucky"),
    ],
)
def test_ordinary_sentences_are_not_asked_about(name: str, text: str) -> None:
    assert identifying(text, Known(names=(name,))) == (), text
