"""The glossary's words as the pages say them."""

from collections.abc import Mapping

from handlers.talk import Text, t
from storage.records import Disposition, PostClass, Role, RoundState

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
    RoundState.PLANNED: t("planned"),
    RoundState.OPEN: t("open"),
    RoundState.PAUSED: t("paused"),
    RoundState.CLOSED: t("closed"),
}
STAGES: Mapping[str, Text] = {
    Disposition.UNREACHABLE: t("not reached"),
    Disposition.INVITED: t("not begun"),
    Disposition.STARTED: t("begun"),
    Disposition.HANDED_IN: t("handed in"),
}
COLUMNS: Mapping[str, Text] = {
    "staff_number": t("Staff number"),
    "person": t("Name"),
    "unit": t("Unit"),
    "post_class": t("Post class"),
    "status": t("Status"),
    "handed_in": t("Handed in at"),
}
