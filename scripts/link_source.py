"""Make the checkout importable in its own environment, without a build."""

import sysconfig
from pathlib import Path

root = Path(__file__).resolve().parents[1]
site = Path(sysconfig.get_paths()["purelib"])
(site / "siyu-checkout.pth").write_text(f"{root / 'src'}\n", encoding="utf-8")
command = Path(sysconfig.get_paths()["scripts"]) / "siyu"
command.write_text(f"#!{Path(sysconfig.get_paths()['scripts']) / 'python'}\nfrom siyu.app.cli import main\n\nmain()\n", encoding="utf-8")
command.chmod(0o755)
