#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An alert over HTTP as its receiver sees it, here Python's: signed so that another implementation of HMAC agrees; kept over
# the receiver's absence and a killed collector; told once; over TLS only to who has a certificate that is right.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs jq python3 openssl timeout

cat > "$work/receiver.py" <<'EOF'
"""Notes each delivery as `ID STATUS SIGNATURE-IS-RIGHT BODY`; answers the statuses in the file `statuses`, then 200."""
import hashlib, hmac, http.server, os, ssl, sys

port, log, secret = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        stamp = self.headers["X-Shmeter-Timestamp"]
        want = "sha256=" + hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        right = hmac.compare_digest(want, self.headers.get("X-Shmeter-Signature", ""))
        status = 200
        if os.path.exists("statuses"):
            lines = open("statuses").read().split()
            status = int(lines.pop(0)) if lines else 200
            open("statuses", "w").write(" ".join(lines))
        with open(log, "a") as out:
            print(self.headers["X-Shmeter-Delivery"], status, right, body.decode().strip(), file=out)
        self.send_response(status)
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", port), Handler)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
EOF
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
receiver=
listens() { python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$port" 2> /dev/null; }
open_receiver() {
  (cd "$work" && exec python3 receiver.py "$port" "$work/delivered" "s3cret of ours" "$@") 2> "$work/receiver.log" &
  receiver=$!
  within 10 listens || die "no receiver: $(cat "$work/receiver.log")"
}
close_receiver() {
  kill "$receiver"
  wait "$receiver" 2> /dev/null || true
}
deliveries() { cat "$work/delivered" 2> /dev/null || true; }
delivered() { [[ $(deliveries | wc -l) == "$1" ]]; }
waits() { [[ $(shmeter alert list --json | jq '[.alerts[].webhooks_pending] | add') == "$1" ]]; }
gone() { ! kill -0 "$1" 2> /dev/null; }
collector() { cat "$XDG_RUNTIME_DIR/shmeter/lock" | grep -oE '[0-9]+' | head -n 1; }

port=$(free_port)
config=$XDG_CONFIG_HOME/shmeter/config.toml
mkdir -p "${config%/*}"
(umask 077 && echo "s3cret of ours" > "$work/secret")
cat > "$config" <<EOF
[[alert]]
name = "high"
when = "five_hour >= 40"
webhook = "http://127.0.0.1:$port/alerts"
webhook_secret_file = "$work/secret"
EOF
use_sample
start_collector

# Nothing is loaded for it before there is something to tell.
pid=$(collector)
grep -q libuv "/proc/$pid/maps" || die "whose maps are these?"
! grep -q 'libcurl\|libcrypto' "/proc/$pid/maps" || die "libcurl is loaded though nothing is sent"

# ---- nobody there: it is kept, also when the collector is killed
shmeter claude < "$work/sample/statusline.json" > /dev/null # 42 % of the five hours
within 10 waits 1 || die "not waiting: $(shmeter alert list --json)"
within 10 grep -q libcurl "/proc/$pid/maps" || die "sent without libcurl?"
kill -KILL "$pid"
within 10 gone "$pid" || die "still there"
waits 1 || die "without a collector: $(shmeter alert list --json)"
shmeter alert list | grep -q 'high.*five_hour >= 40.*fired' || die "$(shmeter alert list)"

# ---- the receiver comes, fails first, and then confirms: one delivery with one id
echo 503 > "$work/statuses"
open_receiver
start_collector
within 20 delivered 2 || die "delivered: $(deliveries)"
within 10 waits 0 || die "still waiting: $(shmeter alert list --json)"
[[ $(deliveries | cut -d ' ' -f 1 | sort -u | wc -l) == 1 ]] || die "two ids: $(deliveries)"
[[ $(deliveries | cut -d ' ' -f 2,3 | paste -sd ,) == "503 True,200 True" ]] || die "signed wrongly: $(deliveries)"
deliveries | tail -n 1 | cut -d ' ' -f 4- | jq -e '.alert == "high" and .value == 42 and .test == false' > /dev/null || die "$(deliveries)"

# ---- what was confirmed is not sent again
stop_collector
start_collector
shmeter claude < "$work/sample/statusline.json" > /dev/null
sleep 2
delivered 2 || die "sent again: $(deliveries)"

# ---- alert test says how it went
[[ $(shmeter alert test high) == "webhook: told" ]] || die "alert test"
deliveries | tail -n 1 | grep -q '200 True.*"test":true' || die "$(deliveries)"
for status in 400 500; do
  echo "$status" > "$work/statuses"
  said=$(shmeter alert test high) && die "alert test: $status is no success"
  [[ $said == "webhook: it answered $status" ]] || die "$said"
done
close_receiver
said=$(shmeter alert test high) && die "alert test: nobody there is no success"
[[ $said == *onnect* ]] || die "$said"

# ---- TLS: a certificate that nobody vouches for gets nothing
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2> /dev/null
cat "$work/key.pem" "$work/cert.pem" > "$work/both.pem"
sed -i 's|http://|https://|' "$config"
open_receiver "$work/both.pem"
before=$(deliveries | wc -l)
said=$(shmeter alert test high) && die "any certificate will do"
[[ $said == *ertificate* ]] || die "$said"
delivered "$before" || die "sent to a stranger: $(deliveries)"
close_receiver

# ---- the secret stays where it is
! grep -rq 's3cret of ours' "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR" "$work/start.log" || die "the secret is told"
! shmeter alert list --json | grep -q s3cret || die "the secret is listed"
stop_collector
