"""Three-word conditions and the targets of writes, read from a pathway into the plan's tables."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from sim.pathway import kinds
from sim.plan import UNSET, Attribute, Operator, Put, Ref, Sample, Scope, Term, Write

SCOPES = {"person": Scope.PERSON, "case": Scope.CASE, "subject": Scope.SUBJECT, "allegation": Scope.ALLEGATION}
OPERATORS = {
    "=": Operator.EQUAL,
    "!=": Operator.NOT_EQUAL,
    "<": Operator.LESS,
    "<=": Operator.AT_MOST,
    ">": Operator.MORE,
    ">=": Operator.AT_LEAST,
}
FOLDS = {"max": Put.FOLD_MAX, "min": Put.FOLD_MIN, "count": Put.FOLD_COUNT}


class WordError(ValueError):
    """A word of a condition or write that means nothing here; the message says what would have been right."""


def nearest(name: str, known: list[str] | tuple[str, ...], what: str) -> str:
    """ "no <what> is called …; did you mean …?"."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(known)[:12]) or 'none'}"
    return f"no {what} is called {name!r}; {hint}"


class Words:
    """Reads the words of one pathway.

    Args:
        attributes: of the pathway.
        value: turns the key of a number into its position among the plan's values.
        shift: turns the length by which a date lies later or earlier than now into a distribution.
        caseload: the position of a team with slots.
    """

    def __init__(
        self,
        attributes: tuple[kinds.Attribute, ...],
        value: Callable[[str], int],
        shift: Callable[[kinds.Write], Sample | None],
        caseload: Callable[[str], int],
    ) -> None:
        self.value, self.shift, self.caseload = value, shift, caseload
        self.refs: dict[str, Ref] = {}
        self.declared: dict[str, kinds.Attribute] = {}
        self.tables: list[Attribute] = []
        count = dict.fromkeys(Scope, 0)
        for attribute in attributes:
            scope = SCOPES.get(attribute.name.partition(".")[0])
            if scope is None:
                raise WordError(f"attribute {attribute.name!r} opens with none of {', '.join(SCOPES)}")
            self.refs[attribute.name] = Ref(scope, count[scope])
            self.declared[attribute.name] = attribute
            self.tables.append(Attribute(attribute.name, scope, attribute.levels, UNSET if attribute.date else 0))
            count[scope] += 1

    def ref(self, name: str) -> Ref:
        if name not in self.refs:
            raise WordError(nearest(name, list(self.refs), "attribute"))
        return self.refs[name]

    def level(self, attribute: str, word: str) -> int:
        """A level by name, or a whole number."""
        self.ref(attribute)
        declared = self.declared[attribute]
        if word in declared.levels:
            return declared.levels.index(word)
        if word.lstrip("-").isdigit() and not declared.levels:
            return int(word)
        if declared.levels:
            raise WordError(nearest(word, declared.levels, f"level of {attribute}"))
        raise WordError(
            f"{attribute} is {'a date' if declared.date else 'a count'}; {word!r} is neither a whole number nor a name it can be compared with"
        )

    # --- conditions ---------------------------------------------------------------------------------------------------

    def terms(self, conditions: tuple[str, ...]) -> tuple[Term, ...]:
        return tuple(self.term(condition) for condition in conditions)

    def term(self, condition: str) -> Term:
        words = condition.split()
        every = bool(words) and words[0] == "all"
        if words and words[0] in ("any", "all"):
            words = words[1:]
        if len(words) != 3 or words[1] not in OPERATORS:
            raise WordError(f"a condition is three words, 'attribute {' | '.join(OPERATORS)} value', not {condition!r}")
        left, sign, right = words
        operator = OPERATORS[sign]
        if left.partition(".")[0] not in SCOPES:
            if not right.lstrip("-").isdigit():
                raise WordError(f"the value {left!r} is compared with a whole number, not {right!r}")
            return Term(None, self.value(left), operator, int(right), None, False, every)
        ref = self.ref(left)
        if right == "now":
            return Term(ref, -1, operator, 0, None, True, every)
        if right == "unset":
            return Term(ref, -1, operator, UNSET, None, False, every)
        if "." in right and right.partition(".")[0] in SCOPES:
            other = self.ref(right)
            if other.scope not in (ref.scope, Scope.CASE):
                raise WordError(f"{left} can be compared with an attribute of its own row or of the case, not {right}")
            return Term(ref, -1, operator, 0, other, False, every)
        return Term(ref, -1, operator, self.level(left, right), None, False, every)

    # --- writes -------------------------------------------------------------------------------------------------------

    def write(self, write: kinds.Write) -> Write:
        ref, when, where = self.ref(write.attribute), self.terms(write.when), self.terms(write.where)
        shift, back = self.shift(write), write.earlier is not None
        if isinstance(write.to, str) and write.to.startswith("load "):
            return Write(ref, Put.LOAD, 0, None, -1, when, where, team=self.caseload(write.to.removeprefix("load ")))
        put, constant, source, value = self._target(write)
        return Write(ref, put, constant, source, value, when, where, shift, back)

    def _target(self, write: kinds.Write) -> tuple[Put, int, Ref | None, int]:
        if isinstance(write.to, int):
            return Put.CONSTANT, write.to, None, -1
        words = write.to.split()
        if len(words) == 2 and words[0] in ("value", "count") and words[1].partition(".")[0] not in SCOPES:
            return (Put.VALUE if words[0] == "value" else Put.COUNT), 0, None, self.value(words[1])
        if len(words) == 2 and words[0] in FOLDS:
            return FOLDS[words[0]], 0, self.ref(words[1]), -1
        if len(words) != 1:
            raise WordError(f"{write.attribute} cannot be given {write.to!r}")
        word = words[0]
        if word == "now":
            return Put.NOW, 0, None, -1
        if word == "unset":
            return Put.CONSTANT, UNSET, None, -1
        if word[0] in "+-" and word[1:].isdigit():
            return Put.ADD, int(word), None, -1
        if word in self.refs:
            return Put.ATTRIBUTE, 0, self.refs[word], -1
        return Put.CONSTANT, self.level(write.attribute, word), None, -1
