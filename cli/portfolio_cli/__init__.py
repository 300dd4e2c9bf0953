"""The command ``portfolio``."""
