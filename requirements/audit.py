"""Ask the advisory service about every version in the locks; only its being out of reach is forgiven, and said."""

import json
import subprocess
import sys
from pathlib import Path

OUT_OF_REACH = ("ConnectionError", "ConnectTimeout", "Max retries exceeded", "Could not connect")


def audit(lock: Path) -> list[str] | None:
    """One line for each known vulnerability and each package unknown to the service; None when it is out of reach."""
    options = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(run.stdout)["dependencies"]
    except json.JSONDecodeError:
        if any(sign in run.stderr for sign in OUT_OF_REACH):
            return None
        sys.exit(run.stderr)
    if all("skip_reason" in package for package in packages):  # a mirror that serves files but no advisories
        return None
    found = [f"{lock.name}: {package['skip_reason']}" for package in packages if "skip_reason" in package]
    for package in packages:
        for flaw in package.get("vulns", []):
            mended = ", ".join(flaw["fix_versions"]) or "no version yet"
            found.append(f"{lock.name}: {package['name']} {package['version']} has {flaw['id']}, mended in {mended}")
    return found


def main() -> None:
    """Audit each lock; exit 1 on a finding."""
    answers = {lock.name: audit(lock) for lock in sorted(Path(__file__).parent.glob("*.txt"))}
    silent = [name for name, found in answers.items() if found is None]
    if silent:
        print("Not audited, the advisory service is out of reach:", *silent)
    sys.exit("\n".join(line for found in answers.values() for line in found or []) or 0)


if __name__ == "__main__":
    main()
