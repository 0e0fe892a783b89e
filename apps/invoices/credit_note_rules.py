"""How much of a line can be taken back, and the tax that goes with it: all parts come to the line's own. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from apps.kernel.errors import Invalid, Problem
from apps.kernel.money import rounded, settle


@dataclass(frozen=True)
class Creditable:
    """A line as it was charged, net of discount, and what was taken back of it before by credit notes.

    `prorated`: what credits of unused days took back, net.
    """

    line_id: UUID
    net: int
    tax: int
    credited_net: int = 0
    credited_tax: int = 0
    prorated: int = 0

    @property
    def left(self) -> int:
        """What can still be taken back, net."""
        return max(0, self.net - self.credited_net - self.prorated)

    @property
    def gross_left(self) -> int:
        """The same with its tax."""
        return self.left + self.tax_of(self.left)

    def tax_of(self, net: int) -> int:
        """The tax of taking back `net` more: of all that is taken back by then, less what was before."""
        if not self.net:
            return 0
        return rounded(Fraction(self.tax * (self.credited_net + net), self.net)) - self.credited_tax

    def net_of(self, gross: int) -> int:
        """What of `gross`, which is at most what is left, is net."""
        if gross == self.gross_left:
            return self.left
        return min(self.left, rounded(Fraction(gross * self.net, self.net + self.tax)))


@dataclass(frozen=True)
class Part:
    """What a credit note takes back of a line."""

    line_id: UUID
    net: int
    tax: int


def of_lines(lines: Sequence[Creditable], wanted: Mapping[UUID, int]) -> list[Part]:
    """Take back these net amounts of these lines. Errors: line_unknown, credit_too_large."""
    known = {line.line_id: line for line in lines}
    faults = []
    for index, (line_id, amount) in enumerate(wanted.items()):
        line = known.get(line_id)
        if line is None:
            faults.append(Problem(f"/lines/{index}/line_id", "line_unknown", "The invoice has no such line to credit."))
        elif amount > line.left:
            detail = f"Of this line {line.left} is left to credit, net."
            faults.append(Problem(f"/lines/{index}/amount", "credit_too_large", detail))
    if faults:
        raise Invalid(
            faults[0].code, "The credit note is not valid.", hint="Credit what is left of the lines.", errors=faults
        )
    return [Part(line_id, amount, known[line_id].tax_of(amount)) for line_id, amount in wanted.items()]


def of_amount(lines: Sequence[Creditable], gross: int) -> list[Part]:
    """Take back `gross`, tax included, of all lines in proportion to what is left. Errors: credit_too_large."""
    left = [line.gross_left for line in lines]
    whole = sum(left)
    if gross > whole:
        raise Invalid(
            "credit_too_large",
            f"Of this invoice {whole} is left to credit, tax included; {gross} is more.",
            hint=f"Credit {whole} at most.",
            errors=[Problem("/amount", "credit_too_large", f"At most {whole}.")],
        )
    shares = settle(gross, [Fraction(gross * each, whole) for each in left])
    found = []
    for line, share in zip(lines, shares, strict=True):
        net = line.net_of(share)
        if share:
            found.append(Part(line.line_id, net, share - net))
    return found
