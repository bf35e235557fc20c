"""What a test cannot do without. A machine without it skips the test; continuous integration fails."""
import importlib
import os
import shutil
import sys

SKIPPED = 77  # SKIP_RETURN_CODE of the entries in CMakeLists.txt


def stop(missing):
    print(f"skipped: {missing} is not installed; tools/setup ci", flush=True)
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


def need_programs(*names):
    for name in names:
        if not shutil.which(name):
            stop(name)


def need_packages(*names):
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            stop(f"the Python package {name}")


def path_of(program):
    """Where a program is that need_programs() has found."""
    return shutil.which(program)
