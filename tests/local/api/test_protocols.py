"""The server's side of AWS's protocols against botocore's, which is the client's: over random values."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

from msktop.local.api import shapes, sigv4
from msktop.local.api.messages import ApiError, InvalidInputError, Model, Response, Shape
from msktop.local.api.service import Service
from tests.local.api.values import ACCESS_KEY, SECRET, Values, request_of

ROUNDS = 12
KAFKA = shapes.load("kafka").operation_names
OTHERS = {
    "cloudwatch": ["PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics", "DescribeAlarms"],
    "ec2": ["DescribeSubnets", "DescribeVpcs", "DescribeAvailabilityZones", "DescribeNetworkInterfaces"],
    "sts": ["GetCallerIdentity", "AssumeRole"],
    "sns": ["Publish", "PublishBatch", "CreateTopic"],
}
OPERATIONS = [("kafka", name) for name in KAFKA] + [
    (service, name) for service, names in OTHERS.items() for name in names
]


@cache
def service(name: str) -> tuple[Service, Model]:
    return Service(name, object()), shapes.load(name)


def parsed(response: Response, protocol: str, shape: Shape) -> dict[str, Any]:
    """What boto3 makes of an answer."""
    answer = {"body": response.body, "headers": HeadersDict(response.headers), "status_code": response.status}
    found = dict(create_parser(protocol).parse(answer, shape))
    assert found.pop("ResponseMetadata")["RequestId"] == "the-id"
    return found


def is_full(model: Model) -> bool:
    """Whether its protocol has no way to say that a list is empty."""
    return model.resolved_protocol in ("query", "ec2")


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_what_a_client_sends_is_what_is_read(name: str, operation: str) -> None:
    served, model = service(name)
    expected = model.operation_model(operation)
    if expected.input_shape is None:
        return
    for seed in range(ROUNDS):
        members = Values(seed, full=is_full(model)).structure(expected.input_shape)
        assert not ParamValidator().validate(members, expected.input_shape).has_errors()
        request = request_of(model, expected, members)
        protocol = served.protocol(request)
        found = protocol.operation(request)
        assert found.name == operation
        taken = protocol.members(found, request)
        assert taken == members
        shapes.check(found.input_shape, taken)
        sigv4.verify(request, sigv4.scope(request), {ACCESS_KEY: SECRET}, datetime.now(UTC))


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_what_is_answered_is_what_a_client_reads(name: str, operation: str) -> None:
    served, model = service(name)
    expected = model.operation_model(operation)
    protocol = served.protocol(request_of(model, expected, Values(0).structure(expected.input_shape)))
    for seed in range(ROUNDS):
        shape = expected.output_shape
        output = {} if shape is None else Values(seed).structure(shape)
        response = protocol.answer(expected, output, "the-id")
        assert response.status == expected.http.get("responseCode", 200)
        assert parsed(response, model.resolved_protocol, shape) == output


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_without_a_required_member_it_is_refused(name: str, operation: str) -> None:
    model = service(name)[1]
    shape = model.operation_model(operation).input_shape
    members = Values(1).structure(shape) if shape is not None else {}
    for missing in shape.required_members if shape is not None else ():
        with pytest.raises(InvalidInputError, match="is required") as caught:
            shapes.check(shape, {key: value for key, value in members.items() if key != missing})
        assert caught.value.missing
        assert caught.value.name == shapes.wire_name(shape.members[missing], missing)


@pytest.mark.parametrize("name", ["kafka", *OTHERS])
def test_every_exception_of_the_model_is_raised_as_itself(name: str) -> None:
    served, model = service(name)
    operation = model.operation_model(OTHERS.get(name, KAFKA)[0])
    shape = operation.input_shape
    protocol = served.protocol(request_of(model, operation, Values(0).structure(shape)))
    for error in model.error_shapes:
        response = protocol.refuse(ApiError(error.name, "a < b & ü"), "the-id")
        assert response.status == error.metadata.get("error", {}).get("httpStatusCode", 400)
        told = parsed(response, model.resolved_protocol, shape)["Error"]
        assert told["Message"] == "a < b & ü"
        assert told["Code"] == error.error_code


def test_an_exceptions_members_go_with_it() -> None:
    served, model = service("kafka")
    operation = model.operation_model("ListClusters")
    protocol = served.protocol(request_of(model, operation, {}))
    error = ApiError("ConflictException", "there is one", InvalidParameter="clusterName", Unknown="x")
    response = protocol.refuse(error, "the-id")
    shape = next(s for s in model.error_shapes if s.name == "ConflictException")
    read = create_parser("rest-json").parse(
        {"body": response.body, "headers": HeadersDict(response.headers), "status_code": 409}, shape
    )
    assert read == {"InvalidParameter": "clusterName", "Message": "there is one"}


@pytest.mark.parametrize(
    ("operation", "members", "name"),
    [
        ("ListClusters", {"MaxResults": 101}, "maxResults"),
        ("CreateClusterV2", {"ClusterName": "x" * 65}, "clusterName"),
        ("TagResource", {"ResourceArn": "a"}, "tags"),
        ("ListNodes", {"ClusterArn": "a", "MaxResults": 0}, "maxResults"),
        (
            "UpdateMonitoring",
            {"ClusterArn": "a", "CurrentVersion": "v", "EnhancedMonitoring": "SOME"},
            "enhancedMonitoring",
        ),
    ],
)
def test_values_that_the_model_forbids_are_refused(
    operation: str, members: dict[str, Any], name: str
) -> None:
    shape = service("kafka")[1].operation_model(operation).input_shape
    with pytest.raises(InvalidInputError) as caught:
        shapes.check(shape, members)
    assert caught.value.name == name


def test_a_line_feed_at_the_end_of_a_name_is_not_let_through() -> None:
    shape = next(
        shape
        for shape in (service("kafka")[1].shape_for(name) for name in service("kafka")[1].shape_names)
        if "pattern" in shape.metadata
    )
    shapes.check(shape, "name")
    with pytest.raises(InvalidInputError):
        shapes.check(shape, "name\n")


def test_more_brokers_than_the_outdated_model_knows_are_let_through() -> None:
    shape = service("kafka")[1].operation_model("UpdateBrokerCount").input_shape
    shapes.check(shape, {"ClusterArn": "a", "CurrentVersion": "v", "TargetNumberOfBrokerNodes": 30})
