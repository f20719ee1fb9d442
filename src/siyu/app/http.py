"""The web server: every capability's routes, the console, and the edge around them."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from fastapi import Depends, FastAPI

from siyu.app import ops, problems, static, texts
from siyu.app.capabilities import CAPABILITIES
from siyu.app.hooks import prepare
from siyu.app.transactions import Transactions
from siyu.infra.database import Database
from siyu.infra.files import Files
from siyu.infra.room import Room
from siyu.infra.settings import Settings
from siyu.infra.wiring import Capability


def release() -> str:
    """The installed release of siyu."""
    try:
        return version("siyu")
    except PackageNotFoundError:
        return "0.1.0"


def create_app(database: Database, settings: Settings, capabilities: Sequence[Capability] = CAPABILITIES) -> FastAPI:
    """The application over one database."""
    app = FastAPI(title="siyu", version=release(), openapi_url="/api/openapi.json", docs_url=None, redoc_url=None, dependencies=[Depends(texts.printable)])
    app.state.database = database
    app.state.settings = settings
    app.state.room = Room(settings.home)
    app.state.files = Files(settings.home / "files")
    app.state.transactions = Transactions(database)
    app.state.capabilities = capabilities
    prepare(settings, database)
    problems.install(app)
    app.router.routes[:0] = [door for capability in capabilities for door in capability.doors]
    for capability in capabilities:
        for router in capability.routers:
            app.include_router(router)
    app.include_router(ops.routes)
    static.install(app)
    return app
