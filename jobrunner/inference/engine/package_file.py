"""Single files of an installed package, without running the package's own import."""

import importlib.util
import os


def package_folder(package):
    """The folder of an installed package. Raises ModuleNotFoundError when it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"the Python package {package} is not installed")
    return spec.submodule_search_locations[0]


def load_module(package, name):
    """
    Loads `package/name.py` alone.

    `import faster_whisper` brings PyAV and the model hub's client: 20 MB and 0.2 s for code that is never called
    here, as ffmpeg decodes and the set-up fetches.
    """
    path = os.path.join(package_folder(package), name + ".py")
    spec = importlib.util.spec_from_file_location(f"{package}_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
