"""An amount of đồng in Vietnamese words, as a receipt must state it beside the digits."""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
BILLION = 10**9
AMOUNT_MAX = 10**18 - 1


def amount_in_words(amount: int) -> str:
    """Raises ValueError for less than zero or more than AMOUNT_MAX đồng."""
    if not 0 <= amount <= AMOUNT_MAX:
        raise ValueError("an amount is between zero and a billion billions")
    words = _below_billion_billions(amount) or ["không"]
    return " ".join([*words, "đồng"]).capitalize()


def _below_billion_billions(number: int) -> list[str]:
    billions, rest = divmod(number, BILLION)
    words = [*_below_billion(billions, led=False), "tỷ"] if billions else []
    return words + _below_billion(rest, led=billions > 0)


def _below_billion(number: int, *, led: bool) -> list[str]:
    """`led`: something was said before, so that hundreds are said even when there are none."""
    words: list[str] = []
    for size, name in ((10**6, "triệu"), (10**3, "nghìn"), (1, "")):
        if group := number // size % 1000:
            words += _below_thousand(group, led=led or bool(words))
            words += [name] if name else []
    return words


def _below_thousand(number: int, *, led: bool) -> list[str]:
    hundreds, tens, units = number // 100, number // 10 % 10, number % 10
    words = [DIGITS[hundreds], "trăm"] if hundreds or led else []
    if tens == 0:
        if units:
            words += ["linh", DIGITS[units]] if words else [DIGITS[units]]
        return words
    words += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    return [*words, _unit_after(tens, units)] if units else words


def _unit_after(tens: int, units: int) -> str:
    match units:
        case 5:
            return "lăm"
        case 1 if tens > 1:
            return "mốt"
        case 4 if tens > 1:
            return "tư"
        case _:
            return DIGITS[units]
