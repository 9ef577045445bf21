"""The desk of gifts and money: from a promise to a receipt, and what is paid out."""

from contracts.languages import Words
from edge.permission import may
from edge.routes import Routes
from services.portal.desks.card import add_card
from services.portal.desks.desk import Desk
from services.portal.desks.donations import forms, lists, words
from services.portal.desks.form_pages import add_form
from services.portal.desks.front import add_front
from services.portal.desks.list_pages import add_listing
from services.portal.desks.waiting import Item, Waiting

PATH = "/tiep-nhan"
WORKS_HERE = may("work-with-gifts", *lists.WORKS_HERE, anywhere=True)

routes = Routes(tag="gifts")

add_front(routes, PATH, words.DESK, words.SAYS, WORKS_HERE, lists.LISTS)
for form in forms.FORMS:
    add_form(routes, form)
for listing in lists.LISTS:
    add_listing(routes, listing)
for card in lists.CARDS:
    add_card(routes, card)


def _inspected(gift: Item) -> bool:
    return not any(map(forms.not_inspected, gift["lines"]))


TO_RECEIVE = Waiting(
    what=Words("Nhận hiện vật", "Receive goods"),
    form=forms.RECEIVE_GOODS,
    service="donations",
    query="/contributions",
    asks={"status": "announced"},
    only=lambda gift: gift["kind"] == "goods",
).tasks
TO_COLLECT = Waiting(
    what=Words("Nhận tiền", "Receive money"),
    form=forms.RECEIVE_MONEY,
    service="donations",
    query="/contributions",
    asks={"status": "announced"},
    only=lambda gift: gift["kind"] == "money",
).tasks
TO_INSPECT = Waiting(
    what=Words("Kiểm nhận", "Inspect"),
    form=forms.INSPECT,
    service="donations",
    query="/contributions",
    asks={"status": "received"},
    only=lambda gift: not _inspected(gift),
).tasks
TO_ACCEPT = Waiting(
    what=Words("Duyệt tiếp nhận", "Accept"),
    form=forms.ACCEPT,
    service="donations",
    query="/contributions",
    asks={"status": "received"},
    only=_inspected,
).tasks
TO_RECEIPT = Waiting(
    what=Words("Lập phiếu", "Issue a receipt"),
    form=forms.ISSUE_RECEIPT,
    service="donations",
    query="/contributions",
    asks={"status": "accepted"},
    only=lambda gift: gift["cancelled_receipt"] is None,
).tasks
TO_AUTHORISE = Waiting(
    what=Words("Duyệt chi", "Authorise a payment"),
    form=forms.AUTHORISE_PAYMENT,
    service="donations",
    query="/payments",
    asks={"status": "due"},
    due="due_on",
).tasks
TO_PAY = Waiting(
    what=Words("Chi tiền", "Pay"),
    form=forms.MAKE_PAYMENT,
    service="donations",
    query="/payments",
    asks={"status": "authorised"},
    due="due_on",
).tasks

DESK = Desk(
    path=PATH,
    title=words.DESK,
    routes=routes,
    may=WORKS_HERE,
    tasks={
        "storekeeper": (TO_RECEIVE, TO_INSPECT),
        "cashier": (TO_COLLECT, TO_PAY),
        "accountant": (TO_ACCEPT, TO_RECEIPT),
        "coordinator": (TO_ACCEPT,),
        "approver": (TO_AUTHORISE,),
        "leader": (TO_AUTHORISE,),
    },
)
