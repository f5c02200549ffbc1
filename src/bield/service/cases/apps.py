"""The Django app of people's records. It tells the events the reference of each record."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.apps import AppConfig


class Cases(AppConfig):
    """Says what records are called in events: by their reference, never by a name."""

    name = "bield.service.cases"

    def ready(self) -> None:
        from bield.service.audit.subjects import register

        register(_references)


def _references(ids: Collection[str]) -> Mapping[str, str]:
    from bield.service import reference
    from bield.service.cases.models import Person

    rows = Person.objects.filter(pk__in=ids).values_list("pk", "reference")
    return {str(pk): reference.shown(code) for pk, code in rows}
