"""How are sixty arrays passed as one word? A handle: the address of a block that says where each array begins and how long it is.

Compiled functions take a handle and read ``play.tokens[t].node`` as if it were a tuple of record arrays. Passing the tuple itself would cost
hundreds of words at every call, or, put in line everywhere, minutes of compiling. The block is never written to, which the compiler is told.

Three types make this up. A `HandleType` has tables as attributes; a `TableType` is indexed by one position for each dimension, never from the end; a
row of a record array is a `RowType`, whose fields can be read and written. Whatever is stored in fewer bytes is read as 64 bits, so that
functions are compiled for one kind of whole number only. With ``NUMBA_BOUNDSCHECK=1`` every position is checked.
"""

from __future__ import annotations

import operator
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.core.datamodel import PrimitiveModel, StructModel
from numba.core.imputils import lower_builtin, lower_getattr_generic, lower_setattr_generic
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_getattr, infer_global, signature
from numba.extending import NativeValue, register_model, typeof_impl, unbox

WORDS = 4
"""Of each array in a block: where it begins, and up to three sizes."""
WORD = ir.IntType(64)
BYTE = ir.IntType(8)
EIGHT = 8
"""Bytes of a whole number once it has been read."""
Fields = tuple[tuple[str, np.dtype[Any], int], ...]
"""Name, kind and dimensions of each array of a handle."""


class Handle:
    """The arrays of a tuple as one block. It keeps them alive; they may be written to, but not replaced.

    Those that are `fixed` are not written to while compiled code runs, which the compiler is told.
    """

    def __init__(self, arrays: NamedTuple, *, fixed: bool = False) -> None:
        self.arrays = arrays
        self.block = np.zeros((len(arrays), WORDS), np.int64)
        for row, array in zip(self.block, arrays, strict=True):
            if not array.flags.c_contiguous:
                raise ValueError("a handle takes arrays whose rows lie one after another")
            row[0] = array.ctypes.data
            row[1 : 1 + array.ndim] = array.shape
        self.address = self.block.ctypes.data
        fields = tuple((name, array.dtype, array.ndim) for name, array in zip(arrays._fields, arrays, strict=True))
        self.type = _handle_type(type(arrays).__name__, fields, fixed)

    def __getattr__(self, name: str) -> Any:
        """An array, for functions that are not compiled (``NUMBA_DISABLE_JIT=1``)."""
        return getattr(self.arrays, name).view(np.recarray)


# --- types ------------------------------------------------------------------------------------------------------------


def _brief(called: str, *made_of: object) -> str:
    """A name for what a type is made of. Names of compiled functions spell out the types of what they are given, so long ones weigh more than the code."""
    return f"{called}{sha256(repr(made_of).encode()).hexdigest()[:8]}"


class RowType(types.Type):
    """A row of a record array: where it begins."""

    def __init__(self, kind: np.dtype[Any], fixed: bool) -> None:
        self.kind, self.fixed = kind, fixed
        super().__init__(name=_brief("Row", kind.descr, fixed))


class TableType(types.Type):
    """An array of up to three dimensions."""

    def __init__(self, kind: np.dtype[Any], dimensions: int, fixed: bool) -> None:
        self.kind, self.dimensions, self.fixed = kind, dimensions, fixed
        super().__init__(name=_brief("Table", kind.descr, dimensions, fixed))

    @property
    def item(self) -> types.Type:
        """What is found at a position."""
        return RowType(self.kind, self.fixed) if self.kind.names else _read_as(self.kind)


class HandleType(types.Type):
    """A handle as the compiler sees it."""

    def __init__(self, called: str, fields: Fields, fixed: bool) -> None:
        self.tables = {
            name: (place, TableType(kind, dimensions, fixed)) for place, (name, kind, dimensions) in enumerate(fields)
        }
        super().__init__(name=_brief(called, fields, fixed))


@cache
def _handle_type(called: str, fields: Fields, fixed: bool) -> HandleType:
    return HandleType(called, fields, fixed)


def _read_as(kind: np.dtype[Any]) -> types.Type:
    """The type of a number once it has been read."""
    return {"i": types.int64, "u": types.uint64, "f": types.float64}[kind.kind]


@register_model(RowType)
@register_model(HandleType)
class _Address(PrimitiveModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        super().__init__(manager, kind, BYTE.as_pointer())


@register_model(TableType)
class _Table(StructModel):
    def __init__(self, manager: Any, kind: types.Type) -> None:
        members = [("begins", types.voidptr), ("rows", types.int64), ("columns", types.int64), ("deep", types.int64)]
        super().__init__(manager, kind, members)


@typeof_impl.register(Handle)
def _type_of(value: Handle, _: object) -> HandleType:
    return value.type


@unbox(HandleType)
def _unbox(_: HandleType, value: Any, c: Any) -> NativeValue:
    number = c.pyapi.object_getattr_string(value, "address")
    address = c.pyapi.long_as_longlong(number)
    c.pyapi.decref(number)
    return NativeValue(
        c.builder.inttoptr(address, BYTE.as_pointer()), is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
    )


# --- what may be written of them --------------------------------------------------------------------------------------


@infer_getattr
class _Tables(AttributeTemplate):
    key = HandleType

    def generic_resolve(self, kind: HandleType, name: str) -> Any:
        """A table; None, at which the compiler complains, where there is none of that name."""
        return kind.tables[name][1] if name in kind.tables else None


@infer_getattr
class _Fields(AttributeTemplate):
    key = RowType

    def generic_resolve(self, kind: RowType, name: str) -> Any:
        """The type of a field; None where there is none of that name."""
        return _read_as(kind.kind[name]) if name in (kind.kind.names or ()) else None


def _position(table: TableType) -> types.Type:
    return types.int64 if table.dimensions == 1 else types.UniTuple(types.int64, table.dimensions)


@infer_global(operator.getitem)
class _Get(AbstractTemplate):
    def generic(self, args: Any, _: Any) -> Any:
        """What is found at a position."""
        return signature(args[0].item, args[0], _position(args[0])) if isinstance(args[0], TableType) else None


@infer_global(operator.setitem)
class _Set(AbstractTemplate):
    def generic(self, args: Any, _: Any) -> Any:
        """A number may be put where a number is."""
        if not isinstance(args[0], TableType) or args[0].kind.names:
            return None
        return signature(types.none, args[0], _position(args[0]), args[0].item)


@infer_global(len)
class _Length(AbstractTemplate):
    def generic(self, args: Any, _: Any) -> Any:
        """How many rows a table has."""
        return signature(types.int64, args[0]) if isinstance(args[0], TableType) else None


# --- what becomes of it -----------------------------------------------------------------------------------------------


@lower_getattr_generic(HandleType)
def _get_table(context: Any, builder: Any, kind: HandleType, block: Any, name: str) -> Any:
    place, table_type = kind.tables[name]
    words = builder.bitcast(block, WORD.as_pointer())

    def word(at: int) -> Any:
        loaded = builder.load(cgutils.gep_inbounds(builder, words, place * WORDS + at))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    table = cgutils.create_struct_proxy(table_type)(context, builder)
    table.begins = builder.inttoptr(word(0), BYTE.as_pointer())
    table.rows, table.columns, table.deep = word(1), word(2), word(3)
    return table._getvalue()


@lower_builtin(len, TableType)
def _get_length(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return cgutils.create_struct_proxy(sig.args[0])(context, builder, value=args[0]).rows


def _positions(builder: Any, kind: TableType, position: Any) -> list[Any]:
    return [position] if kind.dimensions == 1 else cgutils.unpack_tuple(builder, position, kind.dimensions)


def _at(context: Any, builder: Any, kind: TableType, value: Any, positions: list[Any]) -> Any:
    """The address of a position."""
    table = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    sizes = [table.rows, table.columns, table.deep][: kind.dimensions]
    offset = positions[0]
    for place, size in zip(positions[1:], sizes[1:], strict=True):
        offset = builder.add(builder.mul(offset, size), place)
    if config.BOUNDSCHECK:
        for place, size in zip(positions, sizes, strict=True):
            with builder.if_then(builder.icmp_unsigned(">=", place, size), likely=False):
                context.call_conv.return_user_exc(builder, IndexError, ("a position outside a table",))
    begins = builder.bitcast(table.begins, BYTE.as_pointer())
    return builder.gep(begins, [builder.mul(offset, WORD(kind.kind.itemsize))], inbounds=True)


def _storage(kind: np.dtype[Any]) -> Any:
    return ir.DoubleType() if kind.kind == "f" else ir.IntType(8 * kind.itemsize)


def _load(builder: Any, kind: np.dtype[Any], address: Any, fixed: bool) -> Any:
    stored = builder.load(builder.bitcast(address, _storage(kind).as_pointer()), align=1)
    if fixed:
        stored.set_metadata("invariant.load", builder.module.add_metadata([]))
    return builder.sext(stored, WORD) if kind.kind == "i" and kind.itemsize < EIGHT else stored


def _store(builder: Any, kind: np.dtype[Any], address: Any, value: Any) -> None:
    if kind.kind == "i" and kind.itemsize < EIGHT:
        value = builder.trunc(value, _storage(kind))
    builder.store(value, builder.bitcast(address, _storage(kind).as_pointer()), align=1)


@lower_builtin(operator.getitem, TableType, types.Any)
def _get_item(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    kind = sig.args[0].kind
    address = _at(context, builder, sig.args[0], args[0], _positions(builder, sig.args[0], args[1]))
    return address if kind.names else _load(builder, kind, address, sig.args[0].fixed)


@lower_builtin(operator.setitem, TableType, types.Any, types.Any)
def _set_item(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    address = _at(context, builder, sig.args[0], args[0], _positions(builder, sig.args[0], args[1]))
    _store(builder, sig.args[0].kind, address, args[2])
    return context.get_dummy_value()


def _field(builder: Any, kind: RowType, row: Any, name: str) -> tuple[np.dtype[Any], Any]:
    assert kind.kind.fields is not None
    stored, offset = kind.kind.fields[name][:2]
    return stored, builder.gep(row, [WORD(offset)], inbounds=True)


@lower_getattr_generic(RowType)
def _get_field(_: Any, builder: Any, kind: RowType, row: Any, name: str) -> Any:
    return _load(builder, *_field(builder, kind, row, name), kind.fixed)


@lower_setattr_generic(RowType)
def _set_field(_: Any, builder: Any, sig: Any, args: Any, name: str) -> None:
    row, value = args
    _store(builder, *_field(builder, sig.args[0], row, name), value)
