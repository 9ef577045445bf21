"""One plain address, and for anything else one clear no."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.mail_address import NoMailAddress, mail_address

NO_ADDRESSES = [
    "",
    "ten",
    "ten@",
    "@congty.vn",
    "<ten@congty.vn>",
    "Ten <ten@congty.vn>",
    "ten@congty.vn>",
    "ten@congty.vn.",
    "ten@congty..vn",
    "t..n@congty.vn",
    "a b@congty.vn",
    "a,b@congty.vn",
    "(ten)b@congty.vn",
    "ten@congty.vn\nBcc: b@congty.vn",
    "tên@congty.vn",
]


@pytest.mark.parametrize("text", ["ten@congty.vn", "t.n+qua@thu.congty.vn", "ten@localhost"])
def test_an_address_stays_as_it_was_written(text: str) -> None:
    assert mail_address(text).addr_spec == text


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NoMailAddress):
        mail_address(text)


@given(st.text(alphabet='ab.@<>()[]\\",;: \n\tê', max_size=12) | st.text(max_size=20))
def test_any_text_is_an_address_that_a_letter_takes_or_none(text: str) -> None:
    try:
        address = mail_address(text)
    except NoMailAddress:
        return
    letter = EmailMessage()
    letter["To"] = address
    assert [each.addr_spec for each in letter["To"].addresses] == [text]
