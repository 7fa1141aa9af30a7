#!/bin/sh
# An instance that registers, renews, watches its service, and drains itself when its input ends. Needs curl.
# Usage: client.sh http://localhost:8761 APP ID PORT
server=$1/api/v1 app=$2 me=$3 port=$4
call() { curl -sS -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} "$server$2"; }
register() { call PUT "/instances/$app/$me" '{"host": "localhost", "port": '"$port"', "duration_ms": 15000}' > /dev/null; }
renew() { while sleep 5; do call PUT "/instances/$app/$me/lease" '{}' | grep -q '"status":404' && register; done; }
told() {
  while read -r line; do
    printf '%s\n' "$line" | tr '{' '\n' | sed -n 's/^"kind":"\([a-z]*\)","app":"[^"]*","id":"\([^"]*\)".*/\1 \2/p
      s/^"app":"[^"]*","id":"\([^"]*\)".*"status":"\([A-Z_]*\)","own_status".*/listed \1 \2/p'
  done
}
watch() {
  trap 'kill $(jobs -p) 2> /dev/null; exit' TERM
  while :; do # without a position it begins anew, with the whole list
    curl -sSN -H 'Accept: application/x-ndjson' "$server/stream?query=app:$app&rows=yes" | told & wait $!
    sleep 1
  done
}
register
renew & beats=$!
watch & watching=$!
trap 'kill $beats $watching' EXIT && trap exit TERM INT
cat > /dev/null # until somebody says stop
drain=$(call POST /drain '{"app": "'"$app"'", "id": "'"$me"'", "by": "client.sh", "reason": "it stops", "confirm_empties_zone": true}' |
  sed 's/^{"id":\([0-9]*\).*/\1/')
until call GET "/drains/$drain" | grep -q '"safe_to_stop":true'; do sleep 1; done
call DELETE "/instances/$app/$me" > /dev/null
