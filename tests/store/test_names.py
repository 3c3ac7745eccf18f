import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from excamera_store import InvalidName, check_key
from excamera_store.names import MAX_KEY_BYTES, RESERVED, check_folder

SEGMENTS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="/"),
    min_size=1,
    max_size=40,
).filter(lambda s: s not in (".", "..") and not s.startswith(RESERVED))
KEYS = st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join)


@given(KEYS)
def test_a_plain_relative_path_is_a_key(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "..",
        "../secret",
        "a/../../b",
        "a/./b",
        "a//b",
        "a/",
        "line\nbreak",
        "nul\0",
        "tab\t",
        "delete\x7f",
        "separator\u2028",
        "half a pair \ud800",
        RESERVED + "0123",
        f"a/{RESERVED}",
        "x" * 256,
        "é" * 128,
        "/".join("y" * 250 for _ in range(5)),
    ],
)
def test_what_could_climb_out_or_break_a_line_is_refused(key: str) -> None:
    with pytest.raises(InvalidName) as caught:
        check_key(key)
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)


def test_a_name_that_is_not_utf_8_is_shown_with_its_bytes() -> None:
    with pytest.raises(InvalidName, match=r"the name 'caf\\xff\\n\.mp4' is not valid UTF-8"):
        check_key("caf\udcff\n.mp4")


@given(st.text(max_size=60))
def test_a_key_that_is_accepted_stays_below_its_root(key: str) -> None:
    try:
        check_key(key)
    except InvalidName:
        assume(False)
    parts = key.split("/")
    assert ".." not in parts
    assert not key.startswith("/")
    assert len(key.encode()) <= MAX_KEY_BYTES
    assert len(key.splitlines()) <= 1


def test_a_folder_is_the_same_with_and_without_its_slash() -> None:
    assert check_folder("") == ""
    assert check_folder("a/b") == check_folder("a/b/") == "a/b/"
    with pytest.raises(InvalidName):
        check_folder("/")
