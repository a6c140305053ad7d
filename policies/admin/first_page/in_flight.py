"""What is on its way: the notices that are being sent or wait, with how far each has come."""

from dataclasses import dataclass

from policies.admin.notice import page as notice_page
from policies.models import Notice, User
from policies.notices.plan.steering import RUNNING


@dataclass(frozen=True)
class Flight:
    """One running notice in one line."""

    name: str
    url: str
    state: str
    tone: str
    sentence: str


def of(user: User) -> list[Flight]:
    """All of them, the newest first; none for who may see no notice."""
    if not user.has_perm("policies.view_notice"):
        return []
    running = Notice.objects.filter(state__in=RUNNING).select_related("version__policy").order_by("-pk")
    return [_flight(notice) for notice in running]


def _flight(notice: Notice) -> Flight:
    return Flight(
        name=str(notice),
        url=notice_page.url(notice),
        state=str(notice.get_state_display()),
        tone=notice_page.TONES[Notice.State(notice.state)],
        sentence=notice_page.sentence(notice),
    )
