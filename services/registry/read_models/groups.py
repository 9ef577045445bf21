"""Which groups of children are there, and how many are in each? Descriptions stay sealed."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import GroupCounted, GroupRegistered
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class Group(Struct, frozen=True, kw_only=True):
    """`version` is that of the stream."""

    group_id: UUID
    unit_id: UUID
    children: int
    description: Sealed
    registered_by: UUID
    version: int


def _registered(of: Recorded[GroupRegistered]) -> Group:
    event = of.event
    return Group(
        group_id=event.group_id,
        unit_id=event.unit_id,
        children=event.children,
        description=event.description,
        registered_by=event.registered_by,
        version=of.version,
    )


def _counted(row: Group, of: Recorded[GroupCounted]) -> Group:
    return replace(row, children=of.event.children, version=of.version)


groups: ReadModel[UUID, Group] = ReadModel(
    name="groups",
    row=Group,
    key=("group_id",),
    handlers=(begins(GroupRegistered, _registered), on(GroupCounted, _counted)),
    indexes=(("unit_id",),),
)
