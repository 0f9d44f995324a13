package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/html"
	"ancmbench/reports/internal/example"
)

// views are those in which pages are looked at and checked.
var views = []view{
	{name: "laptop", width: 1280, height: 800}, {name: "laptop-dark", width: 1280, height: 800, dark: true},
	{name: "tablet", width: 768, height: 1024}, {name: "phone", width: 390, height: 844},
	{name: "print", width: 718, height: 1018, print: true},
}

// browserPages are one page of each kind.
func browserPages(t *testing.T) map[string]func(io.Writer) error {
	three := example.Three().Run()
	of := func(run *ancmbench.Run) func(io.Writer) error {
		return func(w io.Writer) error { return HTML(w, run, analysed(t, run)) }
	}
	failing := example.GateRun(func(s *example.Scene) { s.Arms[1] = example.ScaledArm(s.Arms[1], 1.2) })
	comparison := compared(t, figures.NamedRun{Label: "1: before", Run: example.StoredRun(1, 8, 1)},
		figures.NamedRun{Label: "2: after", Run: example.StoredRun(2, 8, 1.3)}, figures.NamedRun{Label: "3: mended", Run: example.StoredRun(3, 8, 1)})
	return map[string]func(io.Writer) error{
		"run":       of(three),
		"hops":      of(example.Hops().Run()),
		"breakdown": of(before(t, "rungs")),
		"curve":     of(before(t, "curve")),
		"old":       of(before(t, "smoke")),
		"killed":    of(example.Killed()),
		"empty":     of(&ancmbench.Run{Targets: []ancmbench.TargetInfo{{Name: "a"}, {Name: "b"}}}),
		"gate":      func(w io.Writer) error { return GateHTML(w, judged(t, gate.Gate{}, failing, nil), failing) },
		"compare":   func(w io.Writer) error { return CompareHTML(w, comparison) },
		"load":      func(w io.Writer) error { return html.Load(w, someLoad()) },
	}
}

// someLoad is a load of five seconds with a few failures.
func someLoad() html.Loaded {
	rng := rand.New(rand.NewPCG(2, 3))
	r := &ancmbench.Result{Target: "127.0.0.1:8080", Engine: "wire", Connections: 8, Busy: ancmbench.Seconds(5 * time.Second),
		Response: new(ancmbench.Histogram), Service: new(ancmbench.Histogram), Lag: new(ancmbench.Histogram),
		Outcomes: ancmbench.Outcomes{Due: 5000, Sent: 5000, OK: 4990, Timeout: 3, Status: map[int]int64{503: 7}},
		Failures: []ancmbench.Failure{{Kind: "timeout", Cause: "no whole answer in time", Count: 3}},
		Warnings: []ancmbench.Warning{{Code: ancmbench.WarnErrors, Value: 0.002, Bound: 0.001, Detail: "7 answered by 503"}},
		Checks:   []ancmbench.Check{{Name: "errors_share", Value: 0.002, Bound: 0.001}}}
	for range 5000 {
		d := time.Duration(200e3 * (1 + rng.ExpFloat64()))
		r.Response.Record(d)
		r.Service.Record(d)
		r.Lag.Record(time.Duration(rng.IntN(5000)))
	}
	for i := range 5 {
		p50, p99 := ancmbench.Seconds(330e3+i*5000), ancmbench.Seconds(1e6+i*1e5)
		r.Series = append(r.Series, ancmbench.SecondRow{At: ancmbench.Seconds(i) * ancmbench.Seconds(time.Second), Sent: 1000, Done: 1000, P50: &p50, P99: &p99, Max: 2e6})
	}
	return html.Loaded{Load: ancmbench.Load{Connections: 8, Targets: []ancmbench.Target{{Address: "127.0.0.1:8080"}}}, Result: r,
		Loop: "open loop, poisson, 1,000 requests/s asked", Held: []html.Held{{Said: "threshold p99 <= 5 ms: kept, 1.10 ms", Kept: true}, {Said: "threshold p99 <= 1 ms: broken, 1.10 ms"}}, Took: 5 * time.Second}
}

// stored writes a page to a file.
func stored(t *testing.T, dir, name string, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	path := filepath.Join(dir, name+".html")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// audited pages are audited for accessibility in every view, and all others in the first: an
// audit takes seconds, and pages of all kinds are made of the same parts.
var audited = map[string]bool{"run": true, "gate": true}

// Each kind of page, in a real browser, on a laptop, a tablet, a phone and on paper, in light
// and dark: nothing scrolls sideways, no part is missing, no text of a drawing is cut or lies
// on another, and an audit of accessibility finds nothing. The console stays empty, and the
// page asks for nothing.
func TestPagesInABrowser(t *testing.T) {
	b := newBrowser(t)
	axe, err := os.ReadFile(filepath.Join("testdata", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, write := range browserPages(t) {
		p := b.open(stored(t, dir, name, write))
		p.run(nil, string(axe)+";0")
		for _, v := range views {
			p.look(v)
			for _, fault := range p.faultsOfLayout() {
				t.Errorf("%s, %s: %s", name, v.name, fault)
			}
			if audited[name] || v == views[0] {
				for _, fault := range p.faultsOfAccess() {
					t.Errorf("%s, %s: %s", name, v.name, fault)
				}
			}
			p.picture(name+"-"+v.name, v.width)
		}
		p.paper(name)
		for _, c := range p.complaints() {
			t.Errorf("%s: %s", name, c)
		}
	}
}

// layoutScript returns what is wrong with how the page lies on the screen. Collapsed parts
// are opened, so that all is looked at.
const layoutScript = `(() => {
  const faults = [];
  for (const d of document.querySelectorAll('details')) d.open = true;
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) faults.push('scrolls sideways: ' + document.documentElement.scrollWidth + ' in ' + width);
  const sections = [...document.querySelectorAll('main > section')];
  if (sections.length < 2) faults.push('only ' + sections.length + ' sections');
  const print = matchMedia('print').matches;
  for (const s of sections) {
    const box = s.getBoundingClientRect();
    if ((box.height < 20 || box.width < 100) && !(print && s.id === 'files')) faults.push('section ' + s.id + ' is not visible');
  }
  for (const e of document.querySelectorAll('main *')) {
    if (e.closest('svg') || e.closest('pre')) continue;
    const box = e.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1)) faults.push('<' + e.localName + ' ' + e.className + '> ' + e.textContent.slice(0, 40) + ' ends at ' + box.right + ' of ' + width);
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth) faults.push('<' + e.localName + ' ' + e.className + '> ' + e.textContent.slice(0, 40) + ' is ' + e.scrollWidth + ' wide in ' + e.clientWidth);
  }
  for (const f of document.querySelectorAll('figure')) {
    const drawn = [...f.querySelectorAll('.chart > svg')].filter(s => s.getBoundingClientRect().width > 0);
    if (f.querySelector('.chart') && drawn.length !== 1) faults.push('figure ' + f.id + ' shows ' + drawn.length + ' drawings');
    for (const svg of drawn) {
      const all = svg.getBoundingClientRect();
      const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
      boxes.forEach(([text, a], i) => {
        if (a.left < all.left - 2 || a.right > all.right + 2 || a.top < all.top - 2 || a.bottom > all.bottom + 2) faults.push(f.id + ': "' + text + '" is cut');
        for (const [other, b] of boxes.slice(i + 1)) {
          const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (x > 1 && y > 3) faults.push(f.id + ': "' + text + '" lies on "' + other + '"');
        }
      });
      const small = boxes.length && Math.min(...boxes.map(([, r]) => r.height));
      if (small && small < 8) faults.push(f.id + ': text of ' + small + ' pixels');
    }
  }
  return faults.slice(0, 20);
})()`

func (t *tab) faultsOfLayout() (faults []string) {
	t.t.Helper()
	t.run(&faults, layoutScript)
	return faults
}

// faultsOfAccess returns what axe-core finds.
func (t *tab) faultsOfAccess() (faults []string) {
	t.t.Helper()
	t.run(&faults, `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ': ' + v.help + ': ' +
		v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.html.slice(0, 120) + ' ' + n.failureSummary).join(' | ')))`)
	return faults
}

// The first screen alone has all that supports a decision.
func TestFirstScreen(t *testing.T) {
	b := newBrowser(t)
	run := example.Models().Run()
	p := b.open(stored(t, t.TempDir(), "run", func(w io.Writer) error { return HTML(w, run, analysed(t, run)) }))
	for _, v := range []view{views[0], views[3]} {
		p.look(v)
		var got struct {
			Bottom float64
			Text   string
			Cards  []string
			Shares []string
		}
		p.run(&got, `(() => { const d = document.getElementById('decision'); return {bottom: d.getBoundingClientRect().bottom + scrollY, text: d.innerText + document.querySelector('header').innerText,
			cards: [...d.querySelectorAll('.cards .value')].map(c => c.innerText), shares: [...d.querySelectorAll('.matter tbody tr:first-child td')].map(c => c.innerText)}; })()`)
		if got.Bottom > float64(v.height) {
			t.Errorf("%s: the first screen ends at %v of %d", v.name, got.Bottom, v.height)
		}
		text := strings.ReplaceAll(got.Text, "\u00a0", " ")
		for _, want := range []string{"reference models (Go)", "The loopback penalty at 400 requests/s", "95 % interval", "Does it matter?", "Can it be believed?", "Yes:", "What this does not show", "calculated"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the first screen lacks %q: %s", v.name, want, text)
			}
		}
		if len(got.Cards) != 3 || !strings.HasSuffix(got.Cards[0], "ms") || !strings.HasSuffix(got.Cards[1], "cores") || !strings.HasSuffix(got.Cards[2], "MB") {
			t.Errorf("%s: the figures are %q", v.name, got.Cards)
		}
		if len(got.Shares) != 4 {
			t.Errorf("%s: the shares are %q", v.name, got.Shares)
		}
	}
}

// The button switches the colours, the chart over time zooms by button and by key, and the
// results file comes out of the page as it went in.
func TestWhatThePageDoes(t *testing.T) {
	b := newBrowser(t)
	run := example.Models().Run()
	p := b.open(stored(t, t.TempDir(), "run", func(w io.Writer) error { return HTML(w, run, analysed(t, run)) }))
	p.look(views[0])
	var colours [3]string
	p.run(&colours, `(() => { const c = () => getComputedStyle(document.body).backgroundColor, b = document.getElementById('scheme');
		const out = [c()]; b.click(); out.push(c()); b.click(); out.push(c()); return out; })()`)
	if colours[0] == colours[1] || colours[0] != colours[2] {
		t.Errorf("the button switches %v", colours)
	}

	shown := func() (s struct{ Box, Ticks string }) {
		p.run(&s, `(() => { const v = document.querySelector('.wide-chart svg.zoom'); return {box: v.getAttribute('viewBox'),
			ticks: [...v.parentNode.querySelectorAll('.ticks .tick')].map(t => t.textContent).join(' ')}; })()`)
		return s
	}
	all := shown()
	p.run(nil, `document.querySelector('.zoombar button').click()`)
	in := shown()
	if in.Box == all.Box || in.Ticks == all.Ticks || in.Ticks == "" {
		t.Errorf("the button zooms from %+v to %+v", all, in)
	}
	p.run(nil, `document.querySelector('.zoombar button').focus()`)
	press := func(key string) {
		p.do("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": key, "text": key})
		p.do("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key})
	}
	press("+")
	if further := shown(); further.Box == in.Box {
		t.Errorf("the key + does not zoom in: %+v", further)
	}
	press("0")
	if back := shown(); back.Box != all.Box {
		t.Errorf("the key 0 shows %+v and not %+v", back, all)
	}

	dir := t.TempDir()
	p.into(nil, "", "Browser.setDownloadBehavior", map[string]any{"behavior": "allow", "downloadPath": dir})
	for _, name := range []string{"fresh-starts.csv", "result.json"} {
		p.run(nil, fmt.Sprintf(`[...document.querySelectorAll('button[data-file]')].find(b => b.textContent === %q).click()`, name))
		got := waitForFile(t, filepath.Join(dir, name))
		if name != "result.json" {
			want := filled(t, func(b *bytes.Buffer) error { return CSV(b, run) })
			if string(got) != want {
				t.Errorf("%s of the page: %d bytes, want %d", name, len(got), len(want))
			}
			continue
		}
		path := filepath.Join(dir, name)
		back, err := ancmbench.ReadRun(path)
		if err != nil {
			t.Fatal(err)
		}
		var a, b bytes.Buffer
		if err := JSON(&a, back, analysed(t, back), ""); err != nil {
			t.Fatal(err)
		}
		if err := JSON(&b, run, analysed(t, run), ""); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("the results file of the page says something else (%v)", err)
		}
		if !json.Valid(got) {
			t.Error("the results file of the page is no JSON")
		}
	}
	for _, c := range p.complaints() {
		t.Error(c)
	}
}

// The smallest share of which nothing is known, "< 0.1 % ~", is the longest, and is cut nowhere.
func TestTheLongestShareFits(t *testing.T) {
	run := example.GateRun(func(*example.Scene) {})
	b := newBrowser(t)
	p := b.open(stored(t, t.TempDir(), "same", func(w io.Writer) error { return HTML(w, run, analysed(t, run)) }))
	for _, v := range views {
		p.look(v)
		var said string
		p.run(&said, `[...document.querySelectorAll(".matter td.unknown")].map(td => td.textContent).join("|")`)
		if !strings.Contains(said, "<\u00a00.1") {
			t.Fatalf("%s: the page has no such share: %q", v.name, said)
		}
		var wide int
		p.run(&wide, `Math.max(...[...document.querySelectorAll(".matter td")].map(td => td.scrollWidth - td.clientWidth))`)
		if wide > 0 {
			t.Errorf("%s: a cell is %d pixels too narrow for its share: %s", v.name, wide, said)
		}
	}
}

// waitForFile waits until a download is whole: a browser renames it at its end.
func waitForFile(t *testing.T, path string) []byte {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		if b, err := os.ReadFile(path); err == nil && len(b) > 0 {
			return b
		}
		if time.Now().After(deadline) {
			t.Fatalf("no %s came out of the page", filepath.Base(path))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestPictures takes pictures of the pages named in ANCMBENCH_LOOK, files separated by
// commas, into the folder in ANCMBENCH_SCREENSHOTS.
func TestPictures(t *testing.T) {
	files := os.Getenv("ANCMBENCH_LOOK")
	if files == "" {
		t.Skip("ANCMBENCH_LOOK is not set")
	}
	b := newBrowser(t)
	for file := range strings.SplitSeq(files, ",") {
		p := b.open(file)
		name := filepath.Base(filepath.Dir(file))
		for _, v := range views {
			p.look(v)
			p.picture(name+"-"+v.name, v.width)
			if v.name == views[0].name {
				for _, fault := range p.faultsOfLayout() {
					t.Log(name, fault)
				}
			}
		}
		p.paper(name)
		t.Log(p.complaints())
	}
}
