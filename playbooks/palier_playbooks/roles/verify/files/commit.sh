#!/bin/sh
# commit.sh FOLDER: commits in a repository of its own below FOLDER; prints how the signature is, and who committed.
# A key with a passphrase cannot be asked for here: then the commit is not signed, and P stands for its signature.
set -eu
trial=$(mktemp -d "$1/.palier-trial.XXXXXX")
trap 'rm -rf "$trial"' EXIT
cd "$trial"
git init --quiet
export SSH_ASKPASS_REQUIRE=never
if ssh-keygen -y -P '' -f "$HOME/.ssh/id_ed25519" >/dev/null 2>&1 </dev/null; then
    git commit --quiet --allow-empty --message 'Palier tries a commit'
    git --no-pager log -1 --format='%G? %ae'
else
    git -c commit.gpgSign=false commit --quiet --allow-empty --message 'Palier tries a commit'
    git --no-pager log -1 --format='P %ae'
fi
