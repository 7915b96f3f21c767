"""The model for ONNX with f̂ and f̂′ as outputs, built node by node: torch's exporter knows no derivative."""

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_runge import __version__
from tui_runge.core.progress import Model, Progress
from tui_runge.export.formats.provenance import model_of, provenance

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

OPSET, IR_VERSION = 17, 8
"""Of 2022: runtimes of the years since read them."""

# erf in float64, which runtimes lack: the rational functions of Moshier's Cephes (ndtr.c), the highest power first.
T = (9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
     5.55923013010394962768e4)  # fmt: skip
U = (1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4,
     4.92673942608635921086e4)  # fmt: skip
P = (2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0, 4.86371970985681366614e1,
     1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3,
     5.57535335369399327526e2)  # fmt: skip
Q = (1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
     1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3,
     5.57535340817727675546e2)  # fmt: skip


class Graph:
    """The nodes and constants of a graph as they are added; what is added is known by the name that is returned."""

    def __init__(self, dtype: np.dtype) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.dtype = dtype
        self._names = (f"v{number}" for number in count())

    def node(self, operation: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """The output of an operation."""
        from onnx import helper

        output = name or next(self._names)
        self.nodes.append(helper.make_node(operation, inputs, [output], **attributes))
        return output

    def constant(self, values: object, dtype: np.dtype | None = None) -> str:
        """An array, of the network's type where no other is given."""
        from onnx import numpy_helper

        name = next(self._names)
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype or self.dtype), name))
        return name

    def one_minus(self, value: str) -> str:
        return self.node("Sub", self.constant(1), value)

    def polynomial(self, coefficients: tuple[float, ...], x: str) -> str:
        """A polynomial of x, the highest power first."""
        value = self.constant(coefficients[0])
        for coefficient in coefficients[1:]:
            value = self.node("Add", self.node("Mul", value, x), self.constant(coefficient))
        return value


def _erf(graph: Graph, x: str) -> str:
    if graph.dtype == np.float32:
        return graph.node("Erf", x)
    size = graph.node("Abs", x)
    square = graph.node("Mul", x, x)
    # Either formula is used where it holds, and kept there from what would overflow elsewhere.
    near_square = graph.node("Min", square, graph.constant(1))
    ratio = graph.node("Div", graph.polynomial(T, near_square), graph.polynomial(U, near_square))
    near = graph.node("Mul", x, ratio)
    far_size = graph.node("Min", graph.node("Max", size, graph.constant(1)), graph.constant(8))
    decay = graph.node("Exp", graph.node("Neg", graph.node("Mul", far_size, far_size)))
    ratio = graph.node("Div", graph.polynomial(P, far_size), graph.polynomial(Q, far_size))
    far = graph.node("Mul", graph.node("Sign", x), graph.one_minus(graph.node("Mul", decay, ratio)))
    return graph.node("Where", graph.node("Less", size, graph.constant(1)), near, far)


def _tanh(graph: Graph, z: str) -> tuple[str, str]:
    s = graph.node("Tanh", z)
    return s, graph.one_minus(graph.node("Mul", s, s))


def _gate(graph: Graph, z: str) -> str:
    """1 / (1 + exp(-z)): onnxruntime's Sigmoid is an approximation that loses a digit of float32."""
    decay = graph.node("Exp", graph.node("Neg", z))
    return graph.node("Reciprocal", graph.node("Add", graph.constant(1), decay))


def _sigmoid(graph: Graph, z: str) -> tuple[str, str]:
    s = _gate(graph, z)
    return s, graph.node("Mul", s, graph.one_minus(s))


def _sin(graph: Graph, z: str) -> tuple[str, str]:
    return graph.node("Sin", z), graph.node("Cos", z)


def _silu(graph: Graph, z: str) -> tuple[str, str]:
    gate = _gate(graph, z)
    s = graph.node("Mul", z, gate)
    return s, graph.node("Mul", gate, graph.node("Add", graph.constant(1), graph.node("Sub", z, s)))


def _gelu(graph: Graph, z: str) -> tuple[str, str]:
    half, root = graph.constant(0.5), graph.constant(np.sqrt(2))
    erf = _erf(graph, graph.node("Div", z, root))
    distribution = graph.node("Mul", half, graph.node("Add", graph.constant(1), erf))
    exponent = graph.node("Neg", graph.node("Mul", half, graph.node("Mul", z, z)))
    density = graph.node("Mul", graph.constant(1 / np.sqrt(2 * np.pi)), graph.node("Exp", exponent))
    return graph.node("Mul", z, distribution), graph.node("Add", distribution, graph.node("Mul", z, density))


def _softplus(graph: Graph, z: str) -> tuple[str, str]:
    decay = graph.node("Exp", graph.node("Neg", graph.node("Abs", z)))
    logarithm = graph.node("Log", graph.node("Add", graph.constant(1), decay))
    return graph.node("Add", graph.node("Relu", z), logarithm), _gate(graph, z)


def _relu(graph: Graph, z: str) -> tuple[str, str]:
    steps = graph.node("Where", graph.node("Greater", z, graph.constant(0)), graph.constant(1), graph.constant(0))
    return graph.node("Relu", z), steps


ACTIVATIONS = {
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "sin": _sin,
    "silu": _silu,
    "gelu": _gelu,
    "softplus": _softplus,
    "relu": _relu,
}
"""What adds each activation function of z and its derivative."""


def files(progress: Progress, stem: str) -> dict[str, bytes]:
    """The model, whose metadata has its provenance."""
    from onnx import helper

    check = [
        "Input x (n, 1) and outputs f and df (n, 1) are float64; the network between is of its own type.",
        'Check: onnxruntime.InferenceSession("FILE").run(None, {"x": x}) against fit.csv of the same export.',
    ]
    model = onnx_model(model_of(progress))
    lines = provenance(progress, check)
    model.doc_string = "\n".join(lines)
    helper.set_model_props(model, {"run": progress.run, "provenance": model.doc_string})
    return {f"{stem}.onnx": model.SerializeToString()}


def onnx_model(model: Model) -> "ModelProto":
    """The graph from x (n, 1) to f and df (n, 1), all float64; the network between is of its own type."""
    from onnx import TensorProto, helper

    graph = Graph(model.stages[0][0].dtype)
    wide = np.dtype(np.float64)
    network_type = helper.np_dtype_to_tensor_dtype(graph.dtype)
    scaling = model.scaling
    x = graph.node("Sub", "x", graph.constant(scaling.x_center, wide))
    x = graph.node("Div", x, graph.constant(scaling.x_scale, wide))
    x = graph.node("Cast", x, to=network_type)
    ones = graph.node("ConstantOfShape", graph.node("Shape", x), value=helper.make_tensor("", network_type, [1], [1]))
    parts = list(_networks(graph, model, x, ones))
    f, df = (graph.node("Sum", *column) for column in zip(*parts, strict=True))
    f = graph.node("Mul", f, graph.constant(scaling.f_scale, wide))
    graph.node("Add", f, graph.constant(scaling.f_center, wide), name="f")
    graph.node("Mul", df, graph.constant(scaling.df_scale, wide), name="df")
    columns = {name: helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["n", 1]) for name in ("x", "f", "df")}
    return helper.make_model(
        helper.make_graph(graph.nodes, "fit", [columns["x"]], [columns["f"], columns["df"]], graph.constants),
        producer_name="runge-tui",
        producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )


def _networks(graph: Graph, model: Model, x: str, ones: str) -> Iterator[tuple[str, str]]:
    """f̂ and f̂' of each network in float64, times the factor before it."""
    from onnx import TensorProto

    for scale, layers in zip(model.scales, model.stages, strict=True):
        h, tangent = x, ones
        for number, layer in enumerate(layers, 1):
            weight = graph.constant(layer[:, :-1].T)
            z = graph.node("Add", graph.node("MatMul", h, weight), graph.constant(layer[:, -1]))
            tangent = graph.node("MatMul", tangent, weight)
            if number == len(layers):
                factor = graph.constant(scale, np.dtype(np.float64))
                value, slope = (graph.node("Cast", each, to=TensorProto.DOUBLE) for each in (z, tangent))
                yield graph.node("Mul", value, factor), graph.node("Mul", slope, factor)
            else:
                h, slope = ACTIVATIONS[model.activation](graph, z)
                tangent = graph.node("Mul", slope, tangent)
