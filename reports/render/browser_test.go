package render

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a browser may take for one answer, on a machine that does much
// else.
const patience = 3 * time.Minute

// browser is a headless Chromium that is driven by the DevTools protocol over a pipe: no
// port, no library. It can reach no network.
type browser struct {
	t       *testing.T
	to      io.WriteCloser
	mu      sync.Mutex
	next    int
	answers map[int]chan reply
	tabs    map[string]*tab // by session
	over    chan struct{}
}

type reply struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// newBrowser starts one for a test and ends it with the test. The test is skipped, by
// name, where no Chromium is installed.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	if underRace {
		t.Skip("the race detector sees nothing of a browser, and the same test runs without it")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium here: apt-get install chromium")
	}
	theirs, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, theirAnswers, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--headless", "--remote-debugging-pipe", "--user-data-dir=" + profile, "--no-first-run", "--disable-gpu",
		"--disable-dev-shm-usage", "--hide-scrollbars", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "about:blank"}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.ExtraFiles = []*os.File{theirs, theirAnswers} // 3 and 4
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	theirAnswers.Close()
	b := &browser{t: t, to: to, answers: map[int]chan reply{}, tabs: map[string]*tab{}, over: make(chan struct{})}
	go b.listen(from)
	t.Cleanup(func() {
		_, _ = b.ask("", "Browser.close", nil)
		to.Close()
		select {
		case <-b.over:
		case <-time.After(10 * time.Second):
		}
		cancel()
		_ = cmd.Wait()
		os.RemoveAll(profile)
	})
	return b
}

// listen takes answers and events until the browser closes its end.
func (b *browser) listen(from io.ReadCloser) {
	defer close(b.over)
	defer from.Close()
	r := bufio.NewReader(from)
	for {
		line, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			ID        int
			SessionID string
			Method    string
			Params    json.RawMessage
			reply
		}
		if err := json.Unmarshal(line[:len(line)-1], &m); err != nil {
			continue
		}
		b.mu.Lock()
		answer, at := b.answers[m.ID], b.tabs[m.SessionID]
		delete(b.answers, m.ID)
		b.mu.Unlock()
		switch {
		case m.ID > 0 && answer != nil:
			answer <- m.reply
		case m.Method != "" && at != nil:
			at.event(m.Method, m.Params)
		}
	}
}

// ask sends a command and waits for its answer.
func (b *browser) ask(session, method string, params any) (json.RawMessage, error) {
	b.mu.Lock()
	b.next++
	id := b.next
	answer := make(chan reply, 1)
	b.answers[id] = answer
	m := map[string]any{"id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if session != "" {
		m["sessionId"] = session
	}
	text, err := json.Marshal(m)
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case r := <-answer:
		if r.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, r.Error.Message)
		}
		return r.Result, nil
	case <-b.over:
		return nil, fmt.Errorf("%s: the browser ended", method)
	case <-time.After(patience):
		return nil, fmt.Errorf("%s: no answer", method)
	}
}

// tab is one page in the browser.
type tab struct {
	*browser
	session string
	mu      sync.Mutex
	loaded  chan struct{}
	// faults are errors and warnings of the console, and uncaught exceptions; asked are the
	// addresses that the page asked for.
	faults, asked []string
}

// open loads a file and waits until it is there.
func (b *browser) open(path string) *tab {
	b.t.Helper()
	var target struct{ TargetID string }
	b.into(&target, "", "Target.createTarget", map[string]any{"url": "about:blank"})
	var attached struct{ SessionID string }
	b.into(&attached, "", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true})
	t := &tab{browser: b, session: attached.SessionID, loaded: make(chan struct{}, 1)}
	b.mu.Lock()
	b.tabs[t.session] = t
	b.mu.Unlock()
	for _, domain := range []string{"Page.enable", "Runtime.enable", "Log.enable", "Network.enable"} {
		t.do(domain, nil)
	}
	t.do("Page.navigate", map[string]any{"url": "file://" + path})
	select {
	case <-t.loaded:
	case <-time.After(patience):
		b.t.Fatal("the page did not load")
	}
	return t
}

func (b *browser) into(v any, session, method string, params any) {
	b.t.Helper()
	raw, err := b.ask(session, method, params)
	if err != nil {
		b.t.Fatal(err)
	}
	if v != nil {
		if err := json.Unmarshal(raw, v); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (t *tab) do(method string, params any) { t.t.Helper(); t.into(nil, t.session, method, params) }

func (t *tab) event(method string, params json.RawMessage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch method {
	case "Page.loadEventFired":
		select {
		case t.loaded <- struct{}{}:
		default:
		}
	case "Runtime.exceptionThrown", "Log.entryAdded":
		t.faults = append(t.faults, method+": "+string(params))
	case "Runtime.consoleAPICalled":
		if !bytes.Contains(params, []byte(`"type":"log"`)) {
			t.faults = append(t.faults, method+": "+string(params))
		}
	case "Network.requestWillBeSent":
		var p struct{ Request struct{ URL string } }
		if json.Unmarshal(params, &p) == nil {
			t.asked = append(t.asked, p.Request.URL)
		}
	}
}

// complaints returns what the console showed, and the addresses beyond the page itself that
// it asked for.
func (t *tab) complaints() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := append([]string(nil), t.faults...)
	for _, url := range t.asked {
		if !strings.HasPrefix(url, "file:") && !strings.HasPrefix(url, "blob:") && !strings.HasPrefix(url, "data:") {
			out = append(out, "asked for "+url)
		}
	}
	return out
}

// run evaluates JavaScript in the page, waits for a promise, and puts the value into v.
func (t *tab) run(v any, script string) {
	t.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	t.into(&r, t.session, "Runtime.evaluate", map[string]any{"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true})
	if r.ExceptionDetails != nil {
		t.t.Fatalf("%s %s in %.200s", r.ExceptionDetails.Text, r.ExceptionDetails.Exception.Description, script)
	}
	if v != nil {
		if err := json.Unmarshal(r.Result.Value, v); err != nil {
			t.t.Fatalf("%v in %s", err, r.Result.Value)
		}
	}
}

// view is how a page is looked at.
type view struct {
	name          string
	width, height int
	dark, print   bool
}

// look sets size, scheme and medium.
func (t *tab) look(v view) {
	t.t.Helper()
	t.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": v.width, "height": v.height, "deviceScaleFactor": 1, "mobile": v.width < 600})
	scheme, medium := "light", "screen"
	if v.dark {
		scheme = "dark"
	}
	if v.print {
		medium = "print"
	}
	t.do("Emulation.setEmulatedMedia", map[string]any{"media": medium, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
}

// tallest is the height of one picture; a taller page becomes several.
const tallest = 1600

// picture writes the whole page as PNGs into the folder in ANCMBENCH_SCREENSHOTS, if it is
// set.
func (t *tab) picture(name string, width int) {
	t.t.Helper()
	dir := os.Getenv("ANCMBENCH_SCREENSHOTS")
	if dir == "" {
		return
	}
	var height int
	t.run(&height, "document.documentElement.scrollHeight")
	for i, y := 0, 0; y < height; i, y = i+1, y+tallest {
		var shot struct{ Data string }
		t.into(&shot, t.session, "Page.captureScreenshot", map[string]any{"captureBeyondViewport": true,
			"clip": map[string]any{"x": 0, "y": y, "width": width, "height": min(tallest, height-y), "scale": 1}})
		t.write(dir, fmt.Sprintf("%s-%02d.png", name, i), shot.Data)
	}
}

// paper writes the page as a PDF of A4 into the same folder.
func (t *tab) paper(name string) {
	t.t.Helper()
	if dir := os.Getenv("ANCMBENCH_SCREENSHOTS"); dir != "" {
		var pdf struct{ Data string }
		t.into(&pdf, t.session, "Page.printToPDF", map[string]any{"preferCSSPageSize": true, "printBackground": false})
		t.write(dir, name+".pdf", pdf.Data)
	}
}

func (t *tab) write(dir, name, data string) {
	t.t.Helper()
	b, err := base64.StdEncoding.DecodeString(data)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), b, 0o644)
	}
	if err != nil {
		t.t.Fatal(err)
	}
}
