"""Settings of the deployment, one concern a file. What differs between deployments comes from the environment."""

from billing_project.settings.apps import *  # noqa: F403
from billing_project.settings.backoffice import *  # noqa: F403
from billing_project.settings.billing import *  # noqa: F403
from billing_project.settings.database import *  # noqa: F403
from billing_project.settings.logging import *  # noqa: F403
from billing_project.settings.mail import *  # noqa: F403
from billing_project.settings.queues import *  # noqa: F403
from billing_project.settings.rest import *  # noqa: F403
from billing_project.settings.security import *  # noqa: F403
from billing_project.settings.stripe import *  # noqa: F403
from billing_project.settings.tax import *  # noqa: F403
from billing_project.settings.webhooks import *  # noqa: F403
