"""The API: the same evidence, the same visibility, for programs."""

from tocsin.api.door import TocsinApi
from tocsin.api.routes import alerts, fhir, packages, reports, signals, substances, tables

api = TocsinApi()
api.add_router("/reports", reports.router)
api.add_router("/fhir", fhir.router)
api.add_router("/substances", substances.router)
api.add_router("/resolve", substances.resolve_router)
api.add_router("/signals", signals.router)
api.add_router("/alerts", alerts.router)
api.add_router("/packages", packages.router)
api.add_router("/tables", tables.router)
