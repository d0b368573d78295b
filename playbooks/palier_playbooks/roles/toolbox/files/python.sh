#!/bin/sh
# python.sh FOLDER: a virtual environment from FOLDER.txt. The file `whole` comes last: without it, begin again.
set -eu
folder=$1
rm -rf "$folder"
python3 -m venv "$folder"
# The system's own certificates: a company's proxy has its authority there, and pip brings others.
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || export PIP_CERT="${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$folder.txt"
sync "$folder" 2>/dev/null || true
touch "$folder/whole"
