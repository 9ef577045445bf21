"""The desk of allocation: who gets what, and that it arrived."""

from contracts.languages import Words
from edge.permission import may
from edge.routes import Routes
from services.portal.desks.allocation import forms, lists, words
from services.portal.desks.card import add_card
from services.portal.desks.desk import Desk
from services.portal.desks.form_pages import add_form
from services.portal.desks.front import add_front
from services.portal.desks.list_pages import add_listing
from services.portal.desks.waiting import Waiting

WORKS_HERE = may("work-with-allocations", *lists.WORKS_HERE, anywhere=True)

routes = Routes(tag="allocation desk")

add_front(
    routes,
    forms.FRONT,
    words.DESK,
    words.SAYS,
    WORKS_HERE,
    lists.LISTS,
    (forms.MAKE_RUN.act(),),
)
for form in forms.FORMS:
    add_form(routes, form)
for listing in lists.LISTS:
    add_listing(routes, listing)
for card in lists.CARDS:
    add_card(routes, card)

TO_APPROVE = Waiting(
    what=Words("Duyệt phân bổ", "Approve an allocation"),
    form=forms.APPROVE,
    service="allocation",
    query="/allocations",
    asks={"status": "proposed"},
).tasks
TO_RATIFY = Waiting(
    what=Words("Xác nhận việc trao trực tiếp", "Ratify a direct gift"),
    form=forms.RATIFY,
    service="allocation",
    query="/direct-gifts",
    asks={"status": "recorded"},
).tasks
TO_DISPATCH = Waiting(
    what=Words("Xuất kho cho đợt trao", "Dispatch a delivery"),
    form=forms.DISPATCH,
    service="allocation",
    query="/deliveries",
    asks={"status": "planned"},
    due="planned_for",
).tasks
TO_HAND_OVER = Waiting(
    what=Words("Bàn giao đợt trao", "Hand a delivery over"),
    form=forms.HAND_OVER,
    service="allocation",
    query="/deliveries",
    asks={"status": "dispatched"},
    due="planned_for",
).tasks
TO_SIGN = Waiting(
    what=Words("Ghi ký nhận của đợt trao", "Record a delivery's signatures"),
    form=forms.SIGN,
    service="allocation",
    query="/deliveries",
    asks={"status": "handed-over"},
    due="list_closes_on",
).tasks

DESK = Desk(
    path=forms.FRONT,
    title=words.DESK,
    routes=routes,
    may=WORKS_HERE,
    tasks={
        "approver": (TO_APPROVE, TO_RATIFY),
        "storekeeper": (TO_DISPATCH, TO_HAND_OVER),
        "commune-officer": (TO_SIGN,),
    },
)
