"""How layers, blocks and functions are called, and what is wrong with a call before it is made."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...errors import SpecError, suggestion
from ...shapetorch.nn.modules.constructor import REQUIRED, argument_text, signature, takes_any
from ...shapetorch.operation import rule_names, torch_name
from .syntax import Block, Expression
from .vocabulary import INFERRED, LAYERS, LAZY


class Parameters(NamedTuple):
    """What is given to a layer, a block or a function.

    Attributes:
        defaults: the parameters and their defaults, `REQUIRED` for one that has none.
        any_number: any number of arguments is taken.
        any_name: arguments of any name are taken.
    """

    defaults: Mapping[str, Any]
    any_number: bool = False
    any_name: bool = False


def parameters(function: Any, is_method: bool = False) -> Parameters:
    """Return the parameters of a layer, block or function; a method has its first argument."""
    if isinstance(function, Block):
        return Parameters(function.parameters)
    defaults = {torch_name(function, name): v for name, v in signature(function).items()}
    named = dict(list(defaults.items())[1:]) if is_method else defaults
    return Parameters(named, *takes_any(function))


def usage(name: str, function: Any, is_method: bool = False) -> str:
    """Write how to call a layer or function: its arguments with their defaults."""
    defaults, *any_more = parameters(function, is_method)
    arguments = [
        parameter if default is REQUIRED else f"{parameter}={_default(default)}"
        for parameter, default in defaults.items()
    ]
    return f"{name}({', '.join([*arguments, *['...'] * any(any_more)])})"


def _default(value: Any) -> str:
    return value.source(value.tree) if isinstance(value, Expression) else argument_text(value)


def wrong_call(
    expression: Expression,
    node: ast.Call,
    function: Any,
    names: Sequence[str],
    is_method: bool = False,
) -> SpecError | None:
    """Return what is wrong with the arguments of a call: they do not exist, or one is missing.

    Args:
        expression: where it is called.
        node: the call.
        function: a layer class, a block or a function.
        names: of the arguments that have one.
        is_method: the function is a tensor's method, which has its first argument already.
    """
    defaults, any_number, any_name = parameters(function, is_method)
    known, count = list(defaults), len(node.args)
    if hasattr(function, "__wrapped__"):
        names = [torch_name(function, name) for name in rule_names(function, names)]
    unknown = [] if any_name else [name for name in names if name not in defaults]
    missing = [name for name in known[count:] if defaults[name] is REQUIRED and name not in names]
    if missing[:1] == known[:1] and _is_inferred(function, known[:1]):
        missing = missing[1:]
    twice = [name for name in known[:count] if name in names]
    too_many = count > len(known) and not any_number
    if not (unknown or missing or twice or too_many):
        return None
    called = expression.source(node.func)
    fix = suggestion(unknown[0], known) if unknown else ""
    if not fix and not is_method:
        fix = layer_meant(expression, node)
    fix = fix or usage(called, function, is_method)
    if unknown:
        keyword = next(keyword for keyword in node.keywords if keyword.arg == unknown[0])
        return expression.fail(keyword, f"{called} has no argument {unknown[0]!r}", fix)
    if too_many:
        wrong = f"takes {len(known)} arguments, but {count} are given"
    elif twice:
        wrong = f"is given {twice[0]!r} twice"
    else:
        wrong = f"lacks the argument {' and '.join(map(repr, missing))}"
    return expression.fail(node, f"{called} {wrong}", fix)


def _is_inferred(function: Any, first: list[str]) -> bool:
    """Return whether the first argument may be left out: the layer takes it from what arrives."""
    return bool(INFERRED.intersection(first)) and getattr(function, "__name__", "") in LAZY


def layer_meant(expression: Expression, node: ast.AST) -> str:
    """Return the layer that a call of a function without a value to work on means, or nothing."""
    if not isinstance(node, ast.Call) or not all(map(_is_number, node.args[:1])):
        return ""
    text = expression.source(node)
    name = text.partition("(")[0].rpartition(".")[2]
    plain = name.replace("_", "").lower()
    layer = next((known for known in LAYERS if known.lower() == plain), name)
    if layer == name:
        return ""
    defaults = signature(LAYERS[layer])
    names = {*list(defaults)[: len(node.args)], *(str(keyword.arg) for keyword in node.keywords)}
    required = {parameter for parameter in defaults if defaults[parameter] is REQUIRED}
    fits = required <= names <= defaults.keys()
    return f"{layer}({text.partition('(')[2]}, the layer" if fits else ""


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
