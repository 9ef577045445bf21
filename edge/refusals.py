"""What the door itself says no to. `edge/words.py` says it in both languages."""

from eventing.decider import Rejection


class NotSignedIn(Rejection):
    code = "not-signed-in"
    kind = "forbidden"
    vi = "Hãy đăng nhập rồi thử lại."
    en = "Please sign in and try again."


class AccountNotLinked(Rejection):
    code = "account-not-linked"
    kind = "forbidden"
    vi = "Tài khoản của bạn chưa gắn với ai. Hãy báo mã tài khoản cho người quản trị tổ chức."
    en = "Your account does not stand for a person yet. Tell an organisation keeper its code."


class NotAllowed(Rejection):
    code = "not-allowed"
    kind = "forbidden"
    vi = "Bạn không giữ vai trò được làm việc này ({permission})."
    en = "You hold no role that may do this ({permission})."

    def __init__(self, permission: str) -> None:
        self.permission = permission


class OutsideYourUnit(Rejection):
    code = "outside-your-unit"
    kind = "forbidden"
    vi = "Việc này thuộc đơn vị ngoài phạm vi của bạn."
    en = "This belongs to a unit outside yours."


class NotFound(Rejection):
    code = "not-found"
    kind = "absent"
    vi = "Không có gì ở đây."
    en = "There is nothing here."


class TooManyWrongCodes(Rejection):
    """A wrong code, once more than enough. A right one is answered all the same."""

    code = "too-many-wrong-codes"
    vi = "Đã thử quá nhiều mã sai. Xin xem lại mã trên phiếu, hoặc thử lại sau mười phút."
    en = "Too many wrong codes were tried. Compare your receipt, or try again in ten minutes."


class FormOfAnother(Rejection):
    """A form came without the key of this session's own pages."""

    code = "form-of-another"
    kind = "forbidden"
    vi = "Biểu mẫu này không thuộc phiên đăng nhập của bạn. Hãy mở lại trang rồi gửi lại."
    en = "This form is not of your session. Open the page again, and send it again."


class NotYetHappened(Rejection):
    code = "not-yet-happened"
    vi = "Chỉ ghi việc đã xảy ra: thời điểm này còn ở phía trước."
    en = "Only what has happened is recorded: this time is still to come."


class KeyMissing(Rejection):
    code = "idempotency-key-missing"
    vi = "Thiếu Idempotency-Key: một UUID riêng cho mỗi lần yêu cầu, giữ nguyên khi gửi lại."
    en = "Idempotency-Key is missing: a UUID of its own for each request, kept when repeating."


class KeyNotValid(Rejection):
    code = "idempotency-key-not-valid"
    vi = "Idempotency-Key phải là một UUID."
    en = "Idempotency-Key must be a UUID."


class IfMatchNotValid(Rejection):
    code = "if-match-not-valid"
    vi = 'If-Match phải là một ETag đã nhận, ví dụ "5".'
    en = 'If-Match must be one ETag that you were given, such as "5".'


class ReadingNotSaid(Rejection):
    """`reading` is the query whose ETag the command rests on."""

    code = "if-match-missing"
    vi = "Việc này dựa trên điều bạn đã xem: hãy gửi If-Match là ETag của GET {reading}."
    en = "This rests on what you saw: send If-Match with the ETag of GET {reading}."

    def __init__(self, reading: str) -> None:
        self.reading = reading


class MinPositionNotValid(Rejection):
    code = "min-position-not-valid"
    vi = "min_position có dạng dịch-vụ:vị-trí, ví dụ registry:812, tối đa 8 lần."
    en = "min_position is service:position, such as registry:812, at most 8 times."


class CursorNotValid(Rejection):
    code = "cursor-not-valid"
    vi = "cursor không phải của danh sách này; hãy xem lại từ trang đầu."
    en = "The cursor is not one of this list; start again from its first page."


class LimitNotValid(Rejection):
    code = "limit-not-valid"
    vi = "limit phải là số từ 1 đến {at_most}."
    en = "limit must be a number from 1 to {at_most}."

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most


class UnitNotSaid(Exception):
    """A fault of ours: the route served somebody without saying in which unit they may."""
