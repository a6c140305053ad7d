"""In which languages a notice would be written: one mail for each frame and each text, with how many would get it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from policies import language_names
from policies.models import Notice, Version
from policies.notices.plan import audience


@dataclass(frozen=True)
class MailLanguage:
    """
    A mail whose own words are in `frame`, and which quotes the text in `text`, for `people` of the audience.

    :ivar tag: the language of some of them, as `messages.preview` takes it
    """

    tag: str
    frame: str
    text: str
    people: int

    @property
    def is_mixed(self) -> bool:
        """Whether the text comes in another language than the words around it."""
        return self.frame != self.text.partition("-")[0]


def of(version: Version, *, at: datetime) -> list[MailLanguage]:
    """
    Every mail that would really be written, for most people first; then those of texts that nobody would get now.

    Languages are the tags that people have: de-AT and de get one mail where there is one German text.
    """
    notice = Notice(version=version, stream=Notice.Stream.LEGAL, kind=Notice.Kind.CHANGE)
    counts: Counter[tuple[str, str]] = Counter()
    tags: dict[tuple[str, str], str] = {}
    wanted = dict.fromkeys((text.language for text in version.texts.all()), 0) | audience.languages(notice, at=at)
    for tag, people in sorted(wanted.items(), key=lambda item: -item[1]):
        mail = language_names.spoken(tag, version.policy.language), version.text_in(tag).language
        counts[mail] += people
        tags.setdefault(mail, tag)
    return [MailLanguage(tags[mail], *mail, people) for mail, people in counts.most_common()]
