"""Minimum cuts of a graph with integer capacities.

The algorithm is that of Boykov and Kolmogorov, "An Experimental Comparison of Min-Cut/Max-Flow Algorithms for Energy
Minimization in Vision", PAMI 2004: a search tree is reused after each augmentation. Theirs grows a tree from the source
and one from the sink. Here only the sink's tree grows: few cells want a new source, so it stays small.

Minimum cuts may not be unique. `take_sink_side` returns the one with the fewest nodes on the sink's side, which depends
on the graph alone and not on the order of augmentations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan.second_stages.photomontage.compiled import compiled

Ints = NDArray[np.int32]

_NO_PARENT, _TERMINAL, _ORPHAN = -1, -2, -3  # special values of a parent arc
_FAR = 2**30


@compiled
def saturate(first: Ints, arcs: Ints, head: Ints, residual: Ints, excess: Ints) -> None:  # noqa: C901, PLR0912, PLR0915
    """Push a maximum flow, in place.

    Edge e has the arcs 2e and 2e + 1, of opposite direction. `head` (2E,) is the node that an arc leads to; the arcs
    that leave node n are `arcs[first[n] : first[n + 1]]`. `residual` (2E,) is the residual capacity of an arc, and
    `excess` (N,) the residual capacity from the source to a node (positive) or from it to the sink (negative).

    A single function, because calls with many arrays are slow in compiled code.
    """
    for arc in range(len(residual)):  # most of the flow goes between neighbours
        node = head[arc ^ 1]
        other = head[arc]
        if excess[node] > 0 and excess[other] < 0:
            flow = min(excess[node], residual[arc], -excess[other])
            excess[node] -= flow
            excess[other] += flow
            residual[arc] -= flow
            residual[arc ^ 1] += flow
    nodes = len(excess)
    parent = np.full(nodes, _NO_PARENT, np.int32)  # arc from a node of the tree to its parent
    stamp = np.zeros(nodes, np.int32)  # when the distance was last valid
    distance = np.zeros(nodes, np.int32)  # to the sink
    queued = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes + 1, np.int32)  # ring buffer of nodes from which the tree may grow
    queue_head = 0
    queue_tail = 0
    orphans = np.empty(2 * nodes + 2, np.int32)  # ring buffer, too
    ring = len(orphans)
    time = 0
    for node in range(nodes):
        if excess[node] < 0:
            parent[node] = _TERMINAL
            distance[node] = 1
            queue[queue_tail] = node
            queue_tail += 1
            queued[node] = True

    while True:
        # Growth: until the tree meets a node with flow left.
        bridge = -1  # the arc from that node to the tree
        while queue_head != queue_tail:
            node = queue[queue_head]
            if parent[node] != _NO_PARENT:
                for position in range(first[node], first[node + 1]):
                    arc = arcs[position]
                    if residual[arc ^ 1] <= 0:
                        continue
                    other = head[arc]
                    if excess[other] > 0:
                        bridge = arc ^ 1
                        break
                    if parent[other] == _NO_PARENT:
                        parent[other] = arc ^ 1
                        stamp[other] = stamp[node]
                        distance[other] = distance[node] + 1
                        if not queued[other]:
                            queue[queue_tail] = other
                            queue_tail = (queue_tail + 1) % (nodes + 1)
                            queued[other] = True
                    elif stamp[other] <= stamp[node] and distance[other] > distance[node]:
                        parent[other] = arc ^ 1
                        stamp[other] = stamp[node]
                        distance[other] = distance[node] + 1
                if bridge >= 0:
                    break
            queued[node] = False
            queue_head = (queue_head + 1) % (nodes + 1)
        if bridge < 0:
            return
        time += 1

        # Augmentation: saturate the path.
        start = head[bridge ^ 1]
        flow = min(residual[bridge], excess[start])
        node = head[bridge]
        while parent[node] != _TERMINAL:
            flow = min(flow, residual[parent[node]])
            node = head[parent[node]]
        flow = min(flow, -excess[node])
        excess[start] -= flow
        residual[bridge] -= flow
        residual[bridge ^ 1] += flow
        orphan_head = 0
        orphan_tail = 0
        node = head[bridge]
        while parent[node] != _TERMINAL:
            arc = parent[node]
            residual[arc] -= flow
            residual[arc ^ 1] += flow
            if residual[arc] == 0:
                parent[node] = _ORPHAN
                orphans[orphan_tail] = node
                orphan_tail += 1
            node = head[arc]
        excess[node] += flow
        if excess[node] == 0:
            parent[node] = _ORPHAN
            orphans[orphan_tail] = node
            orphan_tail += 1

        # Adoption: find new parents for orphans.
        while orphan_head != orphan_tail:
            node = orphans[orphan_head]
            orphan_head = (orphan_head + 1) % ring
            best = _NO_PARENT
            nearest = _FAR
            for position in range(first[node], first[node + 1]):
                arc = arcs[position]
                if residual[arc] <= 0:
                    continue
                other = head[arc]
                if parent[other] == _NO_PARENT:
                    continue
                steps = 0
                there = other
                while True:
                    if stamp[there] == time:
                        steps += distance[there]
                        break
                    up = parent[there]
                    steps += 1
                    if up == _TERMINAL:
                        stamp[there] = time
                        distance[there] = 1
                        break
                    if up < 0:
                        steps = _FAR
                        break
                    there = head[up]
                if steps >= _FAR:
                    continue
                if steps < nearest:
                    best = arc
                    nearest = steps
                there = other
                while stamp[there] != time:
                    stamp[there] = time
                    distance[there] = steps
                    steps -= 1
                    there = head[parent[there]]
            if best != _NO_PARENT:
                parent[node] = best
                stamp[node] = time
                distance[node] = nearest + 1
                continue
            for position in range(first[node], first[node + 1]):
                arc = arcs[position]
                other = head[arc]
                if parent[other] == _NO_PARENT:
                    continue
                if residual[arc] > 0 and not queued[other]:
                    queue[queue_tail] = other
                    queue_tail = (queue_tail + 1) % (nodes + 1)
                    queued[other] = True
                if parent[other] >= 0 and head[parent[other]] == node:
                    parent[other] = _ORPHAN
                    orphans[orphan_tail] = other
                    orphan_tail = (orphan_tail + 1) % ring
            parent[node] = _NO_PARENT


@compiled
def take_sink_side(first: Ints, arcs: Ints, head: Ints, residual: Ints, excess: Ints) -> NDArray[np.bool_]:
    """Return which nodes can still reach the sink after `saturate`, bool (N,)."""
    nodes = len(excess)
    reaches = np.zeros(nodes, np.bool_)
    stack = np.empty(nodes, np.int32)
    count = 0
    for node in range(nodes):
        if excess[node] < 0:
            reaches[node] = True
            stack[count] = node
            count += 1
    while count:
        count -= 1
        node = stack[count]
        for position in range(first[node], first[node + 1]):
            arc = arcs[position]
            other = head[arc]
            if not reaches[other] and residual[arc ^ 1] > 0:
                reaches[other] = True
                stack[count] = other
                count += 1
    return reaches
