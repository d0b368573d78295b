"""The steps of onboarding, one module per service."""
