"""Creating and changing people and teams: what an administrator does.

Nobody takes the last administrator away, nor their own rights. A password is never chosen for
somebody else: the desk makes one that must be replaced at the first log-in, and shows it once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.people import passwords
from agent_desk.services.people.roles import IN_TEAMS, ROLES
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import accounts as account_rows
from agent_desk.store.people import users as rows
from agent_desk.store.people.accounts import AccountRow
from agent_desk.store.unit_of_work import Database, Session
from config_mail import ADDRESS

LONGEST_NAME = 60


@dataclass(frozen=True)
class Profile:
    """Who somebody is. `leads` are the teams a lead sees beside the own one; `mail` where reports
    are sent to them, "" for nowhere, None for where they were."""

    name: str
    role: str
    team_id: int | None
    leads: frozenset[int] = frozenset()
    mail: str | None = None


@dataclass(frozen=True)
class UserLine:
    """One person as the page lists them."""

    id: int
    username: str
    profile: Profile
    team: str | None
    leads: tuple[str, ...]
    enabled: bool
    has_code: bool
    password_temporary: bool
    mail: str = ""


@dataclass(frozen=True)
class TeamLine:
    """One team and how many may log in."""

    id: int
    name: str
    members: int
    leads: tuple[str, ...]


class UserAdministration:
    """Verbs of `/admin/users` and `/admin/teams`; `renamed` lets the leads' tiles know.

    `cut(user_id)` closes the person's sockets; who lost a role is asked to log in again. `moved`
    takes a seat to the person's new team.
    """

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        clock: Clock,
        renamed: Callable[[], None],
        cut: Callable[[int], None],
        departs: Callable[[str], None],
        moved: Callable[[str, int], None],
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._renamed = renamed
        self._cut = cut
        self._departs = departs
        self._moved = moved

    # --- people ---------------------------------------------------------------------------------

    def users(self) -> list[UserLine]:
        """Everybody with a login, by username."""
        with self._database.read() as session:
            teams = account_rows.teams(session)
            led = rows.led_teams(session)
            everybody = account_rows.all_accounts(session)
            mails = rows.mail_addresses(session)
        lines = [_line(row, teams, led.get(row.id, set())) for row in everybody]
        return [replace(line, mail=mails.get(line.id, "")) for line in lines]

    def user(self, user_id: int) -> UserLine:
        """One person; ServiceError `person-unknown`."""
        found = next((each for each in self.users() if each.id == user_id), None)
        if found is None:
            raise ServiceError("person-unknown")
        return found

    def create(self, username: str, profile: Profile, *, actor: str) -> tuple[int, str]:
        """The new person's id and the temporary password, shown once.

        ServiceError `username-unusable`, `user-exists`, `profile-unusable`, `mail-unusable`.
        """
        username = username.strip()
        require_username(username)
        password, hashed = passwords.temporary()
        with self._database.read() as session:
            self._check(session, profile)
            if account_rows.by_username(session, username) is not None:
                raise ServiceError("user-exists", username=username)
        made: list[int] = []

        def write(session: Session) -> None:
            user_id = account_rows.add_user(
                session,
                username=username,
                name=profile.name,
                role=profile.role,
                team_id=profile.team_id,
                password_hash=hashed,
                at=self._clock.real_now(),
                password_temporary=True,
            )
            rows.set_led_teams(session, user_id, profile.leads)
            _set_mail(session, user_id, profile)
            self._note(session, "user.created", user_id, actor, _told(profile))
            made.append(user_id)

        self._write(write)
        self._renamed()
        return made[-1], password

    def change(self, user_id: int, profile: Profile, *, actor: str) -> None:
        """Another name, role, team or teams to lead; whose rights changed logs in again.

        ServiceError `person-unknown`, `profile-unusable`, `mail-unusable`, `not-yourself`,
        `last-admin`.
        """
        with self._database.read() as session:
            before = account_rows.by_id(session, user_id)
            if before is None:
                raise ServiceError("person-unknown")
            self._check(session, profile)
            led = rows.led_teams(session).get(user_id, set())
            if before.role == "admin" and profile.role != "admin":
                if before.username == actor:
                    raise ServiceError("not-yourself")
                if before.enabled and not rows.admins(session, but=user_id):
                    raise ServiceError("last-admin")
        role_changed = before.role != profile.role
        real = self._clock.real_now()

        def write(session: Session) -> None:
            rows.change(
                session, user_id, name=profile.name, role=profile.role, team_id=profile.team_id
            )
            rows.set_led_teams(session, user_id, profile.leads)
            _set_mail(session, user_id, profile)
            if role_changed:
                rows.end_other_sessions(session, user_id, but=None, at=real, reason="role")
            self._note(session, "user.changed", user_id, actor, _told(profile))

        self._write(write)
        self._renamed()
        if profile.team_id is not None and profile.team_id != before.team_id:
            self._moved(before.username, profile.team_id)
        scope_changed = (before.team_id, frozenset(led)) != (profile.team_id, profile.leads)
        if role_changed or scope_changed:
            self._cut(user_id)
        if role_changed:
            self._departs(before.username)

    def reset_password(self, user_id: int, *, actor: str) -> str:
        """A temporary password, shown once; every session of the person ends.

        ServiceError `person-unknown`, `not-yourself`.
        """
        found = self.user(user_id)
        if found.username == actor:
            raise ServiceError("not-yourself")
        password, hashed = passwords.temporary()
        real = self._clock.real_now()

        def write(session: Session) -> None:
            rows.set_password(session, user_id, hashed, temporary=True)
            rows.end_other_sessions(session, user_id, but=None, at=real, reason="password")
            self._note(session, "user.password.reset", user_id, actor, {})

        self._write(write)
        self._cut(user_id)
        self._departs(found.username)
        return password

    # --- teams ----------------------------------------------------------------------------------

    def teams(self) -> list[TeamLine]:
        """Every team, in order of name."""
        with self._database.read() as session:
            names, counts = account_rows.teams(session), rows.members(session)
            led = rows.led_teams(session)
            people = {each.id: each.name for each in account_rows.all_accounts(session)}
        lines = [
            TeamLine(
                team_id,
                name,
                counts.get(team_id, 0),
                tuple(sorted(people[user] for user, theirs in led.items() if team_id in theirs)),
            )
            for team_id, name in names.items()
        ]
        return sorted(lines, key=lambda each: each.name)

    def create_team(self, name: str, *, actor: str) -> int:
        """A new team; ServiceError `team-unusable`, `team-exists`."""
        name = self._team_name(name)
        made: list[int] = []

        def write(session: Session) -> None:
            made.append(account_rows.add_team(session, name))
            self._note(session, "team.created", made[-1], actor, {}, kind="team")

        self._write(write)
        self._renamed()
        return made[-1]

    def rename_team(self, team_id: int, name: str, *, actor: str) -> None:
        """Another name; ServiceError `team-unknown`, `team-unusable`, `team-exists`."""
        with self._database.read() as session:
            known = account_rows.teams(session)
        if team_id not in known:
            raise ServiceError("team-unknown")
        if known[team_id] == name.strip():
            return
        name = self._team_name(name)

        def write(session: Session) -> None:
            rows.rename_team(session, team_id, name)
            self._note(session, "team.renamed", team_id, actor, {}, kind="team")

        self._write(write)
        self._renamed()

    # --- inside ---------------------------------------------------------------------------------

    def _team_name(self, name: str) -> str:
        name = name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise ServiceError("team-unusable", most=LONGEST_NAME)
        with self._database.read() as session:
            if rows.team_named(session, name) is not None:
                raise ServiceError("team-exists", name=name)
        return name

    def _check(self, session: Session, profile: Profile) -> None:
        name = profile.name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise ServiceError("profile-unusable", reason="name")
        if profile.role not in ROLES:
            raise ServiceError("profile-unusable", reason="role")
        if profile.mail and not ADDRESS.fullmatch(profile.mail):
            raise ServiceError("mail-unusable")
        known = set(account_rows.teams(session))
        named = set(profile.leads) | ({profile.team_id} if profile.team_id is not None else set())
        if not named <= known or (profile.leads and profile.role != "lead"):
            raise ServiceError("profile-unusable", reason="team")
        if profile.role in IN_TEAMS and not named:
            raise ServiceError("profile-unusable", reason="team")

    def _note(
        self,
        session: Session,
        action: str,
        subject_id: int,
        actor: str,
        details: Mapping[str, Any],
        kind: str = "user",
    ) -> None:
        audit.append(
            session,
            at=self._clock.now(),
            actor=actor,
            action=action,
            subject=f"{kind}:{subject_id}",
            details=details,
        )

    def _write(self, write: Callable[[Session], object]) -> None:
        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")


def require_username(username: str) -> None:
    """ServiceError `username-unusable` unless it is 2 to 40 of a–z, 0–9, - and _."""
    plain = username.replace("-", "").replace("_", "")
    if not (2 <= len(username) <= 40 and username.isascii() and plain.isalnum()):
        raise ServiceError("username-unusable")


def _set_mail(session: Session, user_id: int, profile: Profile) -> None:
    if profile.mail is not None:
        rows.set_mail(session, user_id, profile.mail or None)


def _told(profile: Profile) -> dict[str, Any]:
    """Never the name or the address: the trail does not forget."""
    told = {"role": profile.role, "team": profile.team_id, "leads": sorted(profile.leads)}
    return told if profile.mail is None else {**told, "mail": bool(profile.mail)}


def _line(row: AccountRow, teams: Mapping[int, str], led: Collection[int]) -> UserLine:
    return UserLine(
        id=row.id,
        username=row.username,
        profile=Profile(row.name, row.role, row.team_id, frozenset(led)),
        team=teams.get(row.team_id or 0),
        leads=tuple(teams[each] for each in sorted(led)),
        enabled=row.enabled,
        has_code=row.has_code,
        password_temporary=row.password_temporary,
    )
