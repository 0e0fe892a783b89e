"""Where staff work: the admin site across all apps, and files that bring whole companies in.

Owns: the site, its dashboard and pages that cross apps, imports; no table. Does not own: any figure; it shows what the
apps below say. Calls: every app below. Announces: nothing.
"""
