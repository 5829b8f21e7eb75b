"""Codes are hard to guess, easy to type, and mistypings are noticed."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.people.rules import codes

drawn = st.binary(min_size=16, max_size=16).map(lambda chance: codes.draw(lambda _: chance))


def test_how_they_look() -> None:
    asked: list[int] = []

    def chance(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    code = codes.draw(chance)
    assert asked == [16]
    assert codes.grouped(code) == "2222-2222-2222-2222"
    assert codes.digest(code) == hashlib.sha256(b"2222222222222222").digest()
    assert not set("0O1IL") & set(codes.ALPHABET)
    assert len(codes.ALPHABET) == 31


def test_every_sign_comes_about_equally_often_and_no_code_twice() -> None:
    chance = random.Random(7)
    found = [codes.draw(chance.randbytes) for _ in range(4000)]
    assert len(set(found)) == 4000
    for place in range(codes.LENGTH):
        counts = [sum(code[place] == sign for code in found) for sign in codes.ALPHABET]
        assert 80 < min(counts) <= max(counts) < 185


@given(drawn)
def test_however_it_is_typed(code: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for text in (
        code,
        codes.grouped(code),
        codes.grouped(code).lower(),
        codes.grouped(code).replace("-", " — "),
        wide,
        f"我的绑定码是{codes.grouped(code)}，谢谢",
        f"{code[:4]}\u200b-{code[4:8]}\n{code[8:12]}  {code[12:]}",
        f"http://127.0.0.1:8080/chat?code={codes.grouped(code)}&x=1",
        f"Here is my code: {codes.grouped(code)}",
        " ".join(code),
    ):
        assert codes.find(text) == code


@given(drawn, st.integers(0, 15), st.sampled_from(codes.ALPHABET))
def test_one_wrong_sign_is_noticed(code: str, at: int, sign: str) -> None:
    typed = code[:at] + sign + code[at + 1 :]
    assert codes.find(typed) == (code if sign == code[at] else "")


@given(drawn, st.integers(0, 15), st.integers(0, 15))
def test_two_exchanged_signs_are_noticed(code: str, one: int, other: int) -> None:
    signs = list(code)
    signs[one], signs[other] = signs[other], signs[one]
    assert codes.find("".join(signs)) == (code if "".join(signs) == code else "")


@pytest.mark.parametrize(
    "text", ["K7QM-2XHP-9ABC-DEF", "k7qm2xhp9abcdef01", "0000 1111 2222 3333", "Ｋ７ＱＭ２ＸＨＰ９ＡＢＣＤ"]
)
def test_what_somebody_meant_as_a_code(text: str) -> None:
    assert codes.find(text) == ""
    assert codes.resembles(text)


@pytest.mark.parametrize("text", ["", "你好", "hello there, who is this", "12", "x" * 5000, "9" * 30, "A1 " * 400])
def test_what_nobody_meant_as_a_code(text: str) -> None:
    assert codes.find(text) == ""
    assert not codes.resembles(text)


@given(st.text(max_size=600))
def test_any_words(text: str) -> None:
    assert codes.find(text) == "" or len(codes.find(text)) == codes.LENGTH
    codes.resembles(text)


def test_much_text_takes_no_time() -> None:
    assert codes.find("ABCD " * 2_000_000) == ""
