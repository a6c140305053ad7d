"""What is known of one setting, and the sections of the manual."""

from dataclasses import dataclass

from policysite.environment.kinds import Kind


@dataclass(frozen=True)
class Setting:
    """
    :ivar means: the sentence of the manual
    :ivar default: as it would stand in the environment; empty: there is none
    :ivar demo: another one, for the demo
    :ivar otherwise: what the manual says instead of the default, where it follows from something else
    :ivar is_needed: nothing starts without it, but the demo
    :ivar is_secret: no message says what it is
    """

    name: str
    kind: Kind
    means: str
    default: str = ""
    demo: str | None = None
    otherwise: str = ""
    is_needed: bool = False
    is_secret: bool = False


@dataclass(frozen=True)
class Section:
    title: str
    settings: tuple[Setting, ...]
    introduction: str = ""
