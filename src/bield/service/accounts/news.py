"""Tells people at work by e-mail that something waits for them. It names nobody: others may read an e-mail."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import partial
from typing import Self

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bield.service.accounts.models import User

logger = logging.getLogger(__name__)


class When(TextChoices):
    """When somebody wants e-mails about what waits for them."""

    NEVER = "", gettext_lazy("No e-mails")
    DAILY = "daily", gettext_lazy("One each morning, if something waits for me")
    AT_ONCE = "at_once", gettext_lazy("As it happens, and one each morning")


class News(StrEnum):
    """What somebody is told at once, and the words of the e-mail."""

    words: str | Promise

    def __new__(cls, value: str, words: str | Promise = "") -> Self:
        news = str.__new__(cls, value)
        news._value_, news.words = value, words
        return news

    QUESTION = "question", gettext_lazy("The police asked your team a question about a notification.")
    HANDED_OVER = "handed_over", gettext_lazy("A colleague handed somebody over to you.")
    REVIEW_ASKED = "review_asked", gettext_lazy("A colleague asks for a review of a record.")
    REVIEW_DECIDED = "review_decided", gettext_lazy("The review that you asked for is done.")
    REQUEST = "request", gettext_lazy("A request for support waits for your team’s answer.")


def tell(people: QuerySet[User] | Iterable[User], news: News) -> None:
    """Tell those who want to be told at once, after the transaction. Never fails: a lost e-mail loses nothing."""
    addresses = [user.email for user in people if user.news == When.AT_ONCE and user.is_active]
    if addresses:
        transaction.on_commit(partial(_send, addresses, str(news.words)))


def _send(addresses: Sequence[str], words: str) -> None:
    for address in addresses:
        send_news(address, words)


def send_news(address: str, words: str) -> bool:
    """Send one e-mail with a link to the first page. False if it could not be sent, which the log says."""
    link = _("Sign in to see it: %(address)s") % {"address": settings.ADDRESS + reverse("home")}
    ending = _("You chose to get these e-mails. To change that: %(address)s") % {
        "address": settings.ADDRESS + reverse("news")
    }
    try:
        send_mail(_("Something waits for you in Bield"), f"{words}\n\n{link}\n\n{ending}\n", None, [address])
    except OSError as error:  # smtplib's errors are among them
        logger.warning("an e-mail about what waits was not sent: %s", type(error).__name__)
        return False
    return True
