"""What AWS answers, or who answers in its place, is one line that people can read."""

from __future__ import annotations

import pytest

from excamera_lambda.errors import LONGEST, OF_A_PAGE, NotPermitted, Unavailable, of_code

PAGE = """<!DOCTYPE html>
<html><head><title>Blocked</title><style>p { color: red }</style><script>var a = "<b>";</script>
</head><!-- by gate 7 --><body><h1>403 Forbidden</h1><p>Ask the <b>proxy&apos;s</b> admin.</p>"""


def test_of_a_page_of_html_its_words_are_passed_on() -> None:
    error = of_code("403", PAGE, "reading function workers")
    assert isinstance(error, Unavailable)
    assert str(error) == (
        "reading function workers: 403: Blocked 403 Forbidden Ask the proxy's admin."
    )


@pytest.mark.parametrize("page", ["<html></html>", "<", "<style>p {", " <!-- only that"])
def test_a_page_without_words_is_said_to_be_one(page: str) -> None:
    assert str(of_code("502", page, "invoking")) == "invoking: 502: a page without words"


def test_what_is_long_is_cut_a_page_sooner_than_what_aws_says_of_rights() -> None:
    page = str(of_code("502", f"<p>{'proxy ' * 9999}", "invoking"))
    assert len(page) <= OF_A_PAGE + 30
    said = f"User {'x' * 300} is not authorized to perform lambda:InvokeFunction"
    denied = of_code("AccessDeniedException", said, "invoking")
    assert isinstance(denied, NotPermitted)
    assert said in str(denied)
    assert len(str(of_code("TooMuch", "x" * 99_999, "invoking"))) <= LONGEST + 30
