"""What a tester lets people of the town do, one noun a file; each is a part of the control interface."""

from collections.abc import Callable

from fastapi import APIRouter

from siyu.connectors.wecom.sandbox.acts import (
    about,
    acquisition,
    cards,
    chats,
    codes,
    contacts,
    customer_service,
    group_sends,
    links,
    members,
    moods,
    orders,
    payments,
    portraits,
    pushes,
    tasks,
)
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.town.life import Town

ROUTERS: tuple[Callable[[Corp, Town], APIRouter], ...] = (
    about.router,
    acquisition.router,
    cards.router,
    chats.router,
    codes.router,
    contacts.router,
    customer_service.router,
    group_sends.router,
    links.router,
    members.router,
    moods.router,
    orders.router,
    payments.router,
    portraits.router,
    pushes.router,
    tasks.router,
)

__all__ = ["ROUTERS"]
