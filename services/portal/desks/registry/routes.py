"""The desk of the register: who lives where, and what they need."""

from contracts.languages import Words
from edge.permission import may
from edge.routes import Routes
from services.portal.desks.card import add_card
from services.portal.desks.desk import Desk
from services.portal.desks.form_pages import add_form
from services.portal.desks.front import add_front
from services.portal.desks.list_pages import add_listing
from services.portal.desks.registry import forms, words
from services.portal.desks.registry.lists import CARDS, LISTS, SEES_CHILDREN
from services.portal.desks.waiting import Waiting

PATH = "/so-dang-ky"
WORKS_HERE = may("work-in-register", *SEES_CHILDREN, anywhere=True)

routes = Routes(tag="register")

add_front(routes, PATH, words.DESK, words.SAYS, WORKS_HERE, LISTS)
for form in forms.FORMS:
    add_form(routes, form)
for listing in LISTS:
    add_listing(routes, listing)
for card in CARDS:
    add_card(routes, card)

TO_VERIFY = Waiting(
    what=Words("Xác minh", "Verify"),
    form=forms.VERIFY_NEED,
    service="registry",
    query="/needs",
    asks={"status": "recorded"},
    due="needed_by",
).tasks
TO_RECONFIRM = Waiting(
    what=Words("Xác nhận lại", "Reconfirm"),
    form=forms.RECONFIRM_NEED,
    service="registry",
    query="/needs/to-reconfirm",
    due="lapses_on",
).tasks

TO_LOOK_AT = Waiting(
    what=Words("Xem lại sau đính chính", "Look at again after a correction"),
    form=forms.RECONFIRM_NEED,
    service="registry",
    query="/needs/to-look-at",
).tasks

TO_FIND_OUT = Waiting(
    what=words.FIND_OUT,
    form=forms.CORRECT_CHILD,
    service="registry",
    query="/children/of-unsure-age",
    whole=True,
).tasks

MAY_BE_ONE = Waiting(
    what=words.MAY_BE_ONE,
    form=forms.MERGE,
    service="registry",
    query="/children/duplicates",
    whole=True,
).tasks

DESK = Desk(
    path=PATH,
    title=words.DESK,
    routes=routes,
    may=WORKS_HERE,
    tasks={
        "verifier": (TO_VERIFY, TO_RECONFIRM, TO_LOOK_AT),
        "commune-officer": (TO_RECONFIRM, TO_LOOK_AT, TO_FIND_OUT, MAY_BE_ONE),
    },
)
