"""Stages in many processes: workers write requests and read replies, one owner sends and pays.

::

    owner    in the process of the run: hands shards out, answers at its desks, merges what comes
    worker   in a process of a pool: works on shards
    desks    a model's desk, reached from a worker
    wire     the messages between both
"""
