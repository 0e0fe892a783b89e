"""What operators enter from the command line: backups that are done, bills."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.monitoring import readings
from apps.monitoring.models import Backup, InfrastructureCost

pytestmark = pytest.mark.django_db
BILL = "item,monthly_dollars,valid_from\nDatabase,220.50,2026-01-01\nWeb,120,2026-01-01\n"


def test_a_backup_that_is_done_is_recorded_and_seen() -> None:
    assert list(readings.last_backup()) == []
    call_command("backup_done", "full", "--bytes", "12", stdout=StringIO())
    row = Backup.objects.get()
    assert list(readings.last_backup()) == [([], row.finished_at.timestamp())]


@pytest.mark.fr("SC-040")
def test_a_bill_is_entered_once_and_the_newest_row_of_an_item_holds(tmp_path: Path) -> None:
    bill, said = tmp_path / "bill.csv", StringIO()
    bill.write_text(BILL)
    for _ in range(2):
        call_command("infrastructure_costs", str(bill), stdout=said)
    assert said.getvalue() == "2 entered, 0 known already\n0 entered, 2 known already\n"
    bill.write_text("item,monthly_dollars,valid_from\nWeb,0,2026-02-01\n")
    call_command("infrastructure_costs", str(bill), stdout=said)
    assert list(readings.infrastructure_cost()) == [([], 220.5)]


@pytest.mark.parametrize(
    "row", ["Web,1.234,2026-01-01", "Web,-1,2026-01-01", ",1,2026-01-01", "Web,x,2026-01-01", "Web,1,x", "Web"]
)
def test_a_bill_with_a_bad_row_enters_nothing(tmp_path: Path, row: str) -> None:
    bill = tmp_path / "bill.csv"
    bill.write_text(BILL + row + "\n")
    with pytest.raises(CommandError, match="line 4"):
        call_command("infrastructure_costs", str(bill))
    assert InfrastructureCost.objects.count() == 0


def test_a_file_of_other_columns_is_refused(tmp_path: Path) -> None:
    bill = tmp_path / "bill.csv"
    bill.write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="has to name"):
        call_command("infrastructure_costs", str(bill))
