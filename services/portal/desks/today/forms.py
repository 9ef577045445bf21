"""What is ended by one press, by those whose own desks have no page for it yet."""

from contracts.languages import Words
from services.portal.desks.column import Column
from services.portal.desks.form import Ask, Command, Form

NEED = (
    Column(name="category", label=Words("Loại", "Category"), pack="category"),
    Column(name="quantity", label=Words("Số lượng", "Quantity"), kind="number"),
    Column(name="measure", label=Words("Đơn vị tính", "Measure"), pack="measure"),
    Column(name="children", label=Words("Số trẻ em", "Children"), kind="number"),
    Column(name="needed_by", label=Words("Cần trước ngày", "Needed by"), kind="day"),
)
HOME = "/viec-hom-nay"

VERIFY_NEED = Form(
    name="verify-need",
    path="/nhu-cau/{need_id}/xac-minh",
    title=Words("Xác minh nhu cầu", "Verify a need"),
    button=Words("Xác minh", "Verify"),
    command=Command(service="registry", method="POST", path="/needs/{need_id}/verification"),
    leads_to=HOME,
    reads="/needs/{need_id}",
    shows=NEED,
    next_steps={
        "same-person": Words(
            "Người lập nhu cầu không tự xác minh: hãy để một người khác làm.",
            "Who recorded a need does not verify it: leave it to another person.",
        )
    },
)

RETURN_NEED = Form(
    name="return-need",
    path="/nhu-cau/{need_id}/tra-lai",
    title=Words("Trả lại bổ sung", "Return a need"),
    button=Words("Trả lại", "Return"),
    command=Command(service="registry", method="POST", path="/needs/{need_id}/return"),
    leads_to=HOME,
    reads="/needs/{need_id}",
    shows=NEED,
    asks=(Ask(name="reason", label=Words("Cần bổ sung điều gì", "What is missing")),),
)

RECONFIRM_NEED = Form(
    name="reconfirm-need",
    path="/nhu-cau/{need_id}/xac-nhan-lai",
    title=Words("Xác nhận lại nhu cầu", "Reconfirm a need"),
    button=Words("Vẫn cần", "Still needed"),
    command=Command(service="registry", method="POST", path="/needs/{need_id}/reconfirmation"),
    leads_to=HOME,
    reads="/needs/{need_id}",
    shows=NEED,
)

APPROVE_ALLOCATION = Form(
    name="approve-allocation",
    path="/phan-bo/{allocation_id}/duyet",
    title=Words("Duyệt phân bổ", "Approve an allocation"),
    button=Words("Duyệt", "Approve"),
    command=Command(
        service="allocation", method="POST", path="/allocations/{allocation_id}/approval"
    ),
    leads_to=HOME,
    reads="/allocations/{allocation_id}",
)

FORMS = (VERIFY_NEED, RETURN_NEED, RECONFIRM_NEED, APPROVE_ALLOCATION)
"""By the roles that may send each: the services judge where."""
