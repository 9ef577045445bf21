"""By which name an individual is told, while they agree."""

from contracts.languages import Words
from services.portal.desks.form import Ask, Command, Form
from services.portal.desks.sponsor import words

PATH = "/ung-ho-cua-toi"

AGREE = Form(
    name="agree-to-be-named",
    path=PATH + "/{sponsor_id}/ten",
    title=words.AGREE,
    button=Words("Đồng ý", "Agree"),
    command=Command(service="donations", method="PUT", path="/sponsors/{sponsor_id}/public-name"),
    leads_to=PATH,
    who=(),
    reads="/sponsors/{sponsor_id}",
    intro=Words(
        "Tên được nêu cạnh món quà của bạn, cho đến khi bạn thôi đồng ý.",
        "The name stands beside your gifts until you agree no more.",
    ),
    asks=(Ask(name="public_name", label=Words("Tên công khai", "Name to be told")),),
)

WITHDRAW = Form(
    name="withdraw-public-name",
    path=PATH + "/{sponsor_id}/thoi-neu-ten",
    title=words.WITHDRAW,
    button=words.WITHDRAW,
    command=Command(
        service="donations", method="POST", path="/sponsors/{sponsor_id}/public-name/withdrawal"
    ),
    leads_to=PATH,
    who=(),
)

FORMS = (AGREE, WITHDRAW)
