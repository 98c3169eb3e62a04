# SPDX-License-Identifier: MIT
# What dashboard.sh lets a browser see: dashboard.py WORK CLASS... runs those tests against the collector that runs, in
# their order, each class with a browser of its own.
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

from webdriver import Browser

WORK = sys.argv[1]
PICTURES = os.environ["PICTURES"]
RUNTIME = os.environ["XDG_RUNTIME_DIR"] + "/shmeter"
HOSTILE_MODEL = '<img src=y onerror="window.hit=1">'  # of one with a slash the part behind it is the name
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>&lt;b&gt;'
FIRST_PAINT_MS = 1000


def shmeter(*words, stdin=None):
    return subprocess.run(["shmeter", *words], input=stdin, capture_output=True, text=True, check=True).stdout.strip()


def api(target, body=None):
    words = ["curl", "-fsS", "--unix-socket", RUNTIME + "/http.sock", "http://localhost" + target]
    if body is not None:
        words += ["-d", json.dumps(body)]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def status(url, *more):
    """What a program without cookies is told."""
    return subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *more, url], capture_output=True,
                          text=True, check=True).stdout


def post(event_id, **more):
    api("/api/usage/events", {"session_id": "e2e-posted", "event_type": "tokens", "id": event_id, "input_tokens": 1000,
                              "output_tokens": 200, "model": "claude-sonnet-5-5", **more})


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser(WORK)
        cls.addClassCleanup(cls.browser.close)
        cls.link = shmeter("dashboard", "--print")
        cls.browser.open(cls.link)
        cls.wait_for_state("live")

    def tearDown(self):
        """Whatever a test did, nothing of it ran as markup, and nothing was against the page's own policy."""
        self.assertIsNone(self.browser.run("return window.hit ?? null"))
        for line in self.browser.console():
            self.assertNotIn("Content Security Policy", line)
            self.assertNotIn("Uncaught", line)

    @classmethod
    def wait_for_state(cls, name):
        cls.browser.wait(name, lambda: cls.browser.run("return document.body.dataset.state") == name)

    def wait_for_range(self, name):
        self.browser.wait(name, lambda: self.browser.run("return document.body.dataset.range") == name)

    def choose(self, name, value):
        self.browser.run(f"document.querySelector('input[name={name}][value={value}]').click()")

    def assert_cards(self, summary):
        totals = summary["summary"]
        self.assertEqual(self.browser.value("#requests"), totals["totalRequests"])
        self.assertEqual(self.browser.value("#tokens"), totals["totalInputTokens"] + totals["totalOutputTokens"])
        self.assertEqual(self.browser.value("#latency"), totals["avgLatencyMs"])
        measured = summary["measured"]["outcome_requests"]
        success = 100 * (measured - totals["failedRequests"]) / measured if measured else None
        shown = self.browser.value("#success")
        self.assertEqual(shown is None, success is None)
        if success is not None:
            self.assertAlmostEqual(shown, success, 6)
        self.assertAlmostEqual(self.browser.value("#cost"), sum(one["cost_usd"] for one in summary["byModel"]), 9)

    def assert_tables(self, summary):
        rows = self.browser.run("return [...document.querySelectorAll('#accounts tbody tr[data-id]')].map((row) => "
                                "[row.dataset.id, Number(row.cells[1].dataset.value), Number(row.cells[3].dataset.value)])")
        self.assertEqual(rows, [[one["keyId"], one["requestCount"], one["totalTokens"]] for one in summary["byApiKey"]])
        rows = self.browser.run("return [...document.querySelectorAll('#models tbody tr[data-id]')].map((row) => "
                                "[row.dataset.id, Number(row.cells[1].dataset.value), Number(row.cells[4].dataset.value)])")
        self.assertEqual(rows, [[one["model"], one["requests"], one["cost_usd"]] for one in summary["byModel"]])
        rows = self.browser.run("return [...document.querySelectorAll('#errors tbody tr[data-id]')].map((row) => row.dataset.id)")
        self.assertEqual(rows, [one["id"] for one in summary["recentErrors"]])

    def session_rows(self):
        return self.browser.run("return [...document.querySelectorAll('#sessions tbody tr[data-id]')].map((row) => row.dataset.id)")

    def take_pictures(self, name):
        for width, height in ((1440, 900), (360, 740)):
            for scheme in ("light", "dark"):
                self.browser.resize(width, height)
                self.browser.scheme(scheme)
                time.sleep(0.3)  # Chart.js follows the size in the next frame
                self.browser.picture(f"{PICTURES}/{name}-{width}-{scheme}.png")
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width, "scrolls sideways")
        self.browser.scheme("light")
        self.browser.resize(1440, 900)


class Empty(Page):
    def test_nothing_is_said_to_be_nothing_and_not_all_well(self):
        self.assertEqual(self.browser.value("#requests"), 0)
        for card in ("success", "latency"):
            self.assertEqual(self.browser.text(f"#{card}"), "–")
            self.assertIsNone(self.browser.value(f"#{card}"))
        for text in ("No session is known yet", "Nobody asked in this range", "No model was asked", "No errors in this range"):
            self.assertIn(text, self.browser.text("main"))
        self.assertRegex(self.browser.text("#quota"), "unknown|No account is known yet")
        self.assertIn("Not measured", self.browser.text("#alt-latency"))
        self.take_pictures("empty")

    def test_its_port_is_asked_for_and_not_configured(self):
        self.assertRegex(self.link, r"^http://127\.0\.0\.1:\d+/\?once=[0-9a-f]{64}$")
        self.assertEqual(status(self.link.split("?")[0]), "401")


class Memory(Page):
    def test_without_a_store_it_says_so_and_the_rest_is_live(self):
        self.assertIn('[store] keep = "memory"', self.browser.text("#notice"))
        self.assertIsNone(self.browser.value("#requests"), "not known, and not 0")
        post("kept-1", session_id="e2e-kept")
        self.browser.wait("its session", lambda: "e2e-kept" in self.session_rows())


class Sample(Page):
    def test_1_the_first_paint_is_soon(self):
        painted = []
        for _ in range(3):
            self.browser.open(self.browser.address())
            self.wait_for_state("live")
            painted.append(self.browser.run("return performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        filled = self.browser.run("return performance.now()")
        print(f"first contentful paint {sorted(painted)[1]:.0f} ms (of three), filled before {filled:.0f} ms")
        self.assertLessEqual(sorted(painted)[1], FIRST_PAINT_MS)

    def test_2_what_nobody_measured_is_said(self):
        self.assertIsNone(self.browser.value("#latency"))
        self.assertEqual(self.browser.text("#latency-of"), "needs telemetry: shmeter setup otel")
        self.assertIn("needs telemetry: shmeter setup otel", self.browser.text("#alt-latency"))
        self.take_pictures("sample")

    def test_3_figures_are_those_of_the_api_in_every_range(self):
        now = time.time()
        for i in range(40):
            post(f"old-{i}", session_id=f"e2e-{i % 7}", created_at=now - i * 17 * 3600, latency_ms=900 + 40 * i,
                 endpoint=("repl_main_thread", "agent:Explore", "compact")[i % 3], is_error=i % 9 == 4, key="nightly" if i % 5 == 0 else "by hand")
        seen = set()
        for period, group in (("day", "hour"), ("week", "day"), ("week", "hour"), ("month", "day"), ("month", "hour")):
            self.choose("period", period)
            self.choose("groupBy", group)
            self.wait_for_range(f"{period} {group}")
            summary = api(f"/api/usage/summary?period={period}")
            timeline = api(f"/api/usage/timeline?period={period}&groupBy={group}")["timeline"]
            self.browser.wait("every event", lambda: self.browser.value("#requests") == summary["summary"]["totalRequests"])
            self.assert_cards(summary)
            self.assert_tables(summary)
            self.assert_chart_tables(summary, timeline)
            self.assertIn(f"of {summary['measured']['outcome_requests']} requests", self.browser.text("#success-of"))
            self.assertIn(f"{summary['measured']['latency_requests']} of {summary['summary']['totalRequests']} timed", self.browser.text("#latency-of"))
            seen.add((summary["summary"]["totalRequests"], len(self.session_rows())))
            self.assert_sessions(timeline)
        self.assertEqual(len(seen), 3, "each range shows others")
        self.choose("period", "day")
        self.wait_for_range("day hour")
        self.assertTrue(self.browser.run("return document.querySelector('input[name=groupBy][value=day]').disabled"))
        self.choose("period", "month")
        self.wait_for_range("month day")
        self.take_pictures("month")

    def assert_chart_tables(self, summary, timeline):
        for name, want in (("requests", [str(one["requests"]) for one in timeline]),
                           ("tokens", [f"{one['inputTokens']:,}" for one in timeline]),
                           ("latency", [one["avgLatencyMs"] is None for one in timeline]),
                           ("endpoints", [str(one["requestCount"]) for one in summary["byEndpoint"]])):
            shown = self.browser.run("const at = document.querySelector(`details[data-table=${arguments[0]}]`); at.open = true;"
                                     "at.dispatchEvent(new Event('toggle'));"
                                     "return [...at.querySelectorAll('tbody tr')].map((row) => row.cells[1].textContent)", name)
            self.assertEqual([one == "not measured" for one in shown] if name == "latency" else shown, want, name)
            self.browser.run("document.querySelector(`details[data-table=${arguments[0]}]`).open = false", name)

    def assert_sessions(self, timeline):
        self.browser.run("document.querySelector('#all-sessions').click()")
        first = timeline[0]["date"]  # of the collector's time zone, which is the test's
        begins = time.mktime(time.strptime(first[:16], "%Y-%m-%dT%H:%M" if "T" in first else "%Y-%m-%d"))
        want = {one["session_id"] for one in api("/api/sessions")["sessions"] if one["updated_at"] >= begins}
        self.browser.wait(f"the sessions {want}", lambda: set(self.session_rows()) == want)

    def test_3_while_it_waits_it_shows_no_other_ranges_figures(self):
        slow = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
        self.browser.chrome("Network.enable")
        self.browser.chrome("Network.emulateNetworkConditions", latency=1500, **slow)
        self.choose("period", "day")
        self.wait_for_state("loading")
        self.assertEqual(self.browser.text("#state"), "loading…")
        self.assertEqual(self.browser.run("return getComputedStyle(document.querySelector('#requests')).color"), "rgba(0, 0, 0, 0)")
        self.browser.chrome("Network.emulateNetworkConditions", latency=0, **slow)
        self.wait_for_state("live")
        self.wait_for_range("day hour")
        self.choose("period", "month")
        self.wait_for_range("month day")
        self.wait_for_state("live")

    def test_4_limits_and_sessions_are_those_of_the_picture(self):
        account = next(one for one in api("/api/quota")["accounts"] if one["five_hour"])
        here = f"article[data-account='{account['name']}'] .gauge"
        for window in ("five_hour", "seven_day"):
            self.assertEqual(self.browser.value(f"{here}[data-window={window}] data"), account[window]["used_percentage"])
            self.assertRegex(self.browser.text(f"{here}[data-window={window}] small"), r"^resets in \d.* · (\d+% (over|under)|on) pace")
        known = {one["session_id"]: one for one in api("/api/sessions")["sessions"]}
        rows = self.browser.run("return [...document.querySelectorAll('#sessions tbody tr[data-id]')].map((row) => "
                                "[row.dataset.id, row.cells[3].dataset.value ?? null, row.cells[4].dataset.value ?? null])")
        for name, cost, context in rows:
            one = known[name]
            want = one["cost_usd"] if one["cost_usd"] is not None else one["counted_cost_usd"]
            if want == 0 and one["unpriced_tokens"] > 0:
                want = None
            self.assertEqual(None if cost is None else float(cost), want, name)
            self.assertEqual(None if context is None else float(context), one["context"] and one["context"]["used_percentage"], name)

    def test_4_what_has_no_price_is_not_free(self):
        post("no-price", model="a-model-of-tomorrow", session_id="e2e-no-price")
        row = "return document.querySelector('#models tr[data-id=a-model-of-tomorrow]')?.cells[4].textContent"
        self.browser.wait("no price", lambda: self.browser.run(row) == "–")
        self.assertTrue(self.browser.text("#cost").startswith("≥ $"), self.browser.text("#cost"))
        self.assertIn("1.20k tokens have no price", self.browser.text("#cost-of"))

    def test_5_what_is_hostile_stays_text(self):
        with open(f"{WORK}/sample/statusline.json", encoding="utf-8") as sample:
            line = json.load(sample)
        line |= {"session_id": "hostile", "session_name": HOSTILE, "cwd": "/tmp/" + HOSTILE, "transcript_path": ""}
        line["model"] = {"id": HOSTILE_MODEL, "display_name": HOSTILE_MODEL}
        line["workspace"]["current_dir"] = line["cwd"]
        shmeter("claude", stdin=json.dumps(line))
        post("hostile", session_id="hostile", model=HOSTILE_MODEL, endpoint=HOSTILE, key=HOSTILE, is_error=True, latency_ms=5)
        self.browser.wait("the session", lambda: "hostile" in self.session_rows())
        self.browser.wait("its model", lambda: "<img" in self.browser.text("#models"))
        self.browser.wait("its key", lambda: "<img" in self.browser.text("#accounts"))
        self.assertIn("<img", self.browser.text("#sessions"))
        self.browser.wait("its error", lambda: "<img" in self.browser.text("#errors"))
        # What only telemetry can say, by the function that would show it.
        self.browser.run("""const hostile = arguments[0];
            return import('/dashboard/page.js').then(({ showSummary }) => showSummary({
              summary: { totalRequests: 1, failedRequests: 1, avgLatencyMs: null, totalInputTokens: 0, totalOutputTokens: 0 },
              byApiKey: [{ keyId: hostile, keyName: hostile, keyPrefix: hostile, requestCount: 1, successRate: 0, totalTokens: 1, lastUsed: null }],
              byModel: [], latency: { p50Ms: null, p95Ms: null }, measured: { latency_requests: 0, outcome_requests: 1 },
              recentErrors: [{ id: hostile, endpoint: hostile, errorType: hostile, errorMessage: hostile, timestamp: hostile }] }, 0))""", HOSTILE)
        self.assertIn(HOSTILE, self.browser.text("#errors .message"))
        time.sleep(0.2)  # in which an image would have failed to load
        self.assertEqual(self.browser.run("return document.querySelectorAll('main img, main script, main b b').length"), 0)

    def test_6_by_keyboard_and_for_ears(self):
        self.choose("period", "day")
        self.wait_for_range("day hour")
        self.browser.run("document.querySelector('input[name=period]:checked').focus()")
        self.browser.keys("\ue014")  # arrow to the right
        self.wait_for_range("week day")
        unnamed = self.browser.run("""
            const named = (one) => one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.[0]?.textContent.trim();
            return [...document.querySelectorAll('button:not([hidden]), input, summary, canvas')].filter((one) => one.tagName === 'CANVAS'
              ? one.getAttribute('role') !== 'img' || !document.getElementById(one.getAttribute('aria-describedby'))?.textContent
              : !named(one)).map((one) => one.outerHTML)""")
        self.assertEqual(unnamed, [])
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('table')].filter((one) => !one.caption?.textContent).length"), 0)
        self.assertEqual(self.browser.run("return ['header', 'main', 'footer', 'h1'].map((one) => document.querySelectorAll(one).length)"), [1, 1, 1, 1])
        self.assertEqual(self.browser.run("return document.querySelector('#state').getAttribute('aria-live')"), "polite")

    def test_7_the_theme_is_kept(self):
        paper = "return getComputedStyle(document.body).backgroundColor"
        light = self.browser.run(paper)
        self.browser.click("#theme")
        dark = self.browser.run(paper)
        self.assertNotEqual(light, dark)
        self.browser.open(self.browser.address())
        self.assertEqual(self.browser.run(paper), dark)
        self.browser.scheme("dark")
        self.browser.run("localStorage.clear()")
        self.browser.open(self.browser.address())
        self.assertEqual(self.browser.run(paper), dark, "the system's")


class Live(Page):
    def test_1_an_event_appears_by_itself(self):
        before = self.browser.value("#requests")
        self.browser.run("window.mine = 'not loaded again'")
        post("live-1", session_id="e2e-live")
        self.browser.wait("one more", lambda: self.browser.value("#requests") == before + 1, 10)
        self.browser.wait("its session", lambda: "e2e-live" in self.session_rows(), 10)
        self.assertEqual(self.browser.run("return window.mine"), "not loaded again")

    def test_2_without_a_collector_it_says_so_and_goes_on_when_it_is_back(self):
        figures = self.browser.text("#requests")
        os.kill(api("/api/quota")["writer"]["pid"], signal.SIGKILL)
        self.wait_for_state("disconnected")
        self.assertIn("disconnected", self.browser.text("#state"))
        self.assertIn("shmeter daemon status", self.browser.text("#notice"))
        self.assertEqual(self.browser.text("#requests"), figures, "the last ones stay")
        self.browser.picture(f"{PICTURES}/disconnected.png", whole=False)
        shmeter("daemon", "start")
        self.wait_for_state("closed")  # sessions are kept in memory alone
        self.assertIn("shmeter dashboard", self.browser.text("#notice"))
        mine = self.browser.tab()
        self.browser.open(shmeter("dashboard", "--print"))
        self.wait_for_state("live")
        self.browser.go_to(mine)
        self.wait_for_state("live")
        self.assertEqual(self.browser.text("#notice"), "")
        self.browser.wait("figures", lambda: self.browser.text("#requests") == figures)
        post("live-2", session_id="e2e-live")
        self.browser.wait("one more", lambda: int(self.browser.text("#requests")) == int(figures) + 1)


    def test_3_many_pages_do_not_use_up_the_browsers_connections(self):
        address = self.browser.address()
        for _ in range(8):
            self.browser.open("about:blank")
            self.browser.open(address)
            self.browser.wait("live", lambda: self.browser.run("return document.body.dataset.state") == "live", 5)
        mine = self.browser.tab()
        for _ in range(8):
            self.browser.open(address)
            self.browser.wait("live", lambda: self.browser.run("return document.body.dataset.state") == "live", 5)
            self.browser.tab()
        self.browser.go_to(mine)
        post("live-3", session_id="e2e-after-all")
        self.browser.wait("what happened meanwhile", lambda: "e2e-after-all" in self.session_rows(), 5)


class Doors(Page):
    def test_1_a_link_leaves_no_trace_and_opens_once(self):
        self.assertNotIn("once", self.browser.address())
        self.assertEqual(status(self.link), "401")
        self.assertEqual(status(self.link.split("?")[0]), "401")
        self.assertEqual(self.browser.run("return document.cookie"), "", "no script reads it")

    def test_2_the_page_can_not_write(self):
        answer = self.browser.run("return fetch('/api/usage/events', { method: 'POST', body: arguments[0] }).then((got) => got.status)",
                                  '{"session_id":"s","event_type":"message","id":"by-page"}')
        self.assertEqual(answer, 403)

    def test_3_another_port_of_this_machine_gets_nothing_out_of_it(self):
        home = self.browser.address().split("#")[0]

        class Evil(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><title>evil</title>")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        mine = self.browser.tab()
        self.browser.open(f"http://127.0.0.1:{server.server_port}/")
        load = ("const one = document.createElement(arguments[0]); one.src = arguments[1]; document.body.append(one);"
                "return new Promise((done) => { one.onload = () => done('loaded'); one.onerror = () => done('refused') })")
        self.assertEqual(self.browser.run(load, "script", home + "dashboard/theme.js"), "refused")
        self.assertEqual(self.browser.run("return fetch(arguments[0], { credentials: 'include' }).then(() => 'read', () => 'refused')",
                                          home + "api/quota"), "refused")
        self.browser.run(load, "iframe", home)
        self.assertIsNone(self.browser.run("try { return frames[0].document?.title ?? null } catch { return null }"))
        self.browser.console()  # all of that is said there
        server.shutdown()
        server.server_close()
        self.browser.go_to(mine)

    def test_4_new_tokens_close_every_page(self):
        self.browser.console()
        shmeter("token", "rotate")
        self.wait_for_state("closed")
        self.browser.open(self.browser.address().split("#")[0])
        self.assertIn("This page is closed", self.browser.text("body"))
        self.browser.picture(f"{PICTURES}/closed.png", whole=False)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:], "-v"])
