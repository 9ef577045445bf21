"""What the organisation keeper's desk says."""

from contracts.languages import Words

DESK = Words("Tổ chức", "Organisation")
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
GRANT = Words("Giao vai trò", "Give a role")
REVOKE = Words("Thôi vai trò", "Take the role away")
SUCCEED = Words("Sắp xếp đơn vị", "Say what succeeds it")
FIGURE = Words("Khai số trẻ em", "Declare the number of children")
