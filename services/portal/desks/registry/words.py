"""What the desk of the register says."""

from contracts.languages import Words

DESK = Words("Sổ đăng ký", "Register")
SAYS = Words(
    "Hộ gia đình, trẻ em và nhu cầu của đơn vị bạn. Người lập nhu cầu không tự xác minh.",
    "Households, children and needs of your unit. Who records a need does not verify it.",
)
HOUSEHOLDS = Words("Hộ gia đình", "Households")
CHILDREN = Words("Trẻ em", "Children")
GROUPS = Words("Nhóm trẻ em", "Groups of children")
NEEDS = Words("Nhu cầu", "Needs")
LAPSING = Words("Nhu cầu cần xác nhận lại", "Needs to reconfirm")
NEED = Words("Một nhu cầu", "A need")
CHILD = Words("Một trẻ em", "A child")

REGISTER_HOUSEHOLD = Words("Ghi hộ gia đình", "Register a household")
RECORD_STATUS = Words("Ghi diện hộ", "Record its status")
REGISTER_CHILD = Words("Ghi trẻ em vào sổ", "Register a child")
MEASURE = Words("Ghi số đo", "Record a measure")
ENROL = Words("Ghi lớp", "Record the grade")
ASSESS = Words("Ghi hoàn cảnh", "Record circumstances")
REGISTER_GROUP = Words("Ghi nhóm trẻ em", "Register a group")
COUNT_GROUP = Words("Đếm lại nhóm", "Count the group anew")
RECORD_NEED = Words("Ghi nhu cầu", "Record a need")
RECORD_UNIT_NEED = Words("Ghi nhu cầu của đơn vị", "Record a need of the unit")
VERIFY = Words("Xác minh nhu cầu", "Verify a need")
RETURN = Words("Trả lại bổ sung", "Return a need")
RECONFIRM = Words("Xác nhận lại nhu cầu", "Reconfirm a need")
WITHDRAW = Words("Rút nhu cầu", "Withdraw a need")
DECLARE = Words("Khai số trẻ em của đơn vị", "Declare the unit's children")

CORRECT_CHILD = Words("Đính chính thông tin trẻ em", "Correct who the child is")
CORRECT_HOUSEHOLD = Words("Đính chính thông tin hộ", "Correct the household")
CORRECT_FACT = Words("Đính chính", "Correct")
RETRACT = Words("Bỏ, vì ghi nhầm", "Take back: recorded in error")
HISTORY = Words("Hồ sơ theo thời gian", "The file, newest first")
HOUSEHOLD = Words("Một hộ gia đình", "A household")
TO_LOOK_AT = Words("Nhu cầu cần xem lại sau đính chính", "Needs to look at after a correction")
MOVE_CHILD = Words("Chuyển sang hộ khác", "Move to another household")
CHILD_LEFT = Words("Ghi trẻ không còn ở địa bàn", "Record that the child left")
CHILD_RETURNED = Words("Ghi trẻ trở về", "Record that the child returned")
MOVE_HOUSEHOLD = Words("Ghi hộ chuyển nơi ở", "Record that the household moved")
HOUSEHOLD_LEFT = Words("Ghi hộ không còn ở địa bàn", "Record that the household left")
HOUSEHOLD_RETURNED = Words("Ghi hộ trở về", "Record that the household returned")
LEFT_ON = Words("Không còn ở địa bàn từ ngày", "No longer here since")
HOW = Words("Vì sao", "How")
NEEDS_END = Words(
    "Các nhu cầu còn mở ở đây được rút, phần đã giữ được trả lại. Không có tin nhắn nào được gửi.",
    "Needs that are open here are withdrawn, what was kept is given back. No message is sent.",
)

PRECISION = Words("Biết đến đâu", "How precisely")
ANY_DAY = Words(
    "Nếu chỉ biết tháng hoặc năm: ghi ngày nào trong đó cũng được.",
    "If the month or year alone is known, any day of it.",
)
UNSURE = Words(
    "Trẻ em chưa rõ ngày sinh, cần hỏi lại", "Children whose birth date is to be found out"
)
FIND_OUT = Words("Hỏi lại ngày sinh", "Find out the birth date")

MERGE = Words("Gộp vào hồ sơ kia", "Merge into the other record")
UNMERGE = Words("Bỏ gộp hồ sơ", "Unmerge the record")
TELL_APART = Words("Là hai trẻ khác nhau", "They are two children")
DUPLICATES = Words("Hồ sơ có thể trùng", "Records that may be of one child")
MAY_BE_ONE = Words("Xem hồ sơ có thể trùng", "Look at a possible duplicate")
MERGED = Words("Hồ sơ đã gộp vào đây", "Records merged into this one")
MERGED_INTO = Words("Đã gộp vào hồ sơ", "Merged into the record")
RESTS = Words(
    "Hồ sơ này sẽ nghỉ, việc mới ghi vào hồ sơ kia. Không mất gì: bỏ gộp thì mỗi hồ sơ như trước.",
    "This record rests, the other owns what is new. Nothing is lost: unmerged, each is as before.",
)

WHAT = Words("Việc", "What")
SAID = Words("Nội dung", "What was said")
HAPPENED = Words("Lúc", "Happened")
RECORDED = Words("Ghi vào sổ lúc", "Recorded")
STANDS = Words("Còn đúng", "Stands")
HEIGHT = Words("Chiều cao (cm)", "Height (cm)")
CIRCUMSTANCE = Words("Hoàn cảnh", "Circumstances")
GROUP_OR_REASON = Words("Nhóm hoặc nguy cơ", "Group or reason")
SINCE = Words("Từ ngày", "From")
UNTIL = Words("Đến trước ngày", "Until before")
STANDARD = Words("Theo chuẩn nghèo", "By the standard")
WHY_WRONG = Words("Vì sao sai", "Why it was wrong")
NOTE = Words("Giải thích", "In words")
AS_IT_IS = Words("Để trống nếu không sai.", "Leave it blank if it is right.")
WHAT_FOLLOWS = Words(
    "Điều đã ghi trước đây vẫn còn trong hồ sơ. Nhu cầu đã xét theo điều đó sẽ chờ người xem lại.",
    "What was recorded stays in the file. Needs judged by it wait for a person to look again.",
)

UNIT = Words("Đơn vị", "Unit")
HEAD = Words("Chủ hộ", "Head of the household")
VILLAGE = Words("Thôn", "Village")
STATUS = Words("Trạng thái", "Status")
HOUSEHOLD_STATUS = Words("Diện hộ", "Status of the household")
NAME = Words("Họ và tên", "Full name")
BIRTH_DATE = Words("Ngày sinh", "Birth date")
GENDER = Words("Giới tính", "Gender")
GUARDIAN = Words("Người giám hộ", "Guardian")
ETHNICITY = Words("Dân tộc", "Ethnicity")
SIZE = Words("Cỡ", "Size")
MEASURED_ON = Words("Đo ngày", "Measured on")
GRADE = Words("Lớp", "Grade")
SCHOOL_YEAR = Words("Năm học", "School year")
CATEGORY = Words("Loại", "Category")
SPECIFICATION = Words("Cụ thể", "Specification")
QUANTITY = Words("Số lượng", "Quantity")
MEASURE_UNIT = Words("Đơn vị tính", "Measure")
HOW_MANY = Words("Số trẻ em", "Children")
NEEDED_BY = Words("Cần trước ngày", "Needed by")
LAPSES_ON = Words("Hết hạn ngày", "Lapses on")
BAND = Words("Mức ưu tiên", "Priority")
DETAIL = Words("Mô tả chi tiết", "Detail")
REASON = Words("Lý do", "Reason")
PROGRAMME = Words("Chương trình", "Programme")
DECISION = Words("Số quyết định", "Number of the decision")
SEALED = Words(
    "Được niêm phong; chỉ cán bộ của xã xem được.", "Sealed: for the commune's officers."
)
