import pytest
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
@pytest.mark.django_db
def test_x():
    print(make_account(), make_plan())
