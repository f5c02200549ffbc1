"""The answers and states of a record that code depends on. Lists that no code depends on are data (codelists)."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ConsentAnswer(TextChoices):
    """What somebody answered about a consent. RESET is not an answer of theirs: their age was changed."""

    GIVEN = "given", _("They agree")
    REFUSED = "refused", _("They do not agree")
    WITHDRAWN = "withdrawn", _("They take their agreement back")
    RESET = "reset", _("No longer holds, because the age was changed")


class ConsentState(TextChoices):
    """The state of a consent on a day; see `consents.standing`. The pathways of the law data use these words."""

    NOT_ASKED = "not_asked", _("Not asked yet")
    GIVEN = "given", _("Agreed")
    REFUSED = "refused", _("Not agreed")
    WITHDRAWN = "withdrawn", _("Taken back")
    OVER = "over", _("Agreed, until a day that has passed")


class ReviewState(TextChoices):
    """The state of a lead's review of a record. Empty if nobody asked, or the record changed since."""

    ASKED = "asked", _("Waits for a lead")
    APPROVED = "approved", _("It may go ahead")
    CHANGES = "changes", _("Something should change first")


class SupportState(TextChoices):
    """The state of a person's support over all providers. Set by the room of support; nobody types it."""

    NONE = "none", _("None")
    ASKED = "asked", _("Asked for")
    OPEN = "open", _("Supported")
    ENDED = "ended", _("Ended")
