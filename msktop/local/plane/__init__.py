"""The control plane of a local MSK: a process beside the supervisor that answers the MSK API.

It keeps what AWS would keep (clusters, operations, configurations, tags) and acts through `local.control`
alone: brokers belong to supervisors, so that its own death touches none.
"""
