"""Admin pages: staff users, edited by Super Admins; API keys, read."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.access.actions.second_factor import forget_tries, take_away
from apps.access.actions.tokens import sign_out_everywhere
from apps.access.models import KNOWN, ApiKey, User
from apps.access.rules import KeyState
from apps.access.throttling import requests_left
from apps.kernel import clock
from apps.kernel.admin import RecordAdmin, allowed
from apps.kernel.columns import GOOD, NOTHING, QUIET, WARNING, column, label, link, when
from apps.kernel.transactions import unit_of_work

# Roles are made by a migration and mean something in the code only: no page to add others.
admin.site.unregister(Group)


@admin.register(User)
class StaffAdmin(UserAdmin, ModelAdmin):
    """Staff users. Roles in place of permissions; nobody is deleted, for the audit log names them: set inactive."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "role_names", "is_active", "is_superuser", "last_login")
    list_filter = ("groups", "is_active")
    show_full_result_count = False
    list_fullwidth = True
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Roles", {"fields": ("is_active", "is_staff", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined", "second_factor_at")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "usable_password", "password1", "password2")}),
        ("Roles", {"fields": ("is_staff", "groups")}),
    )
    readonly_fields = ("last_login", "date_joined", "second_factor_at")
    actions = ("unlock", "take_second_factor", "sign_out")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With the groups, so that the list asks once for all of them."""
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="roles")
    def role_names(self, user: User) -> str:
        """The names of its roles."""
        return ", ".join(sorted(group.name for group in user.groups.all() if group.name in KNOWN))

    @admin.action(description="Unlock: forget failed tries to sign in", permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let them try again at once."""
        for user in queryset:
            forget_tries(user)
        self.message_user(request, "They can try again.", messages.SUCCESS)

    @admin.action(description="Take away the second factor: the device and its codes are lost", permissions=["change"])
    def take_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Whoever needs one sets it up anew at the next sign-in."""
        for user in queryset:
            take_away(user.pk, actor=request.user.actor)  # type: ignore[union-attr]
        self.message_user(request, "Their second factor is gone.", messages.SUCCESS)

    @admin.action(description="Sign out everywhere: end their tokens", permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End their sign-ins over the API."""
        for user in queryset:
            sign_out_everywhere(user.pk, at=clock.wall(), actor=request.user.actor)  # type: ignore[union-attr]
        self.message_user(request, "Their tokens are refused from now on.", messages.SUCCESS)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As Django's, under the name of who does it."""
        with unit_of_work(request.user.actor):  # type: ignore[union-attr]
            return super().changeform_view(request, *args, **kwargs)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """As Django's, under the name of who does it."""
        with unit_of_work(request.user.actor):  # type: ignore[union-attr]
            return super().user_change_password(request, id, form_url)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return allowed(request, "users", "read")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return allowed(request, "users", "read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return allowed(request, "users", "write")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return allowed(request, "users", "write")

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class KeyStateFilter(admin.SimpleListFilter):
    """Whether it lets in."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("works", "works"), ("overlap", "in overlap"), ("ended", "expired or revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        ended = Q(revoked_at__isnull=False) | Q(expires_at__lte=clock.wall())
        if self.value() == "ended":
            return queryset.filter(ended)
        if self.value() in ("works", "overlap"):
            return queryset.filter(~ended, replacement__isnull=self.value() == "works")
        return queryset


def _state(key: ApiKey) -> SafeString:
    return label(key.state(clock.wall()), TONES[key.state(clock.wall())])


def _left(key: ApiKey) -> object:
    """What is left of the hour that ends now, as `requests_left` has found it."""
    if key.state(clock.wall()) in (KeyState.EXPIRED, KeyState.REVOKED):
        return NOTHING
    if not key.rate_limit:
        return "no limit"
    left = getattr(key, "left", None)
    shown = label("unknown", WARNING) if left is None else f"{left:,}"
    return format_html('<span class="bo-amount">{} of {}</span>', shown, f"{key.rate_limit:,}")


TONES = {
    KeyState.WORKS: GOOD, KeyState.IN_OVERLAP: WARNING, KeyState.EXPIRED: QUIET, KeyState.REVOKED: QUIET,
}  # fmt: skip
STATE = column("state", _state)
LEFT = column("left", _left, "requests left this hour")
LAST_USED = column("last_used_at", lambda key: when(key.last_used_at), "last used")
MODE = column("mode", lambda key: "live" if key.livemode else "test")
FROM = column("allowed_cidrs", lambda key: ", ".join(key.allowed_cidrs) or "any address", "may be used from")
REPLACED_BY = column("replaced_by", lambda key: link(key.replaced_by, key.replaced_by and key.replaced_by.prefix))
REPLACES = column("replaces", lambda key: link(key.replaces, key.replaces and key.replaces.prefix))


@admin.register(ApiKey)
class ApiKeyAdmin(RecordAdmin):
    """API keys, with what they have left of their limit."""

    resource = "api_keys"
    list_display = ("name", "prefix", "role", STATE, LEFT, LAST_USED, "expires_at")
    list_filter = ("role", KeyStateFilter)
    list_select_related = ("use", "replacement")
    search_fields = ("name", "prefix")
    empty_hint = "Nobody has made a key yet, or your filters leave none over."
    fieldsets = (
        ("Key", {"fields": ("name", "prefix", "role", MODE, FROM, "rate_limit")}),
        ("Now", {"fields": (STATE, LEFT, LAST_USED, "expires_at", "revoked_at", REPLACES, REPLACED_BY)}),
        ("Record", {"fields": ("id", "version", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        return super().get_queryset(request).select_related("use", "replacement", "replaces")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With what the keys of this page have left: Redis is asked once for all of them."""
        found = super().get_changelist_instance(request)
        _look(list(found.result_list))
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ApiKey | None:
        """With what it has left."""
        key: ApiKey | None = super().get_object(request, object_id, from_field)
        _look([key] if key else [])
        return key


def _look(keys: Sequence[ApiKey]) -> None:
    left = requests_left(keys)
    for key in keys:
        key.left = left.get(key.pk)  # type: ignore[attr-defined]
