"""Boots a real systemd on an overlay of this machine's root, installs the service by the guide, and tries it.

    sudo make boot-test

Needs root, Linux, systemd-nspawn and overlayfs; leaves nothing behind. The commands of the guide's
install section are run as they stand there, up to the ones that need a running systemd.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
BOOT_LIMIT_S = 300
UNIT = """\
[Unit]
Description=Checks of monitor.service from within
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=append:/boot-result
StandardError=inherit
ExecStart=/opt/monitor/.venv/bin/python /opt/monitor/tests/boot/inside.py
ExecStopPost=/bin/sh -c 'echo "exit $EXIT_STATUS"; systemctl poweroff --no-block'
[Install]
WantedBy=multi-user.target
"""


def main() -> int:
    """0 when every check passed."""
    missing = [name for name in ("systemd-nspawn", "mount", "chroot") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        print(f"cannot boot a systemd here: {'not root' if os.geteuid() else 'missing ' + ', '.join(missing)}")
        return 2
    with overlay() as root:
        install(root)
        boot(root)
        result = (root / "boot-result").read_text() if (root / "boot-result").exists() else "it never booted\nexit 1\n"
    print(result, end="")
    return 0 if result.rstrip().endswith("exit 0") else 1


@contextmanager
def overlay() -> Iterator[Path]:
    """A writable copy of this machine's root that vanishes afterwards."""
    with tempfile.TemporaryDirectory(prefix="monitor-boot-") as folder:
        base = Path(folder)
        run("mount", "-t", "tmpfs", "tmpfs", folder)
        try:
            for name in ("upper", "work", "root"):
                (base / name).mkdir()
            options = f"lowerdir=/,upperdir={base}/upper,workdir={base}/work"
            run("mount", "-t", "overlay", "overlay", "-o", options, str(base / "root"))
            try:
                yield base / "root"
            finally:
                run("umount", str(base / "root"))
        finally:
            run("umount", folder)


def install(root: Path) -> None:
    """Follow the guide within the overlay."""
    source = root / "srv" / "monitor"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        if name and (CHECKOUT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, source / name)
    python = interpreter_outside_homes(root)
    guide = (CHECKOUT / "docs" / "operating.md").read_text(encoding="utf-8")
    block = re.search(r"```sh\n(.*?)```", guide, re.DOTALL)
    assert block is not None, "docs/operating.md lost its install section"
    commands = "\n".join(line for line in block[1].splitlines() if not line.startswith("systemctl"))
    commands = commands.replace("make -C", f"make PYTHON={python} -C")
    for name in ("dev", "proc"):
        run("mount", "--bind", f"/{name}", str(root / name))
    try:
        run("chroot", str(root), "/bin/sh", "-euc", f"cd /srv/monitor\n{commands}")
    finally:
        for name in ("dev", "proc"):
            run("umount", str(root / name))
    (root / "etc/systemd/system/boot-test.service").write_text(UNIT)
    run("chroot", str(root), "systemctl", "--quiet", "enable", "boot-test.service")
    (root / "etc/machine-id").write_text("")  # a machine of its own: the journal is not linked to the host's


def interpreter_outside_homes(root: Path) -> str:
    """A Python the hardened service can see: ProtectHome hides those under /root and /home."""
    base = Path(sys.base_prefix).resolve()
    if not base.is_relative_to("/root") and not base.is_relative_to("/home"):
        return sys.executable
    shutil.copytree(base, root / "opt" / "python", symlinks=True)
    # Its own library, not the distribution's of the same name.
    (root / "etc/ld.so.conf.d/000-boot-test.conf").write_text("/opt/python/lib\n")
    run("chroot", str(root), "ldconfig")
    return "/opt/python/bin/python3"


def boot(root: Path) -> None:
    """Boot until the checks power the container off."""
    subprocess.run(
        [
            "systemd-nspawn", "--quiet", f"--directory={root}", "--boot", "--machine=monitor-boot-test",
            "--register=no", "--keep-unit", "--link-journal=no", "--console=pipe", "systemd.unit=multi-user.target",
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        timeout=BOOT_LIMIT_S, check=False,
    )  # fmt: skip


def run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
