"""The model as one file of Python that needs NumPy alone."""

from tui_runge.core.progress import Floats, Progress
from tui_runge.core.text import utf8
from tui_runge.export.formats.provenance import float64_note, model_of, provenance

FUNCTIONS = {
    "tanh": """\
def activation(z):
    return np.tanh(z)


def slope(z):
    return 1 - np.tanh(z) ** 2
""",
    "sigmoid": """\
def activation(z):
    return (1 + np.tanh(z / 2)) / 2


def slope(z):
    return activation(z) * (1 - activation(z))
""",
    "sin": """\
def activation(z):
    return np.sin(z)


def slope(z):
    return np.cos(z)
""",
    "silu": """\
def gate(z):
    return (1 + np.tanh(z / 2)) / 2


def activation(z):
    return z * gate(z)


def slope(z):
    return gate(z) * (1 + z * (1 - gate(z)))
""",
    "gelu": """\
def distribution(z):
    return (1 + np.vectorize(math.erf, otypes=[float])(z / math.sqrt(2))) / 2


def activation(z):
    return z * distribution(z)


def slope(z):
    return distribution(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
""",
    "softplus": """\
def activation(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def slope(z):
    return (1 + np.tanh(z / 2)) / 2
""",
    "relu": """\
def activation(z):
    return np.maximum(z, 0)


def slope(z):
    return (z > 0).astype(float)
""",
}
"""Each activation function and its derivative."""
EVALUATION = '''\
def f(x):
    """f at x, a number or an array of any shape."""
    return f_and_df(x)[0]


def f_and_df(x):
    """f and its derivative at x, each of the shape of x."""
    x = np.asarray(x, dtype=float)
    value, derivative = np.zeros(x.size), np.zeros(x.size)
    for scale, layers in NETWORKS:
        h = (x.reshape(1, -1) - X_CENTER) / X_SCALE
        dh = np.ones_like(h)
        for number, layer in enumerate(layers, 1):
            weight, bias = layer[:, :-1], layer[:, -1:]
            z, dz = weight @ h + bias, weight @ dh
            if number < len(layers):
                h, dh = activation(z), slope(z) * dz
        value += scale * z[0]
        derivative += scale * dz[0]
    return (value * F_SCALE + F_CENTER).reshape(x.shape), (derivative * (F_SCALE / X_SCALE)).reshape(x.shape)
'''


def files(progress: Progress, stem: str) -> dict[str, bytes]:
    """The module, whose weights are exact."""
    model = model_of(progress)
    check = [*float64_note(model), f"Check: f_and_df(x) from {stem}.py against fit.csv of the same export."]
    scaling = "".join(f"{name.upper()} = {value!r}\n" for name, value in vars(model.scaling).items())
    pairs = zip(model.scales, model.stages, strict=True)
    networks = "".join(f"    ({float(scale)!r}, [\n{''.join(map(_layer, stage))}    ]),\n" for scale, stage in pairs)
    networks = f"NETWORKS = [\n{networks}]\n"
    imports = "import math\n\n" * ("math." in FUNCTIONS[model.activation]) + "import numpy as np"
    parts = [
        "\n".join(f"# {line}" for line in provenance(progress, check)) + f"\n\n{imports}",
        f"# The networks see (x - X_CENTER) / X_SCALE, and their sum is (f - F_CENTER) / F_SCALE.\n{scaling}\n",
        f"{FUNCTIONS[model.activation]}\n",
        f"{EVALUATION}\n",
        f"# Each network: the factor before it, and its layers, [weights | bias], to be applied in turn.\n{networks}",
    ]
    return {f"{stem}.py": utf8("\n".join(parts))}


def _layer(layer: Floats) -> str:
    rows = "".join(f"            {row!r},\n" for row in layer.astype(float).tolist())
    return f"        np.array([\n{rows}        ]),\n"
