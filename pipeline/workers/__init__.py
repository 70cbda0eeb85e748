"""Stages in many processes: workers write requests and read replies, one owner sends and pays.

::

    owner    in the process of the run: hands shards out, answers at its desks, merges what comes
    worker   in a process of a pool: works on shards

They talk over ``pipeline.engine.wire``; ``pipeline.llm.remote`` is a desk as they see it.
"""
