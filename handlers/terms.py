"""The glossary's words for what the roster says of people, as rooms and pages say them. 术语"""

from collections.abc import Mapping

from handlers.talk import Text, t
from storage.records import Attribute, Level, PostClass, StaffKind

POST_CLASSES: Mapping[str, Text] = {
    PostClass.APPROVAL: t("approval"),
    PostClass.SERVICE: t("service"),
    PostClass.ENFORCEMENT: t("enforcement"),
    PostClass.GRID: t("grid and safety"),
    PostClass.PARTY: t("Party building"),
    PostClass.GENERAL: t("Party and government general office"),
    PostClass.LINE: t("economy, agriculture, village construction"),
    PostClass.VILLAGE: t("assigned village work"),
}
LEVELS: Mapping[str, Text] = {Level.LEADING: t("leading member"), Level.STAFF: t("staff")}
KINDS: Mapping[str, Text] = {
    StaffKind.CIVIL_SERVANT: t("civil servant"),
    StaffKind.BY_REFERENCE: t("managed by reference to the Civil Servants Law"),
    StaffKind.INSTITUTION: t("staff of a public institution"),
    StaffKind.CONTRACT: t("employed by contract"),
}
ATTRIBUTES: Mapping[str, Text] = {
    Attribute.UNIT: t("unit"),
    Attribute.POST_CLASS: t("post class"),
    Attribute.LEVEL: t("level"),
    Attribute.KIND: t("staff kind"),
}
VALUES: Mapping[str, Text] = {**POST_CLASSES, **LEVELS, **KINDS}
"""Of these attributes but the unit, by the value."""
