"""CloudWatch's metrics: put in, read by period and statistic, listed; in pages as AWS has them."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msktop.local.api.messages import ApiError, Call, Members, Value
from msktop.local.plane import metric_statistics
from msktop.local.plane.metric_store import MINUTE_S, MetricStore, Point, Sample, Series, dimensions

MOST_QUERIES = 500
MOST_DATA_POINTS = 100_800
MOST_STATISTICS = 1_440
_LISTED = 500
_LISTED_S = 14 * 86_400
_RECENT_S = 3 * 3_600
_OLDEST, _NEWEST = timedelta(weeks=2), timedelta(hours=2)
_MOST_METRICS = 1_000
_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_SHORT_PERIODS_S = (1, 5, 10, 30)


class CloudWatch:
    """The operations; each takes and gives members under the model's names. `now` is Unix seconds."""

    def __init__(self, store: MetricStore, region: str, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._region = region
        self._now = now

    # ------------------------------------------------------------------ in

    def put_metric_data(self, call: Call, **given: Value) -> None:
        """Keep custom metrics."""
        namespace = given["Namespace"]
        data = given.get("MetricData", [])
        if namespace.startswith("AWS/"):
            raise _invalid("The value AWS/ for parameter Namespace is invalid.")
        if len(data) > _MOST_METRICS:
            raise _invalid("The collection MetricData must not have a size greater than 1000.")
        points = [(_series_of(namespace, datum), self._point(datum)) for datum in data]
        if call.region == self._region:
            for series, point in points:
                self._store.add(series, point)

    def _point(self, datum: Members) -> Point:
        now = datetime.fromtimestamp(self._now(), UTC)
        at = datum.get("Timestamp", now)
        if not now - _OLDEST <= at <= now + _NEWEST:
            raise _invalid("The parameter Timestamp must be from two weeks ago to two hours from now.")
        samples = _samples(datum)
        if not all(math.isfinite(v) for s in samples for v in (s.total, s.least, s.most, s.count)):
            raise _invalid("The value for parameter Value is not a number.")
        return Point(at.timestamp(), samples, datum.get("Unit", "None"))

    # ------------------------------------------------------------------ out

    def get_metric_data(self, call: Call, **given: Value) -> Members:
        """Many series at once, a page of them at a time."""
        queries = given["MetricDataQueries"]
        start, end = _span(given)
        _check_queries(queries)
        newest_first = given.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        most = min(given.get("MaxDatapoints") or MOST_DATA_POINTS, MOST_DATA_POINTS)
        asked = [query for query in queries if query.get("ReturnData", True)]
        first, offset = _place(given.get("NextToken"), len(asked))
        results: list[Members] = []
        answer: Members = {"MetricDataResults": results, "Messages": []}
        for number in range(first, len(asked)):
            points = self._query(call, asked[number], start, end)
            points = points[::-1] if newest_first else points
            part = points[offset : offset + most]
            is_cut = offset + len(part) < len(points)
            results.append(_result(asked[number], part, is_cut))
            offset, most = (offset + len(part) if is_cut else 0), most - len(part)
            if is_cut or (most <= 0 and number + 1 < len(asked)):
                answer["NextToken"] = f"{number if is_cut else number + 1}:{offset}"
                break
        return answer

    def _query(self, call: Call, query: Members, start: float, end: float) -> list[tuple[int, float]]:
        how = query["MetricStat"]
        metric = how["Metric"]
        series = _series_of(metric.get("Namespace", ""), metric)
        found = self._periods(call, series, start, end, how["Period"], how.get("Unit"))
        values = ((begin, metric_statistics.statistic(how["Stat"], samples)) for begin, samples in found)
        return [(begin, value) for begin, value in values if value is not None]

    def get_metric_statistics(self, call: Call, **given: Value) -> Members:
        """Several statistics of one series."""
        names = given.get("Statistics", [])
        extended = given.get("ExtendedStatistics", [])
        if bool(names) == bool(extended):
            raise ApiError(
                "InvalidParameterCombinationException",
                "Either Statistics or ExtendedStatistics must be given.",
            )
        period_s = given["Period"]
        start, end = _span(given)
        _check_statistics([*names, *extended], period_s)
        if (end - start) / period_s > MOST_STATISTICS:
            message = f"You have requested more than {MOST_STATISTICS} datapoints."
            raise ApiError("InvalidParameterCombinationException", message)
        series = _series_of(given["Namespace"], given)
        found = self._periods(call, series, start, end, period_s, given.get("Unit"))
        points = [_datapoint(begin, samples, names, extended, given.get("Unit")) for begin, samples in found]
        return {"Label": given["MetricName"], "Datapoints": points}

    def _periods(
        self, call: Call, series: Series, start: float, end: float, period_s: int, unit: str | None
    ) -> list[tuple[int, list[Sample]]]:
        if call.region != self._region:
            return []
        begin = start // min(period_s, MINUTE_S) * min(period_s, MINUTE_S)
        return list(metric_statistics.periods(self._store.between(series, begin, end), period_s, unit))

    def list_metrics(self, call: Call, **given: Value) -> Members:
        """The series that there are."""
        since = self._now() - (_RECENT_S if given.get("RecentlyActive") else _LISTED_S)
        found = self._store.names(since) if call.region == self._region else []
        found = [series for series in found if _is_wanted(series, given)]
        first, _ = _place(given.get("NextToken"), len(found))
        answer: Members = {"Metrics": [_metric(series) for series in found[first : first + _LISTED]]}
        if first + _LISTED < len(found):
            answer["NextToken"] = f"{first + _LISTED}:0"
        return answer


# ------------------------------------------------------------------ what was asked, checked


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterValueException", message)


def _refused(message: str) -> ApiError:
    return ApiError("ValidationError", message)


def _span(given: Members) -> tuple[float, float]:
    start, end = given["StartTime"].timestamp(), given["EndTime"].timestamp()
    if start >= end:
        raise _refused("The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def _check_queries(queries: Sequence[Members]) -> None:
    if len(queries) > MOST_QUERIES:
        raise _refused(f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.")
    ids = [query["Id"] for query in queries]
    if len(set(ids)) < len(ids):
        raise _refused("The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        if not _ID.fullmatch(query["Id"]):
            raise _refused(f"The value {query['Id']} for parameter Id is not valid.")
        if "MetricStat" not in query:
            raise _refused(f"msktop local does no expressions, as in the query {query['Id']}.")
        how = query["MetricStat"]
        _check_statistics([how["Stat"]], how["Period"])


def _check_statistics(names: Iterable[str], period_s: int) -> None:
    for name in names:
        if not metric_statistics.is_known(name):
            raise _refused(f"The value {name} for parameter Stat is not supported.")
    if period_s not in _SHORT_PERIODS_S and (period_s <= 0 or period_s % MINUTE_S):
        raise _refused(f"The value {period_s} for parameter Period is not 1, 5, 10, 30 or a multiple of 60.")


def _place(token: str | None, length: int) -> tuple[int, int]:
    """Where the page of this token begins: which item, and how far into it."""
    if token is None:
        return 0, 0
    found = re.fullmatch(r"(\d{1,6}):(\d{1,7})", token, re.ASCII)
    if found is None or int(found[1]) >= length:
        raise ApiError("InvalidNextToken", "The next token specified is invalid.")
    return int(found[1]), int(found[2])


# ------------------------------------------------------------------ members to series and back


def _series_of(namespace: str, metric: Members) -> Series:
    pairs = ((d["Name"], d["Value"]) for d in metric.get("Dimensions", ()))
    return Series(namespace, metric.get("MetricName", ""), dimensions(pairs))


def _samples(datum: Members) -> tuple[Sample, ...]:
    said = datum.get("StatisticValues")
    if said is not None:
        return (Sample(said["Sum"], said["Minimum"], said["Maximum"], said["SampleCount"], is_set=True),)
    if "Value" in datum:
        return (Sample.of(datum["Value"]),)
    values = datum.get("Values", [])
    counts = datum.get("Counts") or [1.0] * len(values)
    if not values or len(values) != len(counts):
        raise _invalid("A datum needs a Value, StatisticValues, or as many Values as Counts.")
    return tuple(Sample.of(value, count) for value, count in zip(values, counts, strict=True))


def _is_wanted(series: Series, given: Members) -> bool:
    if given.get("Namespace", series.namespace) != series.namespace:
        return False
    if given.get("MetricName", series.name) != series.name:
        return False
    own = dict(series.dimensions)
    filters = given.get("Dimensions", ())
    return all(d["Name"] in own and d.get("Value", own[d["Name"]]) == own[d["Name"]] for d in filters)


def _metric(series: Series) -> Members:
    pairs = [{"Name": name, "Value": value} for name, value in series.dimensions]
    return {"Namespace": series.namespace, "MetricName": series.name, "Dimensions": pairs}


def _result(query: Members, points: Sequence[tuple[int, float]], is_cut: bool) -> Members:
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or query["MetricStat"]["Metric"].get("MetricName", ""),
        "Timestamps": [begin for begin, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "PartialData" if is_cut else "Complete",
    }


def _datapoint(
    begin: int, samples: list[Sample], names: Sequence[str], extended: Sequence[str], unit: str | None
) -> dict[str, Any]:
    point: dict[str, Any] = {"Timestamp": begin, "Unit": unit or "None"}
    point |= {name: metric_statistics.statistic(name, samples) for name in names}
    values = {name: metric_statistics.statistic(name, samples) for name in extended}
    return point | (
        {"ExtendedStatistics": {n: v for n, v in values.items() if v is not None}} if values else {}
    )
