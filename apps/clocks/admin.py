"""Test clocks for staff, to look at: where each stands, and how far it is on its way."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.clocks.models import TestClock
from apps.kernel.admin import RecordAdmin
from apps.kernel.columns import NOTHING


@admin.register(TestClock)
class TestClockAdmin(RecordAdmin):
    __test__ = False  # its name makes pytest take it for a test class

    resource = "test_clocks"
    list_display = ("name", "frozen_time", "status", "target", "way", "created_at")
    list_filter = ("status",)
    search_fields = ("name",)
    search_help_text = "Part of a name"
    empty_hint = "Test clocks are made by POST /v1/test-clocks, in test mode alone."
    fields = ("id", "name", "frozen_time", "status", "target", "way", "error", "version", "created_at", "updated_at")

    @admin.display(description="on its way")
    def way(self, clock: TestClock) -> SafeString:
        """What its last advance has done, and what it waits for."""
        done = clock.progress
        if "steps" not in done:
            return NOTHING
        waits = ", ".join(f"{name} ({count})" for name, count in done.get("waiting_for", {}).items())
        text = f"{done['steps']:,} steps, {done.get('pieces', 0):,} pieces of work"
        return format_html("{}", f"{text}; waits for {waits}" if waits else text)
