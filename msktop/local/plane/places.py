"""The account's network: one VPC, and in each of six zones one subnet. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from msktop.local.plane.names import REGION
from msktop.local.settings import MAX_ZONES


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet: its zone by id (use1-az1) and by name (us-east-1a), and its block of addresses."""

    id: str
    zone_id: str
    zone_name: str
    cidr: str
    vpc_id: str


def vpc_id(net: int) -> str:
    """The VPC of the account whose own cluster lives on 127.`net`.0.0/16."""
    return f"vpc-0{_digest(f'vpc {net}')}"


def security_group(net: int) -> str:
    """The one security group of that VPC."""
    return f"sg-0{_digest(f'sg {net}')}"


def subnets(net: int) -> tuple[Subnet, ...]:
    """Every subnet, by zone. Nodes of the account's own cluster have addresses of these blocks.

    >>> [(s.zone_id, s.zone_name, s.cidr) for s in subnets(16)][:2]
    [('use1-az1', 'us-east-1a', '127.16.1.0/24'), ('use1-az2', 'us-east-1b', '127.16.2.0/24')]
    """
    return tuple(
        Subnet(
            id=f"subnet-0{_digest(f'subnet {net} {zone}')}",
            zone_id=f"use1-az{zone}",
            zone_name=f"{REGION}{'abcdef'[zone - 1]}",
            cidr=f"127.{net}.{zone}.0/24",
            vpc_id=vpc_id(net),
        )
        for zone in range(1, MAX_ZONES + 1)
    )


def _digest(text: str) -> str:
    return hashlib.sha256(f"msktop local {text}".encode()).hexdigest()[:16]
