"""What a tester lets people of the town do, one noun a file; each is a part of the control interface."""

from collections.abc import Callable

from fastapi import APIRouter

from siyu.connectors.wecom.sandbox.acts import acquisition, cards, customer_service, moods, payments
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.town.life import Town

ROUTERS: tuple[Callable[[Corp, Town], APIRouter], ...] = (
    acquisition.router,
    cards.router,
    customer_service.router,
    moods.router,
    payments.router,
)

__all__ = ["ROUTERS"]
