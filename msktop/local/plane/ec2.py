"""EC2, as far as the clusters' network goes: VPC, subnets, zones, and the nodes' network interfaces."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msktop.local.api.messages import ApiError, Call, Members, Value
from msktop.local.plane import names, places

_DHCP_OPTIONS = "default"
_FREE_ADDRESSES = 250
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Interface:
    """The network interface of a node: its address, the subnet that it is in, and whose it is."""

    address: str
    subnet_id: str
    description: str

    @property
    def id(self) -> str:
        """As ListNodes says it: AttachedENIId."""
        return names.interface_id(self.address)


Interfaces = Callable[[], Iterable[Interface]]
Row = Members
Filters = Mapping[str, str]
"""Which member a filter's name means."""

_OF_SUBNETS = {
    "vpc-id": "VpcId",
    "subnet-id": "SubnetId",
    "state": "State",
    "availability-zone": "AvailabilityZone",
    "availabilityZone": "AvailabilityZone",
    "availability-zone-id": "AvailabilityZoneId",
    "availabilityZoneId": "AvailabilityZoneId",
    "cidr-block": "CidrBlock",
    "cidrBlock": "CidrBlock",
    "owner-id": "OwnerId",
}
_OF_VPCS = {"vpc-id": "VpcId", "state": "State", "cidr": "CidrBlock", "owner-id": "OwnerId"}
_OF_ZONES = {
    "zone-name": "ZoneName",
    "zone-id": "ZoneId",
    "zone-type": "ZoneType",
    "region-name": "RegionName",
    "state": "State",
    "opt-in-status": "OptInStatus",
}
_OF_INTERFACES = {
    "network-interface-id": "NetworkInterfaceId",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
    "availability-zone": "AvailabilityZone",
    "private-ip-address": "PrivateIpAddress",
    "description": "Description",
    "status": "Status",
}
_OF_GROUPS = {"group-id": "GroupId", "group-name": "GroupName", "vpc-id": "VpcId"}


class Ec2:
    """The operations. `net` is the second byte of the account's addresses."""

    def __init__(self, net: int, interfaces: Interfaces = lambda: ()) -> None:
        self._net = net
        self._interfaces = interfaces

    def describe_subnets(self, call: Call, **given: Value) -> Members:
        """One subnet in each zone."""
        rows = [_subnet(s) for s in places.subnets(self._net)]
        return _answer(
            call, given, "Subnets", rows, ("SubnetIds", "SubnetId", "InvalidSubnetID"), _OF_SUBNETS
        )

    def describe_vpcs(self, call: Call, **given: Value) -> Members:
        """The one VPC."""
        return _answer(call, given, "Vpcs", [_vpc(self._net)], ("VpcIds", "VpcId", "InvalidVpcID"), _OF_VPCS)

    def describe_security_groups(self, call: Call, **given: Value) -> Members:
        """The one security group, which lets everything pass."""
        group = {
            "GroupId": places.security_group(self._net),
            "GroupName": "default",
            "Description": "default VPC security group",
            "VpcId": places.vpc_id(self._net),
            "OwnerId": names.ACCOUNT,
            "IpPermissions": [],
            "IpPermissionsEgress": [],
        }
        return _answer(
            call, given, "SecurityGroups", [group], ("GroupIds", "GroupId", "InvalidGroup"), _OF_GROUPS
        )

    def describe_availability_zones(self, call: Call, **given: Value) -> Members:
        """The zones, by name and by id."""
        rows = [_zone(s) for s in places.subnets(self._net)]
        if "ZoneIds" in given:
            rows = _chosen(rows, given["ZoneIds"], "ZoneId", "InvalidParameterValue")
        keys = ("ZoneNames", "ZoneName", "InvalidParameterValue")
        return _answer(call, given, "AvailabilityZones", rows, keys, _OF_ZONES)

    def describe_network_interfaces(self, call: Call, **given: Value) -> Members:
        """The interfaces of the clusters' nodes."""
        subnet_of = {s.id: s for s in places.subnets(self._net)}
        rows = [_interface(i, subnet_of[i.subnet_id]) for i in self._interfaces() if i.subnet_id in subnet_of]
        keys = ("NetworkInterfaceIds", "NetworkInterfaceId", "InvalidNetworkInterfaceID")
        return _answer(call, given, "NetworkInterfaces", rows, keys, _OF_INTERFACES)


def _answer(
    call: Call,
    given: Members,
    name: str,
    rows: Sequence[Row],
    keys: tuple[str, str, str],
    filters: Filters,
) -> Members:
    """The rows that are asked for, a page of them. `keys`: the member of ids, that of one id, the error."""
    if given.get("DryRun"):
        raise ApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status=412)
    found = list(rows) if call.region == names.REGION else []
    ids, own, error = keys
    if given.get(ids):
        found = _chosen(found, given[ids], own, error)
    for wanted in given.get("Filters", ()):
        member = filters.get(wanted.get("Name", ""))
        if member is None:
            raise ApiError("InvalidParameterValue", f"The filter '{wanted.get('Name', '')}' is invalid")
        patterns = wanted.get("Values", [])
        found = [row for row in found if _matches(str(row[member]), patterns)]
    return _page(name, found, given)


def _chosen(rows: Sequence[Row], ids: Sequence[str], member: str, error: str) -> list[Row]:
    by_id = {row[member]: row for row in rows}
    for one in ids:
        if one not in by_id:
            code = error if error == "InvalidParameterValue" else f"{error}.NotFound"
            raise ApiError(code, f"The ID '{one}' does not exist")
    return [by_id[one] for one in dict.fromkeys(ids)]


def _matches(value: str, patterns: Iterable[str]) -> bool:
    """Whether one of them says so; * and ? stand for what they do in file names.

    >>> _matches("use1-az1", ["use1-*"]), _matches("use1-az1", ["[u]*"])
    (True, False)
    """
    return any(fnmatch.fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in patterns)


def _page(name: str, rows: Sequence[Row], given: Members) -> Members:
    token = given.get("NextToken") or "0"
    if not (token.isascii() and token.isdigit() and len(token) < 8):
        raise ApiError("InvalidParameterValue", "Unable to parse pagination token")
    first = int(token)
    after = first + (given.get("MaxResults") or _PAGE)
    answer: Members = {name: list(rows[first:after])}
    if after < len(rows):
        answer["NextToken"] = str(after)
    return answer


def _subnet(subnet: places.Subnet) -> Row:
    return {
        "SubnetId": subnet.id,
        "VpcId": subnet.vpc_id,
        "AvailabilityZone": subnet.zone_name,
        "AvailabilityZoneId": subnet.zone_id,
        "CidrBlock": subnet.cidr,
        "State": "available",
        "OwnerId": names.ACCOUNT,
        "AvailableIpAddressCount": _FREE_ADDRESSES,
        "DefaultForAz": False,
        "MapPublicIpOnLaunch": False,
        "SubnetArn": f"arn:aws:ec2:{names.REGION}:{names.ACCOUNT}:subnet/{subnet.id}",
        "Tags": [],
    }


def _vpc(net: int) -> Row:
    return {
        "VpcId": places.vpc_id(net),
        "CidrBlock": f"127.{net}.0.0/16",
        "State": "available",
        "OwnerId": names.ACCOUNT,
        "DhcpOptionsId": _DHCP_OPTIONS,
        "InstanceTenancy": "default",
        "IsDefault": True,
        "Tags": [],
    }


def _zone(subnet: places.Subnet) -> Row:
    return {
        "ZoneName": subnet.zone_name,
        "ZoneId": subnet.zone_id,
        "State": "available",
        "RegionName": names.REGION,
        "GroupName": f"{names.REGION}-zg-1",
        "NetworkBorderGroup": names.REGION,
        "ZoneType": "availability-zone",
        "OptInStatus": "opt-in-not-required",
        "Messages": [],
    }


def _interface(interface: Interface, subnet: places.Subnet) -> Row:
    return {
        "NetworkInterfaceId": interface.id,
        "Description": interface.description,
        "SubnetId": subnet.id,
        "VpcId": subnet.vpc_id,
        "AvailabilityZone": subnet.zone_name,
        "PrivateIpAddress": interface.address,
        "PrivateIpAddresses": [{"PrivateIpAddress": interface.address, "Primary": True}],
        "InterfaceType": "interface",
        "OwnerId": names.ACCOUNT,
        "RequesterManaged": True,
        "Status": "in-use",
        "Groups": [],
        "TagSet": [],
    }
