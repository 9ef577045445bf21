"""What can be done next, by the code of a refusal; why it was refused the service itself says."""

from collections.abc import Mapping

from contracts.languages import Words

_LOOK = Words(
    "Hãy mở lại danh sách để xem điều đang được ghi; không cần ghi lại lần nữa.",
    "Open the list again and see what is recorded; there is no need to record it once more.",
)
_ANOTHER_PERSON = Words(
    "Hãy để một người khác, chưa tham gia việc này, làm bước này.",
    "Leave this step to another person, who has had no part in it.",
)
_ROLE = Words(
    "Nếu việc này thuộc phần của bạn, hãy nhờ người quản trị tổ chức giao vai trò ở đơn vị đó.",
    "If this is yours to do, ask the keeper of your organisation for the role in that unit.",
)
_CHANGE = Words(
    "Điều bạn đã nhập vẫn còn ở dưới: sửa chỗ đó rồi gửi lại.",
    "What you typed is still below: change that and send it again.",
)
_DAY = Words(
    "Hãy kiểm tra ngày, tháng, năm đã ghi rồi gửi lại.",
    "Check the day, month and year that you wrote, then send it again.",
)
_NOT_THERE = Words(
    "Có thể điều này vừa được ghi: chờ một phút, mở lại danh sách rồi chọn lại.",
    "It may just have been recorded: wait a minute, open the list again and choose it anew.",
)
_SEND_AGAIN = Words(
    "Hãy xem lại rồi gửi lại; điều bạn đã nhập vẫn còn ở dưới.",
    "Look again, then send it again; what you typed is still below.",
)
_STEP_BEFORE = Words(
    "Bước trước còn chưa xong: hãy làm, hoặc nhờ người phụ trách làm bước đó trước.",
    "The step before is not done: do it first, or ask whoever is in charge of it.",
)
_OVER = Words(
    "Việc này đã kết thúc, không cần làm gì thêm.", "This has ended: there is nothing to do."
)
_OTHER_LINES = Words(
    "Hãy bỏ dòng đó khỏi danh sách rồi gửi lại các dòng khác.",
    "Take that line off the list and send the others again.",
)
_OTHER_CHOICE = Words(
    "Hãy chọn mục khác trong danh sách rồi gửi lại.", "Choose another from the list and send again."
)
_KEEPER = Words("Hãy báo cho người quản trị tổ chức.", "Tell the keeper of your organisation.")
_CORRECTION = Words(
    "Hãy ghi một đề nghị điều chỉnh cho khoản này, để người khác xác nhận.",
    "Propose a correction of this, which another person confirms.",
)
_RECEIPT = Words(
    "Hãy hủy phiếu đang có hiệu lực trước, rồi làm lại bước này.",
    "Cancel the receipt that stands first, then do this again.",
)
_MEASURE_AGAIN = Words(
    "Hãy ghi số đo mới, hoặc lớp đang học, của trẻ em này rồi ghi lại nhu cầu.",
    "Record a new measure, or the grade, of the child, then record the need again.",
)
_RECONFIRM = Words(
    "Hãy thăm lại rồi xác nhận lại nhu cầu này.", "Visit again and reconfirm this need."
)

_BY_STEP: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (
        _LOOK,
        (
            "allocation-approved-otherwise",
            "allocation-proposed-otherwise",
            "campaign-opened-otherwise",
            "child-registered-otherwise",
            "contribution-accepted-otherwise",
            "contribution-announced-otherwise",
            "contribution-is-accepted",
            "contribution-receipted-already",
            "contribution-received-otherwise",
            "contribution-refused-otherwise",
            "correction-judged-otherwise",
            "delivery-dispatched-otherwise",
            "delivery-handed-over-otherwise",
            "delivery-planned-otherwise",
            "direct-gift-ended-otherwise",
            "direct-gift-recorded-otherwise",
            "group-registered-otherwise",
            "household-registered-otherwise",
            "line-inspected-otherwise",
            "line-proposed-already",
            "line-signed-already",
            "line-signed-otherwise",
            "child-has-died",
            "child-is-itself",
            "child-is-merged",
            "child-not-merged",
            "child-has-left",
            "child-is-here",
            "child-lives-there",
            "fact-does-not-stand",
            "household-has-left",
            "household-is-here",
            "household-moved-later",
            "household-moved-nowhere",
            "need-recorded-otherwise",
            "need-returned-otherwise",
            "need-verified-already",
            "need-confirmed-since",
            "payment-not-there",
            "payment-prepared-otherwise",
            "pledge-made-otherwise",
            "receipt-cancelled-otherwise",
            "run-made-otherwise",
            "sponsor-registered-otherwise",
            "unit-established-otherwise",
            "unit-succeeded-otherwise",
            "person-registered-otherwise",
            "role-granted-otherwise",
            "account-is-another",
            "account-linked-already",
            "has-another-account",
        ),
    ),
    (
        _ANOTHER_PERSON,
        (
            "gave-the-roles",
            "gave-the-sign-in",
            "own-account",
            "took-the-sign-in",
            "only-the-recorder-completes",
            "recorder-cannot-verify",
        ),
    ),
    (_ROLE, ("not-allowed", "outside-your-unit")),
    (
        _CHANGE,
        (
            "children-counted-otherwise",
            "circumstance-not-known",
            "not-of-its-territory",
            "territory-to-be-said",
            "detail-missing",
            "goods-are-not-paid",
            "group-too-small",
            "height-outside-the-table",
            "individual-is-not-named",
            "line-listed-twice",
            "lines-in-different-measures",
            "measure-not-of-the-category",
            "money-is-all-good",
            "money-is-counted-in-dong",
            "not-what-was-pledged",
            "nothing-is-corrected",
            "payee-does-not-fit",
            "reason-does-not-fit",
            "request-not-valid",
            "returned-more-than-advanced",
            "same-line-twice",
            "same-need-twice",
            "signatory-does-not-fit",
            "specification-missing",
            "specification-not-of-the-category",
            "too-many-lines-for-one-allocation",
            "too-many-needs-for-one-run",
            "way-of-payment-not-said",
            "way-of-return-not-said",
            "succession-in-a-circle",
            "unit-cannot-succeed-itself",
            "village-is-not-told",
        ),
    ),
    (
        _DAY,
        (
            "aged-out",
            "assessed-in-the-future",
            "campaign-ends-before-it-starts",
            "ends-in-the-future",
            "figure-of-the-future",
            "programme-not-running",
            "status-outlives-its-standard",
            "campaign-not-running",
            "measured-in-the-future",
            "no-rules-in-force",
            "not-yet-born",
            "not-yet-happened",
            "outside-the-programme",
            "receiving-closed",
            "standard-not-in-force",
            "status-ends-before-it-begins",
            "unit-not-in-force",
            "ends-before-it-was-valid",
            "grant-ends-before-it-begins",
        ),
    ),
    (
        _NOT_THERE,
        (
            "allocation-not-proposed",
            "campaign-not-opened",
            "child-not-registered",
            "contribution-not-announced",
            "correction-not-proposed",
            "delivery-not-planned",
            "direct-gift-not-recorded",
            "fund-not-opened",
            "group-not-registered",
            "household-not-registered",
            "line-not-announced",
            "line-not-in-the-delivery",
            "line-not-in-the-run",
            "lot-not-opened",
            "need-not-open",
            "need-not-recorded",
            "not-found",
            "payment-not-prepared",
            "pledge-not-made",
            "programme-not-known",
            "programme-not-started",
            "receipt-not-cancelled",
            "receipt-not-issued",
            "run-not-made",
            "role-not-granted",
            "account-is-nobodys",
            "sponsor-not-known",
            "sponsor-not-registered",
            "unit-not-established",
        ),
    ),
    (
        _SEND_AGAIN,
        (
            "amount-is-another",
            "child-changed-meanwhile",
            "group-changed-meanwhile",
            "household-changed-meanwhile",
        ),
    ),
    (
        _STEP_BEFORE,
        (
            "allocation-not-approved",
            "another-correction-waits",
            "contribution-not-accepted",
            "contribution-not-received",
            "delivery-not-dispatched",
            "delivery-not-handed-over",
            "household-to-be-placed",
            "inspection-not-complete",
            "line-not-approved",
            "need-not-opened",
            "need-returned-first",
        ),
    ),
    (
        _OVER,
        (
            "contribution-is-refused",
            "every-line-is-closed",
            "need-is-withdrawn",
            "need-met-already",
            "need-withdrawn-already",
            "turns-of-age",
            "nothing-to-receipt",
            "erased",
            "person-erased",
        ),
    ),
    (
        _OTHER_LINES,
        (
            "line-in-a-delivery",
            "line-is-closed",
            "line-not-closed",
            "line-of-another-unit",
            "lines-of-two-programmes",
            "lot-does-not-fit-the-need",
            "lot-is-held-apart",
            "lot-of-another-programme",
            "more-than-the-lot-holds",
            "need-covered-already",
            "need-covered-otherwise",
            "need-of-another-programme",
            "need-of-another-unit",
            "nothing-in-the-run",
            "signed-line-is-not-closed",
        ),
    ),
    (
        _OTHER_CHOICE,
        (
            "campaign-for-another-category",
            "category-not-in-the-pack",
            "child-has-its-share",
            "fund-of-another-programme",
            "household-not-poor-enough",
            "not-eligible",
            "not-given-for",
            "recipient-works-elsewhere",
            "special-excludes-at-risk",
            "standard-not-known",
            "role-not-known",
            "role-of-programs",
            "unit-is-no-commune",
        ),
    ),
    (
        Words(
            "Hãy hỏi gia đình hoặc xem giấy khai sinh, rồi đính chính ngày sinh.",
            "Ask the family or look at the birth certificate, then correct the birth date.",
        ),
        ("age-depends-on-the-day",),
    ),
    (
        Words(
            "Hãy rút nhu cầu này rồi ghi lại theo sổ bây giờ.",
            "Withdraw this need and record it anew, as the register is now.",
        ),
        ("specification-no-longer-so",),
    ),
    (_CORRECTION, ("amount-not-corrected",)),
    (_RECEIPT, ("receipt-stands",)),
    (_MEASURE_AGAIN, ("measure-is-stale", "not-enrolled", "not-measured")),
    (_RECONFIRM, ("need-has-lapsed",)),
    (
        Words(
            "Ghi phiếu đã hủy vào mục “Thay phiếu” rồi gửi lại.",
            "Say which cancelled receipt it replaces, then send it again.",
        ),
        ("cancelled-receipt-not-named",),
    ),
    (
        Words(
            "Hãy dùng biểu mẫu “Không tiếp nhận”.", "Use the form that refuses the contribution."
        ),
        ("nothing-to-accept",),
    ),
    (
        Words(
            "Hãy chờ có thêm tiền trong nguồn, hoặc chi từ tài khoản còn đủ.",
            "Wait until there is more in the fund, or pay from an account that holds enough.",
        ),
        ("not-enough-in-the-fund",),
    ),
    (
        Words("Chỉ khoản tạm ứng mới được thanh toán tạm ứng.", "Only an advance is settled."),
        ("no-advance",),
    ),
    (
        Words(
            "Không cần làm gì: tên của tổ chức đã được nêu.",
            "There is nothing to do: an organisation is named already.",
        ),
        ("only-individuals-agree",),
    ),
    (_KEEPER, ("account-not-linked", "account-not-proposed", "person-not-registered")),
)

INVOLVED = "involved-"
"""Of whoever had a part in a thing, whatever it is that they may not do besides."""

STEPS: Mapping[str, Words] = {code: step for step, codes in _BY_STEP for code in codes}


def next_step_of(code: str) -> Words | None:
    """None: the same as of its status."""
    return _ANOTHER_PERSON if code.startswith(INVOLVED) else STEPS.get(code)
