"""Imported by Python before the agent: from here on it cannot touch this computer."""
from harmless import guard

guard.install()
