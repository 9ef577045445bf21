"""What the organisation keeper's desk says."""

from contracts.languages import Words

WHO = ("organisation-keeper",)
DESK = Words("Tổ chức", "Organisation")
SAYS = Words(
    "Đơn vị, người, và ai giữ vai trò gì ở đâu. Không ai tự giao vai trò cho mình.",
    "Units, persons, and who holds what where. Nobody gives a role to themselves.",
)
UNITS = Words("Đơn vị", "Units")
PERSONS = Words("Người", "Persons")
ROLES = Words("Ai giữ vai trò gì, ở đâu", "Who holds what where")
NAME = Words("Tên", "Name")
ROLE = Words("Vai trò", "Role")
UNIT = Words("Đơn vị", "Unit")
KIND = Words("Loại", "Kind")
SINCE = Words("Từ ngày", "From")
UNTIL = Words("Đến trước ngày", "Until before")
NO_NAME = Words("(đã xóa)", "(erased)")
ADD_UNIT = Words("Lập đơn vị", "Establish a unit")
ADD_PERSON = Words("Ghi tên người", "Register a person")
ACCOUNTS = Words("Tài khoản", "Accounts")
LINK = Words("Xác nhận tài khoản là của ai", "Say whose account it is")
REFUSE = Words("Từ chối tài khoản", "Refuse the account")
UNLINK = Words("Gỡ tài khoản", "Take the account away")
GRANT = Words("Giao vai trò", "Give a role")
REVOKE = Words("Thôi vai trò", "Take the role away")
SUCCEED = Words("Sắp xếp đơn vị", "Say what succeeds it")
FIGURE = Words("Khai số trẻ em", "Declare the number of children")
