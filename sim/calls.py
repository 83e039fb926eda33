"""How does one compiled function call another? With numbers in registers and nothing else.

numba hands over every result by way of memory, beside a status and a place for an exception. Nothing here raises one, so a part that stands apart is
put into a plain function of its own and called as C would call it: about a third of the instructions. What numba makes of it is put in line there.
With ``NUMBA_BOUNDSCHECK=1``, when parts do raise, they are called as numba calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, builtin_registry, signature


def stand_apart(function: Callable[..., Any], compiled: Any) -> None:
    """Wherever compiled code names `function`, it calls `compiled`, the same once numba has it, in a plain function."""

    class _Typed(AbstractTemplate):
        key = function

        def generic(self, args: Any, keywords: Any) -> Any:
            """The types that numba infers."""
            typed = self.context.resolve_function_type(types.Dispatcher(compiled), args, keywords)
            return signature(typed.return_type, *typed.args)

    builtin_registry.globals.append((function, types.Function(_Typed)))

    @lower_builtin(function, types.VarArg(types.Any))
    def _called(context: Any, builder: Any, typed: Any, args: Any) -> Any:
        result = builder.call(_plain(context, builder.module, typed, function, compiled), args)
        return context.get_dummy_value() if typed.return_type == types.none else result


def _plain(context: Any, module: Any, typed: Any, function: Callable[..., Any], compiled: Any) -> Any:
    """The plain function in a module, put there when it is first called from it."""
    made = compiled.overloads[typed.args]
    context.active_code_library.add_linking_library(made.library)
    called = f"{function.__module__}.{function.__name__}.{sha256(repr(typed).encode()).hexdigest()[:8]}"
    if called in module.globals:
        return module.globals[called]
    kinds = [context.get_value_type(kind) for kind in typed.args]
    nothing = typed.return_type == types.none
    result = ir.VoidType() if nothing else context.get_value_type(typed.return_type)
    plain = ir.Function(module, ir.FunctionType(result, kinds), called)
    plain.linkage = "linkonce_odr"
    plain.attributes.add("noinline")
    plain.attributes.add("nounwind")
    builder = ir.IRBuilder(plain.append_basic_block())
    _, value = context.call_internal_no_propagate(builder, made.fndesc, typed, plain.args)
    if nothing:
        builder.ret_void()
    else:
        builder.ret(value)
    return plain
