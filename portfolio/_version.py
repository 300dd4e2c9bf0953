"""The version of the installed distribution."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("grant-portfolio")
except PackageNotFoundError:  # imported from a source tree that is not installed
    __version__ = "unknown"
