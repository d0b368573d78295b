"""How onboarding goes: five goals, measured per cohort from GitHub, the roster and surveys."""
