"""A circuit in the formats of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from attention_surgery.engine.sites import Sender

if TYPE_CHECKING:
    from attention_surgery.analyses.circuit_parts import Edge

GRAPHML = "http://graphml.graphdrawing.org/xmlns"


def mib(
    n_layers: int, n_heads: int, heads: Sequence[Sender], effects: dict[Sender, float]
) -> dict[str, Any]:
    """A circuit of nodes as the Mechanistic Interpretability Benchmark writes one.

    Input, MLPs and logits are in it; `score` is |effect| of a head where that is known.

    Source: Mueller et al. 2025, arXiv:2504.13151; nodes named as in its circuit track.
    """
    chosen = set(heads)
    nodes: dict[str, dict[str, Any]] = {"input": {"in_graph": True}}
    for layer in range(n_layers):
        for head in range(n_heads):
            site = Sender(layer, head)
            node: dict[str, Any] = {"in_graph": site in chosen}
            if site in effects:
                node["score"] = abs(effects[site])
            nodes[f"a{layer}.h{head}"] = node
        nodes[f"m{layer}"] = {"in_graph": True}
    nodes["logits"] = {"in_graph": True}
    cfg = {"n_layers": n_layers, "n_heads": n_heads, "parallel_attn_mlp": False}
    return {"cfg": cfg, "nodes": nodes, "edges": {}}


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
