"""What gunicorn does around the web processes: they count requests together, in one folder (`/metrics`).

Loaded by the master before the application. prometheus_client looks for the folder as it is imported: so this
module must not import it at its top.
"""

import os
from pathlib import Path
from typing import Any

from runtime import environment

_folder = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or environment.var_dir() / "metrics")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder)
_folder.mkdir(parents=True, exist_ok=True)
# What the processes of an earlier start counted would be added to ours.
for _left in _folder.glob("*.db"):
    _left.unlink()


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415 - not before the folder is named

    multiprocess.mark_process_dead(worker.pid)
