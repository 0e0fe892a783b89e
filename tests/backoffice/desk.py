"""Staff at their desks, every admin page there is, and what the log says of who did what."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.messages import get_messages
from django.db import connection, models
from django.urls import reverse

from apps.kernel.admin import RecordAdmin


def resource_of(page: Any) -> str:
    """Its row of the role table."""
    return page.resource if isinstance(page, RecordAdmin) else "users"


def lists() -> Iterator[tuple[str, type[models.Model], Any]]:
    """Each list of the admin: its address, its model, its page."""
    for model, page in admin.site._registry.items():
        meta = model._meta
        yield reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"), model, page


def list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def detail(row: Any, page: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def said(answer: Any) -> str:
    """What an action told who asked: the newest message, before it is shown."""
    return [str(message) for message in get_messages(answer.wsgi_request)][-1]


def found(browser: Any, model: type[models.Model], **query: Any) -> set[Any]:
    """The keys of the rows that a list shows."""
    answer = browser.get(list_of(model), query)
    assert answer.status_code == 200, (model, query, answer.status_code, answer.headers.get("Location"))
    return {row.pk for row in answer.context["cl"].result_list}


def actors(table: str, row_id: object, operation: str = "UPDATE") -> set[str]:
    """Under whose names a row was written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor FROM audit_entry WHERE table_name = %s AND row_id = %s AND operation = %s",
            [table, str(row_id), operation],
        )
        return {actor for (actor,) in cursor.fetchall()}
