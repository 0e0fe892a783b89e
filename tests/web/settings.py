"""The project's settings with a handful of views of the tests' own, for the server processes of these tests."""

from billing_project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.web.urls"
