#!/bin/sh
# Stands in for hoprd, and for its metrics, where neither can be had: checks what a node is given, and shows it on the port of the API.
set -eu
# Only the node has a folder for its data. The first process of a container is told to end and does nothing unless it listens.
if [ -z "${HOPRD_DATA:-}" ]; then
  trap 'exit 0' TERM INT
  httpd -f -p 8080 -h / &
  wait
fi

if ! mkdir "$HOPRD_DATA/.running"; then
  echo "a node with this identity runs already" >&2
  exit 1
fi
trap 'rmdir "$HOPRD_DATA/.running"; exit 0' TERM INT
for file in "$HOPRD_IDENTITY" "$HOPRD_CONFIGURATION_FILE_PATH"; do
  [ -s "$file" ] || { echo "$file is missing" >&2; exit 1; }
done
database=$HOPRD_DATA/db/hopr_index.db
# No other folder is anybody's who is not root.
www=$HOPRD_DATA/www
mkdir -p "$HOPRD_DATA/db" "$www"
[ -e "$database" ] || cat /proc/sys/kernel/random/uuid > "$database"

env | sort > "$www/environment"
cp "$HOPRD_IDENTITY" "$www/identity"
cp "$HOPRD_CONFIGURATION_FILE_PATH" "$www/configuration"
cp "$database" "$www/database"
touch "$www/startedz" "$www/readyz" "$www/healthz"
httpd -f -p 3001 -h "$www" &
wait
