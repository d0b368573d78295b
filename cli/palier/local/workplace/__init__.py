"""The local cloud's GitHub and Slack: what onboarding needs of them, in the emulator's own process."""
