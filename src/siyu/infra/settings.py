"""Every setting with its unit and a safe default, read once at start from `SIYU_…` variables."""

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from siyu.infra.faults import WrongSettings, fault


def _web(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or (parts.port is not None and not parts.port):
        raise ValueError("an http or https address")
    return address


def _store(address: SecretStr) -> SecretStr:
    try:
        known = make_url(address.get_secret_value()).drivername in ("postgresql", "postgresql+psycopg")
    except ArgumentError:
        known = False
    if not known:
        raise ValueError("an address of a PostgreSQL")
    return address


WebAddress = Annotated[str, AfterValidator(_web)]
StoreAddress = Annotated[SecretStr, AfterValidator(_store)]


class Settings(BaseSettings):
    """Immutable configuration of one process. Secrets come from the environment or from files that siyu makes in `home` with mode 0600."""

    model_config = SettingsConfigDict(env_prefix="SIYU_", env_ignore_empty=True, frozen=True, extra="ignore")

    home: Path = Field(default=Path("var"), description="Folder of everything that siyu keeps: database, replica, files, logs, secrets. Back it up.")
    database_url: StoreAddress | None = Field(default=None, description="URL of any PostgreSQL ≥ 15 (its owner's). Unset: the embedded server in `home`.")
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the web server listens on; 0 takes a free one.")
    public_url: WebAddress | None = Field(
        default=None, description="Address customers and WeCom reach siyu at: tracked links, callbacks. Unset: http://host:port."
    )
    clock_file: Path | None = Field(default=None, description="Business clock written by a sandbox (demo, training). Unset: the machine's clock.")
    session_idle_minutes: int = Field(default=30, ge=1, description="A session without requests ends after this many minutes (machine time).")
    session_absolute_hours: int = Field(default=12, ge=1, description="A session ends after this many hours in any case (machine time).")
    worker_threads: int = Field(default=4, ge=1, description="Jobs that one worker process runs side by side.")
    job_lease_seconds: int = Field(default=8, ge=5, description="A job whose worker is silent this long is taken over by another (machine time).")
    engine_memory_mb: int = Field(default=2048, ge=256, description="Memory limit of the analytic engine, MiB.")
    engine_threads: int = Field(default=2, ge=1, description="Threads of the analytic engine.")
    wecom_base_url: WebAddress = Field(default="https://qyapi.weixin.qq.com", description="Base address of the WeCom server API; a sandbox has its own.")
    wecom_calls_per_minute: int = Field(default=3_000, ge=10, description="Calls of one path by one corp a minute; WeCom's own limit is 10,000.")
    wecom_calls_per_hour: int = Field(default=50_000, ge=100, description="Calls of one path by one corp an hour; WeCom's own limit is 150,000.")
    wecom_parallel: int = Field(default=5, ge=1, description="Calls of one path by one corp at a time; halved by itself when WeCom says they are too many.")
    log_format: Literal["console", "json"] = Field(default="console", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least important log line that is written.")

    def __init__(self, **given: Any) -> None:
        """Raises WrongSettings."""
        try:
            super().__init__(**given)
        except ValidationError as wrong:
            fields = type(self).model_fields
            said = [(str(one["loc"][0]), one["input"]) for one in wrong.errors()]
            raise WrongSettings([fault(f"SIYU_{name.upper()}", fields[name], value) for name, value in said]) from None

    @property
    def address(self) -> str:
        """Where customers and WeCom reach siyu, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
