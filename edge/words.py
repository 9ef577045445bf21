"""What the door itself says, in both languages. What a rejection says stands with the rejection.

Problems of a field are said in our own words: the validator's may repeat what was sent.
"""

from string import Formatter
from typing import Any

from contracts.languages import Language, Words
from eventing.decider import Rejection

TITLES: dict[int, Words] = {
    401: Words(vi="Chưa đăng nhập", en="Not signed in"),
    403: Words(vi="Không được phép", en="Not allowed"),
    404: Words(vi="Không tìm thấy", en="Not found"),
    405: Words(vi="Không dùng được cách gọi này", en="Method not allowed"),
    409: Words(vi="Mâu thuẫn với việc đã ghi", en="Conflicts with what is recorded"),
    412: Words(vi="Đã thay đổi", en="Changed since"),
    428: Words(vi="Chưa nói đã xem gì", en="What was seen is not said"),
    413: Words(vi="Dữ liệu quá lớn", en="Too large"),
    422: Words(vi="Không thực hiện được", en="Cannot be done"),
    429: Words(vi="Đã thử quá nhiều", en="Tried too often"),
    500: Words(vi="Lỗi hệ thống", en="Something went wrong"),
    503: Words(vi="Tạm thời chưa được", en="Not possible right now"),
    504: Words(vi="Quá thời gian", en="Took too long"),
}

OTHERS: dict[str, Words] = {
    "request-not-valid": Words(
        vi="Yêu cầu có chỗ chưa hợp lệ.", en="Parts of the request are not valid."
    ),
    "key-used-differently": Words(
        vi="Idempotency-Key này đã dùng cho một yêu cầu khác.",
        en="This Idempotency-Key was used for a different request.",
    ),
    "person-erased": Words(
        vi="Dữ liệu của người này đã được xoá; không ghi thêm được.",
        en="This person's data were erased; nothing can be added.",
    ),
    "busy": Words(
        vi="Đang có nhiều người cùng làm việc này; chưa có gì được ghi. Hãy gửi lại.",
        en="Many are at work on the same thing; nothing was recorded. Please repeat.",
    ),
    "outcome-unknown": Words(
        vi="Chưa biết đã ghi được hay chưa. Hãy gửi lại với cùng Idempotency-Key.",
        en="It is not known whether it was recorded. Repeat with the same Idempotency-Key.",
    ),
    "not-yet-visible": Words(
        vi="Dữ liệu bạn vừa ghi chưa hiện ra ở đây. Hãy thử lại sau giây lát.",
        en="What you recorded cannot be seen here yet. Try again in a moment.",
    ),
    "roles-not-heard": Words(
        vi="Chưa biết chắc ai còn giữ vai trò nào: hệ thống chưa nghe được thay đổi mới. "
        "Hãy thử lại sau ít phút.",
        en="Who holds which role is not known any more: no change was heard of for too long. "
        "Try again in some minutes.",
    ),
    "written-by-newer-code": Words(
        vi="Một phiên bản mới hơn của hệ thống đã ghi vào đây. Phiên bản này chưa đọc được.",
        en="A newer version of the system has written here. This one cannot read it yet.",
    ),
    "unavailable": Words(
        vi="Một máy chủ cần đến chưa trả lời. Hãy thử lại sau giây lát.",
        en="A server that is needed does not answer. Try again in a moment.",
    ),
    "body-too-large": Words(
        vi="Nội dung gửi lên lớn hơn {bytes_max} byte.",
        en="What was sent is larger than {bytes_max} bytes.",
    ),
    "took-too-long": Words(
        vi="Quá {seconds_max} giây. Nếu là một lệnh, hãy gửi lại với cùng Idempotency-Key.",
        en="Over {seconds_max} seconds. If it is a command, repeat with the same Idempotency-Key.",
    ),
    "no-such-path": Words(vi="Địa chỉ này không có.", en="There is no such address."),
    "method-not-allowed": Words(
        vi="Địa chỉ này không nhận cách gọi đó.", en="This address does not take that method."
    ),
    "unexpected": Words(
        vi="Có lỗi ngoài dự kiến. Khi báo lỗi, hãy cho biết mã trong mục instance.",
        en="Something unexpected went wrong. When you report it, give the id in instance.",
    ),
}

UNSAID: dict[str, Words] = {
    "absent": Words(vi="Không có gì ở đây.", en="There is nothing here."),
    "conflict": Words(vi="Mâu thuẫn với điều đã ghi.", en="This conflicts with what is recorded."),
    "forbidden": Words(vi="Quy định không cho phép.", en="A rule forbids it."),
    "refused": Words(vi="Quy định không cho phép.", en="A rule refuses it."),
}
"""For a rejection without words that no route names, by kind."""

_FIELD: dict[str, Words] = {
    "missing": Words(vi="Bắt buộc phải có.", en="Is required."),
    "extra_forbidden": Words(vi="Không có mục này.", en="There is no such field."),
    "json_invalid": Words(vi="Không phải JSON hợp lệ.", en="Is not valid JSON."),
    "not_storable": Words(
        vi="Có ký tự không lưu được.", en="Holds a character that cannot be stored."
    ),
    "hidden_character": Words(
        vi="Có ký tự ẩn không dùng được.", en="Holds a hidden character that cannot be taken."
    ),
    "mail_address": Words(
        vi="Phải là một địa chỉ thư, dạng ten@congty.vn, không kèm tên hay dấu < >.",
        en="Must be one mail address, as in name@company.vn, without a name or < >.",
    ),
    "said_twice": Words(vi="Chỉ được nêu một lần.", en="May be given once."),
    "string_too_short": Words(
        vi="Phải có ít nhất {min_length} ký tự.", en="Needs at least {min_length} characters."
    ),
    "string_too_long": Words(
        vi="Được nhiều nhất {max_length} ký tự.", en="May have at most {max_length} characters."
    ),
    "string_pattern_mismatch": Words(
        vi="Không đúng dạng quy định.", en="Does not have the form required."
    ),
    "too_short": Words(vi="Cần ít nhất {min_length} mục.", en="Needs at least {min_length} items."),
    "too_long": Words(
        vi="Được nhiều nhất {max_length} mục.", en="May have at most {max_length} items."
    ),
    "greater_than": Words(vi="Phải lớn hơn {gt}.", en="Must be greater than {gt}."),
    "greater_than_equal": Words(vi="Phải từ {ge} trở lên.", en="Must be {ge} or more."),
    "less_than": Words(vi="Phải nhỏ hơn {lt}.", en="Must be less than {lt}."),
    "less_than_equal": Words(vi="Phải từ {le} trở xuống.", en="Must be {le} or less."),
    "literal_error": Words(vi="Phải là một trong: {expected}.", en="Must be one of: {expected}."),
    "enum": Words(vi="Phải là một trong: {expected}.", en="Must be one of: {expected}."),
    "timezone_aware": Words(
        vi="Thời điểm phải kèm múi giờ.", en="The instant needs its offset from UTC."
    ),
    "int": Words(vi="Phải là số nguyên.", en="Must be a whole number."),
    "float": Words(vi="Phải là số.", en="Must be a number."),
    "decimal": Words(vi="Phải là số.", en="Must be a number."),
    "bool": Words(vi="Phải là đúng hoặc sai.", en="Must be true or false."),
    "string": Words(vi="Phải là chữ.", en="Must be text."),
    "uuid": Words(vi="Phải là một UUID.", en="Must be a UUID."),
    "date": Words(vi="Phải là ngày, dạng 2024-09-17.", en="Must be a date, as in 2024-09-17."),
    "datetime": Words(
        vi="Phải là thời điểm, dạng 2024-09-17T08:00:00+07:00.",
        en="Must be an instant, as in 2024-09-17T08:00:00+07:00.",
    ),
    "list": Words(vi="Phải là một danh sách.", en="Must be a list."),
    "tuple": Words(vi="Phải là một danh sách.", en="Must be a list."),
    "dict": Words(vi="Phải là một đối tượng JSON.", en="Must be a JSON object."),
    "model": Words(vi="Phải là một đối tượng JSON.", en="Must be a JSON object."),
}
_ANY_FIELD = Words(vi="Không hợp lệ.", en="Is not valid.")


def problem_of_field(kind: str, limits: dict[str, Any], language: Language) -> str:
    """What is wrong with a field. `kind` is pydantic's error type, `limits` our declaration's."""
    words = _FIELD.get(kind) or _FIELD.get(kind.partition("_")[0]) or _ANY_FIELD
    return say(words, limits, language)


def words_of(rejection: type[Rejection]) -> Words:
    """Raises TypeError for words that are missing, or that speak of what the rejection lacks."""
    if not (hasattr(rejection, "vi") and hasattr(rejection, "en")):
        raise TypeError(f"{rejection.__name__} has no words: say `vi` and `en`")
    code = getattr(rejection.__init__, "__code__", None)
    has = {*(code.co_names + code.co_varnames if code else ())}
    for sentence in (rejection.vi, rejection.en):
        named = {field for _, field, _, _ in Formatter().parse(sentence) if field is not None}
        if unknown := named - has:
            raise TypeError(f"{rejection.__name__} has no {sorted(unknown)} to speak of")
    return Words(rejection.vi, rejection.en)


class _Lenient(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        # A sentence with a gap is better than a second error while the first is being told.
        return "…"


def say(words: Words, fields: dict[str, Any], language: Language) -> str:
    return words.in_(language).format_map(_Lenient(fields))
