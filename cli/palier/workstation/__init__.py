"""A developer's machine, by Ansible: from a bare Debian to an environment that is proved to work."""
