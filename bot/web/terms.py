"""The glossary's words as the pages say them."""

from collections.abc import Mapping

from handlers.talk import Text, t
from storage.records import Disposition, Level, PostClass, Role, RoundState, StaffKind

POSTS: Mapping[str, Text] = {
    PostClass.APPROVAL: t("approval"),
    PostClass.SERVICE: t("service"),
    PostClass.ENFORCEMENT: t("enforcement"),
    PostClass.GRID: t("grid and safety"),
    PostClass.PARTY: t("Party building"),
    PostClass.GENERAL: t("Party and government general office"),
    PostClass.LINE: t("economy, agriculture, village construction"),
    PostClass.VILLAGE: t("assigned village work"),
}
VALUES: Mapping[str, Text] = {
    **POSTS,
    Level.LEADING: t("leading member"),
    Level.STAFF: t("staff"),
    StaffKind.CIVIL_SERVANT: t("civil servant"),
    StaffKind.BY_REFERENCE: t("managed by reference to the Civil Servants Law"),
    StaffKind.INSTITUTION: t("staff of a public institution"),
    StaffKind.CONTRACT: t("employed by contract"),
}
"""By what the people of a round can be told apart, but for units."""
ROLES: Mapping[str, Text] = {
    Role.SUPERVISOR: t("supervisor"),
    Role.BRANCH_LEADER: t("branch leader"),
    Role.COMMITTEE: t("appraisal committee"),
    Role.HEAD: t("head of the organ"),
    Role.HR: t("HR office"),
    Role.AUTHORITY: t("civil service authority"),
    Role.INSPECTOR: t("discipline inspection"),
}
STATES: Mapping[str, Text] = {
    RoundState.DRAFT: t("draft"),
    RoundState.PLANNED: t("planned"),
    RoundState.OPEN: t("open"),
    RoundState.PAUSED: t("paused"),
    RoundState.CLOSED: t("closed"),
    RoundState.CANCELLED: t("cancelled"),
}
STAGES: Mapping[str, Text] = {
    Disposition.PLANNED: t("not yet invited"),
    Disposition.INVITED: t("invited"),
    Disposition.DELIVERED: t("delivered"),
    Disposition.UNREACHABLE: t("not reached"),
    Disposition.STARTED: t("begun"),
    Disposition.PARTLY: t("partly answered"),
    Disposition.HANDED_IN: t("handed in"),
    Disposition.DECLINED: t("not taking part"),
    Disposition.EXCUSED: t("excused"),
    Disposition.UNANSWERED: t("not answered"),
}
COLUMNS: Mapping[str, Text] = {
    "staff_number": t("Staff number"),
    "person": t("Name"),
    "unit": t("Unit"),
    "post_class": t("Post class"),
    "status": t("Status"),
    "handed_in": t("Handed in at"),
    "entered_by": t("Paper form, entered by"),
}
