"""The Django app of accounts. It tells the events what to call a colleague and an invitation."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.apps import AppConfig


class Accounts(AppConfig):
    """Says what colleagues and invitations are called in events."""

    name = "bield.service.accounts"

    def ready(self) -> None:
        from bield.service.audit.subjects import register

        register(_names)


def _names(ids: Collection[str]) -> Mapping[str, str]:
    from bield.service.accounts.models import User

    return {str(pk): name for pk, name in User.objects.filter(pk__in=ids).values_list("pk", "name")}
