"""Test clocks for staff, to look at."""

from django.contrib import admin

from apps.clocks.models import TestClock
from apps.kernel.admin import RecordAdmin


@admin.register(TestClock)
class TestClockAdmin(RecordAdmin):
    __test__ = False  # its name makes pytest take it for a test class

    resource = "test_clocks"
    list_display = ("name", "frozen_time", "status", "created_at")
    search_fields = ("name",)
    empty_hint = "Test clocks are made by POST /v1/test-clocks, in test mode alone."
