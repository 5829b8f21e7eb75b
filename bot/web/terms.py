"""The glossary's words as the pages say them."""

from collections.abc import Mapping

from handlers.talk import Text, t
from storage.records import Disposition, Role, RoundState

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
