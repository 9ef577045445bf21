"""What things are called on the pages, in Vietnamese and in English (decision 0009)."""

from edge.languages import Language

Pair = tuple[str, str]

SPONSOR_KINDS: dict[str, Pair] = {
    "agency": ("Cơ quan", "Agency"),
    "party-body": ("Tổ chức Đảng", "Party body"),
    "organisation": ("Tổ chức", "Organisation"),
    "enterprise": ("Doanh nghiệp", "Enterprise"),
    "fund": ("Quỹ", "Fund"),
    "individual": ("Nhà hảo tâm", "Individual"),
}
ACCOUNTS: dict[str, Pair] = {
    "advances": ("Tạm ứng", "Advances"),
    "bank": ("Tiền gửi ngân hàng", "Bank"),
    "cash": ("Tiền mặt", "Cash"),
    "contributions": ("Tiền ủng hộ", "Contributions"),
    "support-delivered": ("Đã hỗ trợ", "Support delivered"),
}
SERVICES: dict[str, Pair] = {
    "registry": ("Nhu cầu", "Registry"),
    "donations": ("Tiếp nhận", "Donations"),
    "allocation": ("Phân bổ", "Allocation"),
    "notifications": ("Thông báo", "Notifications"),
    "portal": ("Cổng thông tin", "Portal"),
}
SIGNED_AS: dict[str, Pair] = {
    "guardian": ("Cha, mẹ hoặc người giám hộ", "Guardian"),
    "proxy": ("Người nhận thay", "Proxy"),
    "fingerprint": ("Điểm chỉ", "Fingerprint"),
    "responsible": ("Người phụ trách nhóm, đơn vị", "Responsible for the group or unit"),
}
GENDERS: dict[str, Pair] = {"female": ("nữ", "girls"), "male": ("nam", "boys")}
CANCELLATION_REASONS: dict[str, Pair] = {
    "wrong-amount": ("sai số tiền hoặc số lượng", "wrong amount or quantity"),
    "wrong-giver": ("sai người cho", "wrong giver"),
    "wrong-content": ("sai nội dung", "wrong content"),
    "wrong-book": ("cấp nhầm quyển", "issued in the wrong book"),
    "spoilt": ("tờ phiếu bị hỏng", "the paper was spoilt"),
}
DISCLOSURE_PURPOSES: dict[str, Pair] = {
    "visit": ("thăm hỏi", "visit"),
    "sponsorship": ("nhận đỡ đầu", "sponsorship"),
    "signed-list": ("danh sách ký nhận", "signed list"),
    "inspection": ("thanh tra, kiểm tra", "inspection"),
}
EXCEPTIONS: dict[str, Pair] = {
    "recorded-late": ("Ghi nhận muộn", "Recorded late"),
    "signed-by-proxy": ("Người khác nhận thay", "Received by a proxy"),
    "substituted": ("Trao cho trẻ em khác", "Given to another child"),
    "receipt-cancelled": ("Phiếu bị huỷ", "Cancelled receipts"),
    "report-reissued": ("Báo cáo phát hành lại", "Re-issued reports"),
    "names-opened": ("Mở xem tên trẻ em", "Names opened"),
    "reaction-refused": ("Phản ứng bị từ chối", "Reactions refused"),
    "stream-skipped": ("Chuỗi bị bỏ qua", "Streams skipped"),
}
FINDINGS: dict[str, Pair] = {
    "no-witness": ("chưa có nhân chứng nào được cấu hình", "no witness is configured"),
    "witness-silent": ("nhân chứng không trả lời", "the witness does not answer"),
    "not-watched": ("nhân chứng không theo dõi sổ này", "the witness does not watch this log"),
    "nothing-signed": ("nhân chứng chưa thấy mốc nào", "the witness has seen nothing signed"),
    "silent": ("sổ không trả lời nhân chứng", "the log does not answer the witness"),
    "cosigned": ("đã đồng ký", "cosigned"),
    "not-signed": ("TỪ CHỐI: không có chữ ký đúng", "REFUSED: not signed by the log"),
    "went-back": ("TỪ CHỐI: sổ ngắn lại", "REFUSED: the log went back"),
    "forked": ("TỪ CHỐI: lịch sử khác", "REFUSED: another history"),
}
REFUSED = frozenset({"not-signed", "went-back", "forked"})
"""Findings that are alarms."""

EVENTS: dict[str, Pair] = {
    "programme-started": ("Bắt đầu chương trình", "Programme started"),
    "unit-established": ("Lập đơn vị", "Unit established"),
    "unit-succeeded": ("Sắp xếp đơn vị", "Unit succeeded"),
    "unit-figure-declared": ("Khai số liệu đơn vị", "Figure declared"),
    "person-registered": ("Ghi tên người dùng", "Person registered"),
    "role-granted": ("Giao vai trò", "Role granted"),
    "role-revoked": ("Thôi vai trò", "Role revoked"),
    "first-keeper-appointed": ("Chỉ định người quản trị đầu tiên", "First keeper appointed"),
    "household-registered": ("Lập hồ sơ hộ", "Household registered"),
    "household-status-recorded": ("Ghi diện hộ", "Household status recorded"),
    "household-placed": ("Xếp hộ về đơn vị mới", "Household placed"),
    "child-registered": ("Lập hồ sơ trẻ", "Child registered"),
    "child-measured": ("Đo chiều cao", "Child measured"),
    "child-enrolled": ("Ghi lớp học", "Child enrolled"),
    "circumstance-assessed": ("Đánh giá hoàn cảnh", "Circumstance assessed"),
    "group-registered": ("Lập nhóm trẻ em", "Group registered"),
    "group-counted": ("Đếm lại nhóm trẻ em", "Group counted anew"),
    "disclosure-granted": ("Cho phép xem tên", "Disclosure granted"),
    "disclosure-revoked": ("Thu hồi phép xem tên", "Disclosure revoked"),
    "names-opened": ("Mở xem tên", "Names opened"),
    "need-recorded": ("Lập nhu cầu", "Need recorded"),
    "need-verified": ("Xác minh nhu cầu", "Need verified"),
    "need-opened": ("Nhu cầu chờ hỗ trợ", "Need opened"),
    "need-returned": ("Trả lại bổ sung", "Need returned"),
    "need-withdrawn": ("Rút nhu cầu", "Need withdrawn"),
    "need-lapsed": ("Nhu cầu hết hạn, cần xác nhận lại", "Need lapsed"),
    "need-reconfirmed": ("Xác nhận lại nhu cầu", "Need reconfirmed"),
    "need-reserved": ("Nhu cầu đã có nguồn", "Need reserved"),
    "need-released": ("Nhu cầu mất nguồn", "Need released"),
    "need-partly-met": ("Hỗ trợ một phần", "Need partly met"),
    "need-met": ("Đã hỗ trợ đủ", "Need met"),
    "report-drafted": ("Lập báo cáo", "Report drafted"),
    "report-signed": ("Ký báo cáo", "Report signed"),
    "report-sent": ("Gửi báo cáo", "Report sent"),
    "report-returned": ("Trả lại báo cáo", "Report returned"),
    "report-accepted": ("Nhận báo cáo", "Report accepted"),
    "report-reissued": ("Phát hành lại báo cáo", "Report re-issued"),
    "sponsor-registered": ("Ghi tên nhà tài trợ", "Sponsor registered"),
    "fund-opened": ("Mở nguồn vận động", "Fund opened"),
    "fund-entry-booked": ("Ghi sổ", "Fund entry booked"),
    "campaign-opened": ("Mở đợt vận động", "Campaign opened"),
    "pledge-made": ("Đăng ký ủng hộ", "Pledge made"),
    "contribution-counted": ("Tính vào đăng ký ủng hộ", "Contribution counted"),
    "pledge-fulfilled": ("Đủ số đã đăng ký", "Pledge fulfilled"),
    "contribution-announced": ("Báo gửi", "Announced"),
    "contribution-received": ("Đã nhận", "Received"),
    "contribution-line-inspected": ("Kiểm nhận", "Inspected"),
    "contribution-accepted": ("Tiếp nhận", "Accepted"),
    "contribution-refused": ("Từ chối tiếp nhận", "Refused"),
    "contribution-receipted": ("Đã có phiếu", "Receipted"),
    "contribution-receipt-cancelled": ("Phiếu bị huỷ, chờ phiếu khác", "Its receipt was cancelled"),
    "receipt-issued": ("Cấp phiếu", "Receipt issued"),
    "receipt-cancelled": ("Huỷ phiếu", "Receipt cancelled"),
    "published-result-recorded": ("Ghi kết quả đã công bố", "Published result recorded"),
    "lot-opened": ("Thành lô sẵn có", "Lot opened"),
    "lot-held-apart": ("Để riêng chờ sửa", "Held apart"),
    "lot-reserved": ("Giữ trong lô", "Lot reserved"),
    "lot-released": ("Trả lại lô", "Lot released"),
    "lot-drawn": ("Xuất khỏi lô", "Lot drawn"),
    "need-cover-opened": ("Mở phần che phủ nhu cầu", "Need cover opened"),
    "need-covered": ("Che phủ nhu cầu", "Need covered"),
    "need-uncovered": ("Bỏ che phủ nhu cầu", "Need uncovered"),
    "support-delivered": ("Hỗ trợ đến nơi", "Support delivered"),
    "need-cover-closed": ("Đóng phần che phủ nhu cầu", "Need cover closed"),
    "need-cover-lapsed": ("Ngừng che phủ nhu cầu hết hạn", "Need cover lapsed"),
    "need-cover-renewed": ("Che phủ lại nhu cầu", "Need cover renewed"),
    "matching-run-made": ("Lập phương án phân bổ", "Matching run made"),
    "allocation-proposed": ("Đề xuất phân bổ", "Allocation proposed"),
    "allocation-approved": ("Duyệt phân bổ", "Allocation approved"),
    "allocation-line-refused": ("Không duyệt một dòng", "Allocation line refused"),
    "allocation-lines-planned": ("Xếp dòng vào buổi trao", "Lines planned for a delivery"),
    "allocation-line-released": ("Trả lại một dòng", "Allocation line released"),
    "delivery-planned": ("Lên lịch trao", "Delivery planned"),
    "delivery-dispatched": ("Xuất kho", "Dispatched"),
    "delivery-handed-over": ("Bàn giao", "Handed over"),
    "delivery-line-signed": ("Ký nhận", "Signed for"),
    "delivery-line-absent": ("Vắng mặt, giữ lại", "Absent, kept"),
    "delivery-line-substituted": ("Trao cho trẻ em khác", "Given to another child"),
    "delivery-line-substitution-ratified": ("Xác nhận việc thay", "Substitution ratified"),
    "delivery-line-substitution-refused": ("Không xác nhận việc thay", "Substitution refused"),
    "delivery-completed": ("Trao xong", "Completed"),
    "direct-gift-recorded": ("Trao trực tiếp", "Direct gift recorded"),
    "direct-gift-ratified": ("Xác nhận trao trực tiếp", "Direct gift ratified"),
    "direct-gift-line-refused": (
        "Dòng trao trực tiếp không tính vào nhu cầu",
        "Line of a direct gift refused",
    ),
    "direct-gift-refused": ("Từ chối xác nhận trao trực tiếp", "Direct gift refused"),
    "direct-gift-withdrawn": ("Rút lại việc ghi trao trực tiếp", "Direct gift withdrawn"),
    "subscription-made": ("Đăng ký nhận tin", "Subscribed"),
    "subscription-ended": ("Thôi nhận tin", "Unsubscribed"),
    "checkpoint-subscription-made": ("Đăng ký nhận mốc ký", "Checkpoints subscribed to"),
    "checkpoint-subscription-ended": ("Thôi nhận mốc ký", "Checkpoints unsubscribed from"),
    "checkpoint-message-due": ("Có mốc ký cần báo", "Checkpoints due"),
    "message-due": ("Có tin cần báo", "Message due"),
    "message-sending": ("Đang gửi thư", "Sending"),
    "message-sent": ("Đã gửi thư", "Sent"),
    "message-failed": ("Chưa gửi được", "Sending failed"),
    "message-outcome-unknown": ("Chưa rõ đã gửi chưa", "Outcome unknown"),
    "message-outcome-decided": ("Quyết định về thư chưa rõ", "Outcome decided"),
    "message-given-up": ("Thôi gửi", "Given up"),
    "reaction-refused": ("Phản ứng bị từ chối", "Reaction refused"),
    "parked-stream-retried": ("Xử lý lại chuỗi đang chờ", "Parked stream retried"),
    "parked-stream-skipped": ("Bỏ qua chuỗi đang chờ", "Parked stream skipped"),
}


def say(words: dict[str, Pair], name: str, language: Language) -> str:
    """The word in the language; the name itself where there is none."""
    pair = words.get(name)
    if pair is None:
        return name
    return pair[0] if language == "vi" else pair[1]
