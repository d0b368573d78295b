#!/bin/sh
# commit.sh FOLDER: commits in a repository of its own below FOLDER, and prints who signed it and committed it.
set -eu
trial=$(mktemp -d "$1/.palier-trial.XXXXXX")
trap 'rm -rf "$trial"' EXIT
cd "$trial"
git init --quiet
git commit --quiet --allow-empty --message 'Palier tries a commit'
git --no-pager log -1 --format='%G? %ae'
