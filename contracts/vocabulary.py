"""What each code is called, in both languages: once, for pages, letters, receipts and OpenAPI.

An event's own words stand at the event, a rejection's at the rejection; categories, measures,
roles and the groups of children are the pack's.
"""

from collections.abc import Iterable, Mapping

from contracts.languages import Language, Words

Table = Mapping[str, Words]
"""By code; exactly the values that a field may have."""

VOCABULARY: Mapping[str, Table] = {
    # --- who, and where ---
    "language": {
        "vi": Words("tiếng Việt", "Vietnamese"),
        "en": Words("tiếng Anh", "English"),
    },
    "service": {
        "registry": Words("Nhu cầu", "Registry"),
        "donations": Words("Tiếp nhận", "Donations"),
        "allocation": Words("Phân bổ", "Allocation"),
        "notifications": Words("Thông báo", "Notifications"),
        "portal": Words("Cổng thông tin", "Portal"),
    },
    "unit-kind": {
        "city": Words("Thành phố", "City"),
        "department": Words("Sở", "Department"),
        "commune": Words("Xã, phường", "Commune"),
        "village": Words("Thôn, tổ dân phố", "Village"),
        "school": Words("Trường học", "School"),
    },
    "person-kind": {
        "human": Words("Người", "Person"),
        "program": Words("Chương trình máy tính", "Program"),
    },
    "order-of-persons": {
        "name": Words("Theo tên", "By name"),
        "-registered": Words("Mới ghi tên trước", "Newest first"),
    },
    "order-of-roles": {
        "valid_from": Words("Bắt đầu sớm trước", "Begun first"),
        "-valid_from": Words("Mới bắt đầu trước", "Begun last"),
        "ends_on": Words("Sắp hết hạn trước", "Ending first"),
    },
    "keeper-place": {
        "first": Words("người quản trị thứ nhất", "the first keeper"),
        "second": Words("người quản trị thứ hai", "the second keeper"),
    },
    "account-status": {
        "proposed": Words("Chờ xác nhận", "Waits to be accepted"),
        "refused": Words("Đã từ chối", "Refused"),
        "linked": Words("Đã gắn với người", "Linked to a person"),
        "unlinked": Words("Đã gỡ", "Unlinked"),
    },
    "gender": {
        "female": Words("nữ", "girls"),
        "male": Words("nam", "boys"),
    },
    "household-status": {
        "poor": Words("Hộ nghèo", "Poor"),
        "near-poor": Words("Hộ cận nghèo", "Near poor"),
        "local-standard-poor": Words(
            "Hộ nghèo theo chuẩn địa phương", "Poor by the local standard"
        ),
        "escaped-recently": Words("Hộ mới thoát nghèo", "Out of poverty recently"),
        "none": Words("Không thuộc diện hộ nghèo", "Not a poor household"),
    },
    "circumstance": {
        "special": Words("Hoàn cảnh đặc biệt", "Special circumstances"),
        "at-risk": Words(
            "Có nguy cơ rơi vào hoàn cảnh đặc biệt", "At risk of special circumstances"
        ),
        "none": Words("Không thuộc diện nào", "Neither"),
    },
    "birth-precision": {
        "day": Words("biết đúng ngày", "the day is known"),
        "month": Words("chỉ biết tháng", "the month alone is known"),
        "year": Words("chỉ biết năm", "the year alone is known"),
        "about": Words("khoảng năm đó", "about that year"),
    },
    "leaving": {
        "moved-away": Words("chuyển đi nơi khác", "moved away"),
        "died": Words("đã qua đời", "has died"),
        "other": Words("lý do khác", "another reason"),
    },
    "child-field": {
        "household": Words("hộ", "household"),
        "name": Words("họ và tên", "name"),
        "birth-date": Words("ngày sinh", "birth date"),
        "gender": Words("giới tính", "gender"),
        "guardian": Words("người giám hộ", "guardian"),
        "ethnicity": Words("dân tộc", "ethnicity"),
    },
    "household-field": {
        "territory": Words("địa bàn", "on whose land it lives"),
        "head": Words("chủ hộ", "head"),
        "village": Words("thôn", "village"),
    },
    "register-correction-reason": {
        "mistyped": Words("gõ nhầm", "it was mistyped"),
        "told-otherwise": Words("gia đình báo lại khác", "the family says otherwise"),
        "paper-says-otherwise": Words("giấy tờ ghi khác", "a paper says otherwise"),
        "of-another": Words("ghi nhầm của người khác", "it is somebody else's"),
    },
    # --- needs, names, reports ---
    "need-status": {
        "recorded": Words("Đã lập, chờ xác minh", "Recorded, to be verified"),
        "returned": Words("Trả lại để bổ sung", "Returned to be completed"),
        "open": Words("Chờ hỗ trợ", "Open"),
        "reserved": Words("Đã có nguồn", "Support is kept for it"),
        "partly-met": Words("Đã hỗ trợ một phần", "Partly met"),
        "met": Words("Đã hỗ trợ đủ", "Met"),
        "lapsed": Words("Hết hạn, chờ xác nhận lại", "Lapsed, to be reconfirmed"),
        "withdrawn": Words("Đã rút", "Withdrawn"),
    },
    "disclosure-purpose": {
        "visit": Words("thăm hỏi", "visit"),
        "sponsorship": Words("nhận đỡ đầu", "sponsorship"),
        "signed-list": Words("danh sách ký nhận", "signed list"),
        "inspection": Words("thanh tra, kiểm tra", "inspection"),
    },
    "disclosure-ground": {
        "guardian-consent": Words("người giám hộ đồng ý", "the guardian consents"),
        "guardian-and-own-consent": Words(
            "người giám hộ và trẻ em cùng đồng ý", "the guardian and the child consent"
        ),
        "law": Words("theo quy định của pháp luật", "the law says so"),
    },
    "report-status": {
        "drafted": Words("Đã lập", "Drafted"),
        "signed": Words("Đã ký", "Signed"),
        "sent": Words("Đã gửi", "Sent"),
        "returned": Words("Bị trả lại", "Returned"),
        "accepted": Words("Đã được nhận", "Accepted"),
    },
    "return-reason": {
        "figure-wrong": Words("số liệu sai", "a figure is wrong"),
        "figure-missing": Words("thiếu số liệu", "a figure is missing"),
        "does-not-add-up": Words("số liệu không khớp nhau", "figures do not add up"),
    },
    "reissue-reason": {
        "returned": Words("bị trả lại", "it was returned"),
        "late-fact": Words("có việc được ghi nhận muộn", "a fact was recorded late"),
        "corrected-fact": Words("có việc được đính chính", "a fact was corrected"),
        "counted-wrongly": Words("đếm sai", "it was counted wrongly"),
    },
    # --- gifts ---
    "gift-kind": {
        "money": Words("Tiền", "Money"),
        "goods": Words("Hiện vật", "Goods"),
    },
    "paid-in": {
        "cash": Words("Tiền mặt, thu tại quỹ", "Cash"),
        "transfer": Words("Chuyển khoản", "Bank transfer"),
    },
    "refusal-reason": {
        "never-came": Words("không đến nơi", "it never came"),
        "nothing-usable": Words("không có gì dùng được", "nothing of it can be used"),
        "not-suitable": Words("không phù hợp", "it is not suitable"),
        "withdrawn-by-giver": Words("người cho rút lại", "the giver withdrew it"),
    },
    "correction-reason": {
        "miscounted": Words("đếm sai", "it was counted wrongly"),
        "misread": Words("đọc sai chứng từ", "a paper was misread"),
        "mistyped": Words("ghi nhầm", "it was mistyped"),
    },
    "sponsor-kind": {
        "agency": Words("Cơ quan", "Agency"),
        "party-body": Words("Tổ chức Đảng", "Party body"),
        "organisation": Words("Tổ chức", "Organisation"),
        "enterprise": Words("Doanh nghiệp", "Enterprise"),
        "fund": Words("Quỹ", "Fund"),
        "individual": Words("Nhà hảo tâm", "Individual"),
    },
    "payment-purpose": {
        "advance": Words("Tạm ứng", "Advance"),
        "partner": Words("Trả cho đơn vị thực hiện", "To a partner"),
    },
    "payment-failure": {
        "returned-by-bank": Words("Ngân hàng trả lại", "Returned by the bank"),
        "wrong-payee": Words("Sai người nhận", "Wrong payee"),
        "not-needed": Words("Không còn cần chi", "Not needed any more"),
    },
    "payment-status": {
        "due": Words("Chờ duyệt", "Waits to be authorised"),
        "authorised": Words("Đã duyệt, chờ chi", "Authorised"),
        "paid": Words("Đã chi", "Paid"),
        "failed": Words("Không chi được", "Failed"),
        "settled": Words("Đã thanh toán tạm ứng", "Settled"),
    },
    "account": {
        "advances": Words("Tạm ứng", "Advances"),
        "bank": Words("Tiền gửi ngân hàng", "Bank"),
        "cash": Words("Tiền mặt", "Cash"),
        "contributions": Words("Tiền ủng hộ", "Contributions"),
        "partners": Words("Phải trả đơn vị thực hiện", "Owed to partners"),
        "support-delivered": Words("Đã hỗ trợ", "Support delivered"),
    },
    "contribution-status": {
        "announced": Words("Đã báo gửi", "Announced"),
        "received": Words("Đã nhận", "Received"),
        "accepted": Words("Đã tiếp nhận", "Accepted"),
        "refused": Words("Không tiếp nhận", "Refused"),
        "receipted": Words("Đã có phiếu", "Receipted"),
    },
    "receipt-status": {
        "issued": Words("Đã cấp", "Issued"),
        "cancelled": Words("Đã hủy", "Cancelled"),
    },
    "cancellation-reason": {
        "wrong-amount": Words("sai số tiền hoặc số lượng", "wrong amount or quantity"),
        "wrong-giver": Words("sai người cho", "wrong giver"),
        "wrong-content": Words("sai nội dung", "wrong content"),
        "wrong-book": Words("cấp nhầm quyển", "issued in the wrong book"),
        "spoilt": Words("tờ phiếu bị hỏng", "the paper was spoilt"),
    },
    # --- from the lot to the child ---
    "unmatched-reason": {
        "nothing-fits": Words("không lô hàng nào phù hợp", "no lot fits"),
        "fitting-lots-used-up": Words("các lô phù hợp đã hết", "the lots that fit are used up"),
        "run-is-full": Words("phương án đã đủ số dòng", "the run is full"),
    },
    "allocation-status": {
        "proposed": Words("Đã đề xuất, chờ duyệt", "Proposed"),
        "approved": Words("Đã duyệt", "Approved"),
    },
    "line-status": {
        "proposed": Words("Đã đề xuất", "Proposed"),
        "approved": Words("Đã duyệt", "Approved"),
        "refused": Words("Không được duyệt", "Refused"),
        "released": Words("Đã trả lại lô", "Released"),
        "planned": Words("Đã xếp vào buổi trao", "Planned for a delivery"),
        "absent": Words("Vắng mặt, đang giữ lại", "Absent, kept"),
        "signed": Words("Đã ký nhận", "Signed for"),
        "closed": Words("Đã đóng, không trao", "Closed"),
        "returned": Words("Đã nhập lại kho", "Back in the store"),
    },
    "delivery-status": {
        "planned": Words("Đã lên lịch", "Planned"),
        "dispatched": Words("Đã xuất kho", "Dispatched"),
        "handed-over": Words("Đã bàn giao", "Handed over"),
        "completed": Words("Đã trao xong", "Completed"),
    },
    "closing-reason": {
        "need-withdrawn": Words("nhu cầu đã rút", "the need was withdrawn"),
        "child-left": Words("trẻ em đã chuyển đi", "the child left"),
        "not-collected": Words("không có người nhận", "nobody came for it"),
        "delivery-cancelled": Words("hủy buổi trao", "the delivery was cancelled"),
        "hand-over-failed": Words("không bàn giao được", "the hand-over failed"),
    },
    "signed-as": {
        "guardian": Words("Cha, mẹ hoặc người giám hộ", "Guardian"),
        "proxy": Words("Người nhận thay", "Proxy"),
        "fingerprint": Words("Điểm chỉ", "Fingerprint"),
        "responsible": Words("Người phụ trách nhóm, đơn vị", "Responsible for the group or unit"),
    },
    "substitution-status": {
        "waiting": Words("Chờ xác nhận", "To be ratified"),
        "ratified": Words("Đã xác nhận", "Ratified"),
        "refused": Words("Không được xác nhận", "Refused"),
    },
    "direct-gift-status": {
        "recorded": Words("Đã ghi, chờ xác nhận", "Recorded"),
        "ratified": Words("Đã xác nhận", "Ratified"),
        "refused": Words("Bị từ chối xác nhận", "Refused"),
        "withdrawn": Words("Đã rút lại", "Withdrawn"),
    },
    "way": {
        "signed-line": Words("Ký nhận theo danh sách", "Signed for on a list"),
        "substituted-line": Words("Trao cho trẻ em khác", "Given to another child"),
        "direct-gift": Words("Nhà tài trợ trao trực tiếp", "Handed over by the sponsor"),
    },
    # --- messages ---
    "occasion": {
        "gift-arrived": Words("Quà đã đến nơi", "A gift has arrived"),
    },
    "channel": {
        "email": Words("Thư điện tử", "Email"),
        "inbox": Words("Hộp tin trên cổng thông tin", "Inbox"),
    },
    "message-status": {
        "due": Words("Chờ gửi", "Due"),
        "sending": Words("Đang gửi", "Sending"),
        "failed": Words("Chưa gửi được", "Sending failed"),
        "unknown": Words("Chưa rõ đã gửi chưa", "Outcome unknown"),
        "sent": Words("Đã gửi", "Sent"),
        "given-up": Words("Thôi gửi", "Given up"),
    },
    # --- the auditor's desk ---
    "exception": {
        "recorded-late": Words("Ghi nhận muộn", "Recorded late"),
        "signed-by-proxy": Words("Người khác nhận thay", "Received by a proxy"),
        "substituted": Words("Trao cho trẻ em khác", "Given to another child"),
        "receipt-cancelled": Words("Phiếu bị hủy", "Cancelled receipts"),
        "report-reissued": Words("Báo cáo phát hành lại", "Re-issued reports"),
        "names-opened": Words("Mở xem tên trẻ em", "Names opened"),
        "reaction-refused": Words("Phản ứng bị từ chối", "Reactions refused"),
        "stream-skipped": Words("Chuỗi bị bỏ qua", "Streams skipped"),
    },
    "finding": {
        "no-witness": Words("chưa có nhân chứng nào được cấu hình", "no witness is configured"),
        "witness-silent": Words("nhân chứng không trả lời", "the witness does not answer"),
        "not-watched": Words(
            "nhân chứng không theo dõi sổ này", "the witness does not watch this log"
        ),
        "nothing-signed": Words(
            "nhân chứng chưa thấy mốc nào", "the witness has seen nothing signed"
        ),
        "silent": Words("sổ không trả lời nhân chứng", "the log does not answer the witness"),
        "cosigned": Words("đã đồng ký", "cosigned"),
        "not-signed": Words("TỪ CHỐI: không có chữ ký đúng", "REFUSED: not signed by the log"),
        "went-back": Words("TỪ CHỐI: sổ ngắn lại", "REFUSED: the log went back"),
        "forked": Words("TỪ CHỐI: lịch sử khác", "REFUSED: another history"),
    },
    # --- who did what in one gift and one line ---
    "part": {
        "registered": Words("ghi vào sổ", "registered"),
        "recorded": Words("lập nhu cầu", "recorded the need"),
        "verified": Words("xác minh", "verified"),
        "announced": Words("báo gửi", "announced"),
        "received": Words("nhận", "received"),
        "inspected": Words("kiểm nhận", "inspected"),
        "accepted": Words("tiếp nhận", "accepted"),
        "receipted": Words("cấp phiếu", "receipted"),
        "correction-proposed": Words("đề nghị sửa số lượng", "proposed a correction"),
        "correction-confirmed": Words("xác nhận việc sửa", "confirmed a correction"),
        "matched": Words("lập phương án phân bổ", "matched"),
        "proposed": Words("đề xuất phân bổ", "proposed"),
        "approved": Words("duyệt", "approved"),
        "dispatched": Words("xuất kho", "dispatched"),
        "handed-over": Words("bàn giao", "handed over"),
        "taken-over": Words("nhận bàn giao", "took over"),
        "acknowledged": Words("xác nhận ký nhận", "acknowledged"),
        "closed": Words("đóng dòng không trao", "closed the line"),
        "taken-back": Words("nhận lại vào kho", "took the goods back"),
        "gave": Words("ủng hộ", "gave"),
        "given-directly": Words("ghi việc trao trực tiếp", "recorded a direct gift"),
        "ratified": Words("xác nhận", "ratified"),
        "prepared": Words("lập khoản chi", "prepared the payment"),
        "entrusted": Words("nhận tạm ứng", "was entrusted with the advance"),
        "authorised": Words("duyệt chi", "authorised the payment"),
        "paid": Words("chi tiền", "paid"),
        "settled": Words("thanh toán tạm ứng", "settled the advance"),
    },
    # --- what is published ---
    "published-figure": {
        "needs_recorded": Words("nhu cầu đã ghi", "needs recorded"),
        "needs_verified": Words("nhu cầu đã xác minh", "needs verified"),
        "needs_standing": Words("nhu cầu còn hiệu lực", "needs that stand"),
        "needs_reserved": Words("nhu cầu đã giữ hàng", "needs with goods kept for them"),
        "needs_sourced": Words("nhu cầu đã có nguồn", "needs with a source"),
        "needs_met": Words("nhu cầu đã đáp ứng", "needs met"),
        "lines_allocated": Words("dòng đã phân bổ", "lines allocated"),
        "child_times": Words("lượt trẻ em đã nhận", "child-times delivered"),
        "direct_gifts": Words("lượt trao trực tiếp", "direct gifts"),
        "children_distinct": Words("trẻ em đã nhận", "children helped"),
    },
    "figure": {
        "pledged": Words("đăng ký ủng hộ", "pledged"),
        "announced": Words("báo gửi", "announced"),
        "received": Words("đã nhận", "received"),
        "good": Words("dùng được", "good"),
        "mendable": Words("chờ sửa", "mendable"),
        "refused": Words("từ chối tiếp nhận", "refused"),
        "inspected_good": Words("kiểm nhận: dùng được", "found good"),
        "inspected_mendable": Words("kiểm nhận: chờ sửa", "found mendable"),
        "inspected_refused": Words("kiểm nhận: từ chối", "found to be refused"),
        "lots_good": Words("thành lô sẵn có", "in lots"),
        "lots_held_apart": Words("để riêng chờ sửa", "held apart to be mended"),
        "debit": Words("ghi Nợ (đồng)", "debited (đồng)"),
        "credit": Words("ghi Có (đồng)", "credited (đồng)"),
        "children_declared": Words("trẻ em theo xã khai", "children, as declared"),
        "amount_published": Words("đồng, do đơn vị khác công bố", "đồng, as others published"),
        "child_times_published": Words(
            "lượt trẻ em, do đơn vị khác công bố", "child-times, as others published"
        ),
        "needs_recorded": Words("nhu cầu đã lập", "needs recorded"),
        "needs_verified": Words("nhu cầu đã xác minh", "needs verified"),
        "needs_reserved": Words("nhu cầu đã có nguồn", "needs with a source"),
        "needs_met": Words("nhu cầu đã hỗ trợ đủ", "needs met"),
        "quantity_needed": Words("lượng cần", "needed"),
        "quantity_reserved": Words("lượng đã có nguồn, chưa trao", "kept and not handed out"),
        "lines_allocated": Words("suất đã phân bổ", "portions allocated"),
        "quantity_allocated": Words("lượng đã phân bổ", "allocated"),
        "children_allocated": Words("trẻ em được phân bổ", "children it was allocated to"),
        "child_times": Words("lượt trẻ em đã nhận", "child-times delivered"),
        "children_distinct": Words("trẻ em đã nhận", "distinct children"),
        "quantity_delivered": Words("lượng đã trao, có ký nhận", "delivered and signed for"),
        "direct_gifts": Words("lần trao trực tiếp", "handed over directly"),
        "lines_planned": Words("suất trong danh sách", "portions on the list"),
        "lines_signed": Words("suất đã ký nhận", "portions signed for"),
        "quantity_planned": Words("lượng trong danh sách", "on the list"),
        "quantity_signed": Words("lượng đã ký nhận", "signed for"),
        "children_planned": Words("trẻ em trong danh sách", "children on the list"),
    },
    # --- who was shown what ---
    "opening-purpose": {
        "keep-register": Words("Giữ sổ đăng ký trẻ em", "Keeping the register"),
        "judge-need": Words("Xét nhu cầu", "Judging a need"),
        "keep-organisation": Words("Quản trị tổ chức", "Keeping the organisation"),
        "link-accounts": Words("Xác nhận tài khoản", "Linking accounts"),
        "reach-sponsor": Words("Liên lạc với nhà hảo tâm", "Reaching a sponsor"),
        "follow-own-gifts": Words("Xem khoản mình đã ủng hộ", "Following one's own gifts"),
        "print-receipt": Words("In phiếu tiếp nhận", "Printing a receipt"),
        "make-payment": Words("Chi tiền", "Making a payment"),
        "carry-out-delivery": Words("Thực hiện đợt trao", "Carrying out a delivery"),
        "judge-substitution": Words("Xét việc trao thay", "Judging a substitution"),
        "judge-direct-gift": Words("Xét việc tặng trực tiếp", "Judging a direct gift"),
    },
    "export-reason": {
        "report": Words("Lập báo cáo", "For a report"),
        "cross-check": Words("Đối chiếu số liệu", "To cross-check figures"),
        "meeting": Words("Phục vụ cuộc họp", "For a meeting"),
        "inspection": Words("Phục vụ kiểm tra, giám sát", "For an inspection"),
        "request-of-authority": Words(
            "Theo yêu cầu của cơ quan có thẩm quyền", "An authority asked for it"
        ),
    },
    # --- running it ---
    "retry-reason": {
        "code-mended": Words("Đã sửa chương trình", "The program was mended"),
        "data-mended": Words("Đã có dữ liệu mà bản ghi cần", "What it asks for is there"),
        "fault-passed": Words("Sự cố đã qua", "A fault has passed"),
    },
    "skip-reason": {
        "record-is-wrong": Words("Bản ghi lẽ ra không được có", "It should never have been"),
        "done-by-hand": Words("Đã làm thủ công", "Done by hand"),
        "of-no-effect-any-more": Words("Không còn tác dụng", "Of no effect any more"),
    },
}

PARTS: Mapping[frozenset[str], str] = {
    frozenset({"special", "at-risk"}): "circumstance",
    frozenset({"registry", "donations", "allocation", "notifications"}): "service",
    frozenset({"no-witness", "witness-silent", "not-watched"}): "finding",
    frozenset(
        {"cosigned", "nothing-signed", "silent", "not-signed", "went-back", "forked"}
    ): "finding",
}
"""Fields that may have some values of a table, and no others."""


def called(table: str, code: str, language: Language) -> str:
    """The word for a code; the code itself where there is none. Raises KeyError for no table."""
    words = VOCABULARY[table].get(code)
    return code if words is None else words.in_(language)


def table_of(codes: Iterable[object]) -> Table | None:
    """The words of a field's values, all of them; None where no table says them."""
    wanted = frozenset(map(str, codes))
    table = next((table for table in VOCABULARY.values() if table.keys() == wanted), None)
    if table is None and wanted in PARTS:
        table = VOCABULARY[PARTS[wanted]]
    return table and {code: table[code] for code in wanted}
