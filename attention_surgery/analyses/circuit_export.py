"""A circuit in the formats of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from attention_surgery.engine.sites import Sender

if TYPE_CHECKING:
    from attention_surgery.analyses.circuit_parts import Edge

GRAPHML = "http://graphml.graphdrawing.org/xmlns"


def mib(
    sizes: Mapping[str, int],
    heads: Sequence[Sender],
    effects: Mapping[Sender, float],
    edges: Sequence[Edge],
) -> dict[str, Any]:
    """A circuit as the circuit track of the Mechanistic Interpretability Benchmark reads one.

    Nodes by name and edges by name, as `a0.h1->a5.h5<k>`. Input, MLPs and logits are in every
    circuit and have no score, by which that track keeps them at every size. All edges between
    nodes of the circuit are in it: what is outside is replaced wherever it goes.

    Args:
        sizes: n_layers, n_heads and d_model of the model.
        effects: of the circuit's heads: |effect| is a head's score, of those outside 0.
        edges: paths that were measured: |effect| is an edge's score, of all others 0.

    Source: Mueller et al. 2025 (MIB), arXiv:2504.13151; Hanna et al. 2024 (EAP-IG),
    arXiv:2403.17806, whose `Graph.from_json` reads the file.
    """
    chosen = set(heads)
    nodes: dict[str, dict[str, Any]] = {"input": {"in_graph": True}}
    told: list[str] = []
    sources = ["input"]
    scores = {
        f"{_node(edge.sender)}->{_end(edge.receiver, edge.input)}": abs(edge.effect)
        for edge in edges
    }
    for layer in range(sizes["n_layers"]):
        row = [Sender(layer, head) for head in range(sizes["n_heads"])]
        for head in row:
            nodes[_node(head)] = {"in_graph": head in chosen}
            if effects:
                nodes[_node(head)]["score"] = abs(effects.get(head, 0.0))
        nodes[f"m{layer}"] = {"in_graph": True}
        inside = [head for head in row if head in chosen]
        ends = [_end(head, part) for head in inside for part in "qkv"]
        told += [f"{source}->{end}" for source in sources for end in ends]
        sources += [_node(head) for head in inside]
        told += [f"{source}->m{layer}" for source in sources]
        sources.append(f"m{layer}")
    nodes["logits"] = {"in_graph": True}
    told += [f"{source}->logits" for source in sources]
    written = {name: {"score": scores.get(name, 0.0), "in_graph": True} for name in told}
    return {"cfg": {**sizes, "parallel_attn_mlp": False}, "nodes": nodes, "edges": written}


def _node(head: Sender) -> str:
    return f"a{head.layer}.h{head.head}"


def _end(receiver: Sender | None, part: str | None) -> str:
    return "logits" if receiver is None else f"{_node(receiver)}<{part}>"


def graphml(heads: Sequence[Sender], edges: Sequence[Edge]) -> str:
    """Heads, the logits and the paths between them, for Gephi, yEd, networkx."""
    nodes = "\n".join(
        f'    <node id={quoteattr(str(head))}><data key="layer">{head.layer}</data>'
        f'<data key="head">{head.head}</data></node>'
        for head in heads
    )
    lines = "\n".join(
        f"    <edge source={quoteattr(str(edge.sender))} "
        f"target={quoteattr('logits' if edge.receiver is None else str(edge.receiver))}>"
        f'<data key="input">{edge.input or "logits"}</data>'
        f'<data key="effect">{edge.effect!r}</data></edge>'
        for edge in edges
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="{GRAPHML}">
  <key id="layer" for="node" attr.name="layer" attr.type="int"/>
  <key id="head" for="node" attr.name="head" attr.type="int"/>
  <key id="input" for="edge" attr.name="input" attr.type="string"/>
  <key id="effect" for="edge" attr.name="effect" attr.type="double"/>
  <graph edgedefault="directed">
{nodes}
    <node id="logits"/>
{lines}
  </graph>
</graphml>
"""
