#!/bin/sh
# Makes the certificates of a cluster of containers: an authority of its own, and one certificate for each server with the names that
# it is called by. What is there and good for another 30 days stays, so every start may run it. Below $1:
#   authority/         the key that signs; nobody but this step sees it
#   public/ca.pem      what clients trust
#   <server>/          cert.pem, key.pem, both in server.pem, and ca.pem; for MongoDB the members' shared key, too
set -eu
place=$1
soon=$((30 * 86400))

authority=$place/authority
mkdir -p "$authority" "$place/public"
chmod 0700 "$authority"
if [ ! -s "$authority/ca.pem" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/O=MacJarvis/CN=MacJarvis compose" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$authority/ca.key" -out "$authority/new.pem"
  mv "$authority/new.pem" "$authority/ca.pem"
fi
cp "$authority/ca.pem" "$place/public/ca.pem"
chmod 0644 "$place/public/ca.pem"

# certificate SERVER OWNER NAME…: OWNER is the user that the server's image runs as.
certificate() {
  server=$1 owner=$2
  shift 2
  folder=$place/$server
  mkdir -p "$folder"
  names=DNS:localhost,IP:127.0.0.1
  for name in "$@"; do names=$names,DNS:$name; done
  if ! openssl x509 -in "$folder/cert.pem" -noout -checkend "$soon" >/dev/null 2>&1 ||
    ! openssl verify -CAfile "$authority/ca.pem" "$folder/cert.pem" >/dev/null 2>&1 ||
    [ "$(cat "$folder/names" 2>/dev/null)" != "$names" ]; then
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n' \
      "$names" >"$folder/extensions"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/O=MacJarvis/CN=$server" \
      -keyout "$folder/key.pem" -out "$folder/request.pem"
    openssl x509 -req -in "$folder/request.pem" -CA "$authority/ca.pem" -CAkey "$authority/ca.key" -CAcreateserial -days 397 \
      -extfile "$folder/extensions" -out "$folder/cert.pem"
    rm "$folder/request.pem" "$folder/extensions"
    cat "$folder/cert.pem" "$folder/key.pem" >"$folder/server.pem"
    printf '%s' "$names" >"$folder/names"
  fi
  cp "$authority/ca.pem" "$folder/ca.pem"
  chmod 0600 "$folder/key.pem" "$folder/server.pem"
  # Who is not root tries it out for itself.
  [ "$(id -u)" -ne 0 ] || chown -R "$owner:$owner" "$folder"
}

certificate nats 0 nats-1 nats-2 nats-3 nats
certificate postgres 999 postgres
certificate redis 999 redis
certificate nginx 101 nginx ${PUBLIC_NAME:+"$PUBLIC_NAME"}
certificate elasticsearch 1000 elasticsearch
certificate objects 0 objects
mkdir -p "$place/mongo"
[ -s "$place/mongo/members.key" ] || openssl rand -base64 756 >"$place/mongo/members.key"
chmod 0400 "$place/mongo/members.key"
certificate mongo 999 mongo-1 mongo-2 mongo-3
