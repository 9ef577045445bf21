"""What is a mail address: one plain `name@domain`, as a letter's header takes it, and no more."""

from email.errors import MessageError
from email.headerregistry import Address


class NoMailAddress(ValueError):
    pass


def mail_address(text: str) -> Address:
    """Raises NoMailAddress, whatever the standard library's parser makes of the text."""
    try:
        address = Address(addr_spec=text)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise NoMailAddress from error
    if address.addr_spec != text or not address.username or not address.domain:
        raise NoMailAddress
    return address
