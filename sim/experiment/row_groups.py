"""How does one Parquet file grow out of many, without reading any again? Their row groups are put below each other as they are.

A Parquet file is a mark, row groups, a list of contents, its length and the mark again. The list says at which byte each part lies, so
it is read, moved by as many bytes as stand above, and written once at the end. It is in Thrift's compact
protocol, which says of every field its number and type: nothing else need be known of it.
"""

from __future__ import annotations

import struct
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

MARK = b"PAR1"
TAIL = len(MARK) + 4
"""Bytes after the list of contents: its length and the mark."""


class Field(NamedTuple):
    """A value and its type in the protocol. A struct is its fields by number; a list is the type of its elements and these."""

    type: int
    value: Any


Struct = dict[int, Field]

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12
LONG_LIST = 15

# Numbers of fields, as the format names them.
SCHEMA, NUM_ROWS, ROW_GROUPS = 2, 3, 4  # of FileMetaData
COLUMNS, ROW_GROUP_OFFSET, ORDINAL = 1, 5, 7  # of RowGroup
CHUNK_OFFSET, META_DATA, OFFSET_INDEX, COLUMN_INDEX = 2, 3, 4, 6  # of ColumnChunk
DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, BLOOM_FILTER = 9, 10, 11, 14  # of ColumnMetaData


class Below:
    """A Parquet file being written: `add` puts the rows of another below those that are there. All have the same columns.

    It is whole once the `with` block has ended without an error, and needs at least one part.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(MARK)
        self._contents: Struct = {}

    def __enter__(self) -> Below:
        return self

    def add(self, part: bytes) -> None:
        """Put the rows of a Parquet file below.

        Raises:
            ValueError: its columns differ.
        """
        ends = len(part) - TAIL
        begins = ends - int.from_bytes(part[ends : ends + 4], "little")
        contents = _Reader(part, begins).struct()
        by = self._file.tell() - len(MARK)
        groups = contents[ROW_GROUPS].value[1]
        for group in groups:
            _move(group, by)
        self._file.write(memoryview(part)[len(MARK) : begins])
        if not self._contents:
            self._contents = contents
            return
        if contents[SCHEMA] != self._contents[SCHEMA]:
            raise ValueError("a part with other columns than those above it")
        rows = self._contents[NUM_ROWS].value + contents[NUM_ROWS].value
        self._contents[NUM_ROWS] = Field(I64, rows)
        self._contents[ROW_GROUPS].value[1].extend(groups)

    def __exit__(self, error: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        with self._file as file:
            if error is None:
                contents = bytearray()
                _write_struct(contents, self._contents)
                file.write(contents + struct.pack("<I", len(contents)) + MARK)


def _move(group: Struct, by: int) -> None:
    """Let a row group lie so many bytes further on."""
    _shift(group, by, ROW_GROUP_OFFSET)
    group.pop(ORDINAL, None)  # its place in the file, which need not be said
    for chunk in group[COLUMNS].value[1]:
        _shift(chunk, by, CHUNK_OFFSET, OFFSET_INDEX, COLUMN_INDEX)
        _shift(chunk[META_DATA].value, by, DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, BLOOM_FILTER)


def _shift(fields: Struct, by: int, *numbers: int) -> None:
    for number in numbers:
        if number in fields and fields[number].value > 0:
            fields[number] = Field(fields[number].type, fields[number].value + by)


class _Reader:
    def __init__(self, raw: bytes, at: int) -> None:
        self.raw, self.at = raw, at

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.raw[self.at - count : self.at]

    def count(self) -> int:
        found = place = 0
        while True:
            byte = self.raw[self.at]
            self.at += 1
            found |= (byte & 0x7F) << place
            if byte < 0x80:
                return found
            place += 7

    def whole(self) -> int:
        zigzag = self.count()
        return zigzag >> 1 ^ -(zigzag & 1)

    def struct(self) -> Struct:
        fields: Struct = {}
        number = 0
        while head := self.bytes(1)[0]:
            number = number + (head >> 4) if head >> 4 else self.whole()
            kind = head & 0x0F
            fields[number] = Field(kind, kind == TRUE if kind in (TRUE, FALSE) else self.value(kind))
        return fields

    def value(self, kind: int) -> Any:
        if kind in (I16, I32, I64):
            return self.whole()
        if kind == BINARY:
            return self.bytes(self.count())
        if kind in (LIST, SET):
            head = self.bytes(1)[0]
            length = head >> 4 if head >> 4 < LONG_LIST else self.count()
            return (head & 0x0F, [self.value(head & 0x0F) for _ in range(length)])
        if kind == STRUCT:
            return self.struct()
        if kind in (TRUE, FALSE, BYTE):  # a truth in a list takes a byte
            return self.bytes(1)
        if kind == DOUBLE:
            return self.bytes(8)
        raise ValueError(f"type {kind} is in no list of contents of a Parquet file")


def _write_struct(out: bytearray, fields: Struct) -> None:
    before = 0
    for number, (kind, value) in fields.items():
        if 0 < number - before < 16:
            out.append((number - before) << 4 | kind)
        else:
            out.append(kind)
            _write_whole(out, number)
        before = number
        if kind not in (TRUE, FALSE):
            _write_value(out, kind, value)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:
    if kind in (I16, I32, I64):
        _write_whole(out, value)
    elif kind == BINARY:
        _write_count(out, len(value))
        out += value
    elif kind in (LIST, SET):
        element, elements = value
        out.append(min(len(elements), LONG_LIST) << 4 | element)
        if len(elements) >= LONG_LIST:
            _write_count(out, len(elements))
        for one in elements:
            _write_value(out, element, one)
    elif kind == STRUCT:
        _write_struct(out, value)
    else:
        out += value


def _write_whole(out: bytearray, value: int) -> None:
    _write_count(out, value << 1 ^ value >> 63)


def _write_count(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
