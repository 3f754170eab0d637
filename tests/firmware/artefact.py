"""The build script as a module: `packaging` is no package of ours to import from."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

BUILD = Path(__file__).parents[2] / "packaging" / "firmware" / "build.py"


def load() -> ModuleType:
    name = "firmware_build"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, BUILD)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
