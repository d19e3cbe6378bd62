"""The roles there are, and what each may do before anything else."""

from __future__ import annotations

ROLES = ("operator", "lead", "manager", "compliance", "auditor", "admin")
# Who works within teams: without one they see nobody.
IN_TEAMS = ("operator", "lead")
