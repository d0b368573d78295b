"""How onboarding goes: five goals of the source document, measured per cohort from GitHub, roster and surveys."""
