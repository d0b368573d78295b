#!/bin/sh
# node.sh FOLDER BIN: the packages of FOLDER.json and FOLDER-lock.json, with the node and npm of BIN.
set -eu
folder=$1
export PATH="$2:$PATH"
rm -rf "$folder"
mkdir -p "$folder"
cp "$folder.json" "$folder/package.json"
cp "$folder-lock.json" "$folder/package-lock.json"
cd "$folder"
# Node brings certificates of its own; a company's proxy has its authority in the system's.
NODE_OPTIONS="${NODE_OPTIONS:-} --use-system-ca" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
touch "$folder/whole"
