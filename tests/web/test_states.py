"""An episode of support moves as its table of transitions says, and in no other way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
from django.db import IntegrityError, transaction

from bield.service.audit.models import Event
from bield.service.changes import NotNow
from bield.service.support.episodes import actions
from bield.service.support.models import Episode
from bield.service.support.states import MOVES, EpisodeState
from tests.supporting import TODAY, Service
from tests.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Act = Callable[[Service, Episode], object]


def hand_over(service: Service, episode: Episode) -> None:
    actions.hand_over(episode, to=service.isla, by=service.lead, at=NOW)


def close(service: Service, episode: Episode) -> None:
    actions.close(episode, ending="planned", on=TODAY, follow_up="no", by=service.lead, at=NOW)


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "accept": lambda service, episode: actions.accept(
            episode, worker=service.isla, on=TODAY, by=service.lead, at=NOW
        ),
        "decline": lambda service, episode: actions.decline(episode, reason="room", by=service.lead, at=NOW),
        "take_back": lambda service, episode: actions.take_back(episode, by=service.lead, at=NOW),
        "hand_over": hand_over,
        "close": close,
        "reopen": lambda service, episode: actions.reopen(episode, by=service.lead, at=NOW),
    }
)
"""How each action of the table is taken by the public functions."""


def episode_in(service: Service, state: EpisodeState) -> Episode:
    """An episode that came into a state by the actions that lead there."""
    episode = service.asked()
    ways: dict[EpisodeState, tuple[str, ...]] = {
        EpisodeState.ASKED: (),
        EpisodeState.OPEN: ("accept",),
        EpisodeState.DECLINED: ("decline",),
        EpisodeState.TAKEN_BACK: ("take_back",),
        EpisodeState.CLOSED: ("accept", "close"),
    }
    for action in ways[state]:
        ACTS[action](service, episode)
    Episode.objects.filter(pk=episode.pk, worker__isnull=False).update(worker=service.lead)
    return Episode.objects.select_related("person__team", "team__organisation").get(pk=episode.pk)


def test_every_action_of_the_table_is_tried() -> None:
    assert set(ACTS) == set(MOVES)


@pytest.mark.parametrize("state", EpisodeState)
@pytest.mark.parametrize("action", MOVES)
def test_an_action_leads_where_the_table_says_and_is_refused_elsewhere(
    service: Service, action: str, state: EpisodeState
) -> None:
    episode, events = episode_in(service, state), Event.objects.count()
    if state == MOVES[action].start:
        ACTS[action](service, episode)
        assert Episode.objects.get(pk=episode.pk).state == MOVES[action].end
        return
    with pytest.raises(NotNow, match=f"It is now ‘{state.label}’"):
        ACTS[action](service, episode)
    assert Episode.objects.get(pk=episode.pk).state == state
    assert Event.objects.count() == events


def test_only_a_running_episode_bars_another_with_the_same_team(service: Service) -> None:
    """The database itself holds it, whatever code writes."""
    first = service.asked()
    values = {"person": first.person, "team": first.team, "asked_by": service.lead, "asked_at": NOW, "route": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Episode.objects.create(state=EpisodeState.ASKED, **values)
    ACTS["decline"](service, first)
    Episode.objects.create(state=EpisodeState.ASKED, **values)
