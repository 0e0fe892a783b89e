"""Admin pages: staff users, edited by Super Admins; API keys, read and revoked."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.access.actions import revoke_api_key
from apps.access.actions.second_factor import forget_tries, take_away
from apps.access.actions.tokens import sign_out_everywhere
from apps.access.models import KNOWN, ApiKey, User
from apps.kernel import clock
from apps.kernel.admin import RecordAdmin, allowed
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


@admin.register(ApiKey)
class ApiKeyAdmin(RecordAdmin):
    """API keys. They are made by the API or the command, which show them once; here they are revoked."""

    resource = "api_keys"
    list_display = ("name", "prefix", "role", "rate_limit", "expires_at", "revoked_at", "last_used_at")
    list_filter = ("role",)
    list_select_related = ("use",)
    search_fields = ("name", "prefix")
    exclude = ("key_hash",)
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered."""
        return allowed(request, self.resource, "write")

    @admin.action(description="Revoke the selected keys at once", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End the selected keys."""
        for key in queryset:
            revoke_api_key(key.pk, at=clock.wall(), actor=request.user.actor)  # type: ignore[union-attr]
        self.message_user(request, "The selected keys are revoked.", messages.SUCCESS)
